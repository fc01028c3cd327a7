/*
id: enterprise-scale
meaning: >-
  What a platform, and a merchant that is no platform itself, sold in the window, how many days ago it was registered and
  with which capital (nothing where the register does not say).
reads: []
parameters: []
*/
WITH registered AS (
    SELECT coalesce(code_map.canonical, firm.code) AS enterprise, registeredAt, registeredCapital
    FROM current_enterprises AS firm
    LEFT JOIN code_map ON code_map.code = firm.code
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(code_map.canonical, firm.code) ORDER BY firm."asOf" DESC, firm.code
    ) = 1
),
sold AS (
    SELECT 'Platform' AS label, platform AS enterprise, count(*) AS sales FROM sales GROUP BY platform
    UNION ALL
    SELECT 'Merchant', merchant, count(*)
    FROM sales ANTI JOIN (SELECT DISTINCT platform FROM sales) AS platforms ON platforms.platform = sales.merchant
    GROUP BY merchant
)
SELECT
    label, sold.enterprise, sales, date_diff('day', registeredAt, CAST($until AS DATE)) AS age, registeredCapital AS capital
FROM sold
LEFT JOIN registered ON registered.enterprise = sold.enterprise
WHERE sold.enterprise IN (SELECT key FROM keys)
ORDER BY label, sold.enterprise
