/*
id: platform-payment-company
meaning: >-
  How many sales of a platform each payment company settled in the window (no company where none is known); codes
  that are one company on the day of the sale (payment_aliases) count as the one that the others were merged into.
reads: []
parameters: []
*/
WITH RECURSIVE merged AS (
    SELECT payCode AS pay_code, sameAs AS into_code, validFrom AS since, coalesce(validTo, DATE '9999-12-31') AS until
    FROM current_payment_aliases
    UNION
    SELECT
        merged.pay_code, next.sameAs, greatest(merged.since, next.validFrom),
        least(merged.until, coalesce(next.validTo, DATE '9999-12-31'))
    FROM merged
    JOIN current_payment_aliases AS next ON next.payCode = merged.into_code
    WHERE next.validFrom <= merged.until AND merged.since <= coalesce(next.validTo, DATE '9999-12-31')
),
final AS (
    -- Whoever was merged on is passed through; a code that leads back to itself stays what it is.
    SELECT pay_code, coalesce(code_map.canonical, into_code) AS into_company, since, until
    FROM merged
    LEFT JOIN code_map ON code_map.code = into_code
    WHERE into_code NOT IN (SELECT payCode FROM current_payment_aliases)
),
settled AS (
    SELECT sales.sale_id, sales.platform, coalesce(min(final.into_company), min(sales.company)) AS company
    FROM sales
    LEFT JOIN final ON final.pay_code = sales.pay_code AND sales.last_date BETWEEN final.since AND final.until
    WHERE sales.platform IN (SELECT key FROM keys)
    GROUP BY sales.sale_id, sales.platform
)
SELECT platform, company, count(*) AS transactions
FROM settled
GROUP BY platform, company
ORDER BY platform, company NULLS LAST
