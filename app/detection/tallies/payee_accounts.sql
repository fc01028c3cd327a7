/*
id: payee-accounts
meaning: >-
  Accounts that sales of the window were paid into (179 data): behind how many platforms, merchants and sales each
  stands; the payment company through which most of its platforms are paid, with how many of that company's platforms
  are paid into it; whether it is a payment company's own by its holder's code or by the register.
reads: [payee_sales]
parameters: []
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
)
SELECT
    payee_sales.account,
    count(*) AS sales,
    count(DISTINCT platform) AS platforms,
    count(DISTINCT merchant) AS merchants,
    min(main.company) AS main_company,
    coalesce(min(through), 0) AS through,
    coalesce(min(of_company), 0) AS of_company,
    bool_or(settlement) AS settlement
FROM payee_sales
LEFT JOIN main ON main.account = payee_sales.account
GROUP BY payee_sales.account
ORDER BY payee_sales.account
