/*
id: crowds
meaning: >-
  Each crowd (a consignee's phone or an address with more identities than a family): sales, platforms, identities, those
  whose buyer's phone is known, those of them that buy here on a phone that is not theirs (more identities than a family
  use it, or they buy elsewhere, and never on it), and those who reported a sale.
reads: [crowd_uses, identity_orders]
parameters:
  - name: family
    default: 5
    unit: people
    meaning: A buyer's phone with no more identities may be a family's.
    source: Design of rules, consumer end.
    holds_from: 2019-01-01
*/
WITH here AS (
    SELECT label, key, consumer, phone, count(*) AS orders
    FROM crowd_uses
    WHERE phone IS NOT NULL
    GROUP BY label, key, consumer, phone
),
anywhere AS (
    SELECT consumer_key AS consumer, buyer_phone_key AS phone, count(*) AS orders
    FROM sales
    WHERE consumer_key IN (SELECT consumer FROM here)
    GROUP BY consumer_key, buyer_phone_key
),
shared AS (
    SELECT buyer_phone_key AS phone
    FROM sales
    WHERE buyer_phone_key IN (SELECT phone FROM here)
    GROUP BY buyer_phone_key
    HAVING count(DISTINCT consumer_key) > $family
),
identities AS (
    SELECT
        here.label, here.key, here.consumer,
        bool_and(shared.phone IS NOT NULL) AS on_shared_phones,
        max(identity_orders.orders) > sum(here.orders) AND NOT bool_or(anywhere.orders > here.orders) AS on_new_phones
    FROM here
    JOIN identity_orders ON identity_orders.consumer = here.consumer
    JOIN anywhere ON anywhere.consumer = here.consumer AND anywhere.phone = here.phone
    LEFT JOIN shared ON shared.phone = here.phone
    GROUP BY here.label, here.key, here.consumer
),
phones AS (
    SELECT
        label, key, count(*) AS known,
        count(*) FILTER (WHERE on_shared_phones OR on_new_phones) AS strange
    FROM identities
    GROUP BY label, key
),
totals AS (
    SELECT
        label, key, count(*) AS sales, count(DISTINCT crowd_uses.consumer) AS identities,
        count(DISTINCT platform) AS platforms,
        count(DISTINCT crowd_uses.consumer) FILTER (WHERE identity_orders.reports > 0) AS reporting,
        min(platform) AS first_platform
    FROM crowd_uses
    JOIN identity_orders ON identity_orders.consumer = crowd_uses.consumer
    GROUP BY label, key
)
SELECT totals.*, coalesce(phones.known, 0) AS known, coalesce(phones.strange, 0) AS strange
FROM totals
LEFT JOIN phones ON phones.label = totals.label AND phones.key = totals.key
ORDER BY totals.label, totals.key
