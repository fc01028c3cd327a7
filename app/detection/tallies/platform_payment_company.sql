/*
id: platform-payment-company
meaning: >-
  How many sales of a platform each payment company settled in the window (no company where none is known); codes
  that are one company on the day of the sale (payment_aliases) count as the one that the others were merged into.
reads: []
parameters: []
*/
WITH merged AS (
    SELECT same.a AS pay_code, same.b AS into_code, same.since, same.until
    FROM same_payment_company AS same
    WHERE same.b NOT IN (SELECT payCode FROM current_payment_aliases)
),
settled AS (
    SELECT sales.sale_id, sales.platform, coalesce(min(code_map.canonical), min(merged.into_code), min(sales.company)) AS company
    FROM sales
    LEFT JOIN merged
        ON merged.pay_code = sales.pay_code AND sales.last_date BETWEEN merged.since AND merged.until
    LEFT JOIN code_map ON code_map.code = merged.into_code
    WHERE sales.platform IN (SELECT key FROM keys)
    GROUP BY sales.sale_id, sales.platform
)
SELECT platform, company, count(*) AS transactions
FROM settled
GROUP BY platform, company
ORDER BY platform, company NULLS LAST
