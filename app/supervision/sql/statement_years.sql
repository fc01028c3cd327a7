-- What a person used of the limit, a row a year, and how much of that still awaits an answer of customs.
SELECT
    quota.year, quota.annual_limit AS limit, quota.used, quota.given_back,
    money(CASE WHEN quota.annual_limit IS NOT NULL THEN greatest(quota.annual_limit - quota.used, 0) END) AS left_at_most,
    quota.sales,
    (
        SELECT count(*) FROM quota_sales AS sale
        WHERE sale.consumer = $consumer AND sale.year = quota.year AND sale.state = 'pending'
    ) AS pending,
    (
        SELECT count(*) FROM quota_sales AS sale
        WHERE sale.consumer = $consumer AND sale.year = quota.year AND sale.state = 'foreign'
    ) AS in_foreign_currency
FROM consumer_quota AS quota
WHERE quota.consumer = $consumer AND ($year IS NULL OR quota.year = $year)
ORDER BY quota.year
