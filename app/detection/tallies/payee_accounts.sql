/*
id: payee-accounts
meaning: >-
  Accounts that sales of the window were paid into (179 data): behind how many platforms and sales, and behind how many
  merchants with more than a stray sale, each stands; the payment company through which most of its platforms are paid, with how many of that company's platforms
  are paid into it; whether it is a payment company's own by its holder's code or by the register.
reads: [payee_sales]
parameters:
  - name: least
    default: 2
    unit: sales
    meaning: Sales of a merchant that were paid into an account, below which it does not stand behind that merchant.
    source: One payment may be for orders of several merchants of a market; its payee is one of them.
    holds_from: 2019-01-01
  - name: part
    default: 0.02
    unit: share
    meaning: Share of a merchant's sales with payment data, below which an account does not stand behind that merchant.
    source: The same, for merchants who sell much.
    holds_from: 2019-01-01
*/
WITH pair AS (
    SELECT account, company, count(DISTINCT platform) AS platforms
    FROM payee_sales
    WHERE company IS NOT NULL
    GROUP BY account, company
),
reach AS (
    SELECT company, count(DISTINCT platform) AS platforms
    FROM payee_sales
    WHERE company IS NOT NULL
    GROUP BY company
),
main AS (
    SELECT pair.account, pair.company, pair.platforms AS through, reach.platforms AS of_company
    FROM pair
    JOIN reach ON reach.company = pair.company
    QUALIFY row_number() OVER (PARTITION BY pair.account ORDER BY pair.platforms DESC, reach.platforms, pair.company) = 1
),
sold AS (
    SELECT account, count(*) AS merchants
    FROM (FROM payee_sales SELECT account, merchant, count(*) AS sales GROUP BY account, merchant)
    JOIN (FROM payee_sales SELECT merchant, count(*) AS of_all GROUP BY merchant) USING (merchant)
    WHERE sales >= greatest($least, $part * of_all)
    GROUP BY account
)
SELECT
    payee_sales.account,
    count(*) AS sales,
    count(DISTINCT platform) AS platforms,
    coalesce(min(sold.merchants), 1) AS merchants,
    min(main.company) AS main_company,
    coalesce(min(through), 0) AS through,
    coalesce(min(of_company), 0) AS of_company,
    bool_or(settlement) AS settlement
FROM payee_sales
LEFT JOIN main ON main.account = payee_sales.account
LEFT JOIN sold ON sold.account = payee_sales.account
GROUP BY payee_sales.account
ORDER BY payee_sales.account
