/*
id: platform-accounts
meaning: >-
  Accounts behind the orders of each platform in the window: orders of buyers who had ordered there before
  (`again`) and how many of them came from an account that the buyer had not used (`fresh`); orders that name an
  account (`named`) and how many of them name one that more people used than a family has (`shared`); the sender who
  pushes most of its orders (`builder`, where the shop was built with somebody's software).
reads: []
parameters:
  - name: family
    default: 5
    unit: people
    meaning: An account that no more people ordered from is a family's.
    source: Design of rules, a family has at most five.
    holds_from: 2019-01-01
*/
WITH named AS (
    -- The key of an account holds the code of its platform: two codes of one firm have accounts of their own.
    SELECT account_key, consumer_key, min(platform) AS platform, min(ebp_code) AS ebp_code, count(*) AS orders
    FROM window_sales
    WHERE account_key IS NOT NULL AND consumer_key IS NOT NULL
    GROUP BY account_key, consumer_key
),
buyers AS (
    SELECT platform, sum(orders) - 1 AS again, count(*) - 1 AS fresh
    FROM named
    GROUP BY platform, ebp_code, consumer_key
    HAVING sum(orders) > 1
),
accounts AS (
    SELECT platform, sum(orders) AS orders, count(*) AS people FROM named GROUP BY platform, account_key
),
of_buyers AS (
    SELECT platform, sum(again) AS again, sum(fresh) AS fresh FROM buyers GROUP BY platform
),
of_accounts AS (
    SELECT platform, sum(orders) AS named, sum(CASE WHEN people > $family THEN orders ELSE 0 END) AS shared
    FROM accounts
    GROUP BY platform
),
builders AS (
    SELECT platform, order_sender AS builder
    FROM window_sales
    WHERE order_sender IS NOT NULL
    GROUP BY platform, order_sender
    QUALIFY row_number() OVER (PARTITION BY platform ORDER BY count(*) DESC, order_sender) = 1
)
SELECT
    platform, builder,
    CAST(coalesce(again, 0) AS BIGINT) AS again, CAST(coalesce(fresh, 0) AS BIGINT) AS fresh,
    CAST(named AS BIGINT) AS named, CAST(shared AS BIGINT) AS shared, $family AS family
FROM of_accounts
LEFT JOIN of_buyers USING (platform)
LEFT JOIN builders USING (platform)
WHERE platform IN (SELECT key FROM keys)
ORDER BY platform
