-- People whom customs refused because of the limit, and on how many platforms that are nothing to each other: shops of
-- one merchant, and merchants of one platform, count once.
SELECT
    consumer,
    count(*) AS refusals,
    least(count(DISTINCT platform), count(DISTINCT merchant)) AS platforms,
    list(DISTINCT platform ORDER BY platform) AS on_platforms,
    list(sale_id ORDER BY sale_id) AS sales
FROM quota_refusals
WHERE year(day) > year(CAST($until AS DATE)) - $years
GROUP BY consumer
ORDER BY consumer
