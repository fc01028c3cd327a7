/*
id: platform-payment-company
meaning: >-
  How many sales of a platform each payment company settled in the window (no company where none is known); codes
  that are one company on the day of the sale (payment_aliases) count as the one that the others were merged into.
reads: [payment_mergers]
parameters: []
*/
WITH settled AS (
    SELECT sales.sale_id, sales.platform, coalesce(min(final.into_company), min(sales.company)) AS company
    FROM sales
    LEFT JOIN payment_mergers AS final
        ON final.pay_code = sales.pay_code AND sales.last_date BETWEEN final.since AND final.until
    WHERE sales.platform IN (SELECT key FROM keys)
    GROUP BY sales.sale_id, sales.platform
)
SELECT platform, company, count(*) AS transactions
FROM settled
GROUP BY platform, company
ORDER BY platform, company NULLS LAST
