/*
id: platform-activity
meaning: How much a platform sold in the window, and since when and until when the ledger knows it.
reads: []
parameters: []
*/
SELECT
    platform,
    count(*) FILTER (WHERE $since IS NULL OR last_date > $since) AS window_sales,
    min(first_date) AS first_sale,
    max(last_date) AS last_sale
FROM all_sales
WHERE last_date <= $until AND platform IN (SELECT key FROM keys)
GROUP BY platform
ORDER BY platform
