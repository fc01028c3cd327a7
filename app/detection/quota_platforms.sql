-- Of each platform: the people in whose name it declared in the years looked at, and how many of them were exhausted:
-- their year's use came near the limit, or customs refused them on this platform because of it.
WITH near AS (
    SELECT DISTINCT consumer, year
    FROM consumer_quota
    WHERE year > year(CAST($until AS DATE)) - $years AND used >= CAST($near AS DECIMAL(9, 6)) * annual_limit
),
refused AS (
    SELECT DISTINCT platform, consumer FROM quota_refusals WHERE year(day) > year(CAST($until AS DATE)) - $years
),
exhausted AS (
    SELECT DISTINCT sale.platform, sale.consumer
    FROM quota_sales AS sale
    JOIN near ON near.consumer = sale.consumer AND near.year = sale.year
    WHERE sale.counted > 0
    UNION
    SELECT platform, consumer FROM refused
),
people AS (
    SELECT platform, count(DISTINCT consumer) AS identities
    FROM quota_sales
    WHERE year > year(CAST($until AS DATE)) - $years
    GROUP BY platform
)
SELECT
    people.platform,
    greatest(people.identities, count(DISTINCT exhausted.consumer)) AS identities,
    count(DISTINCT exhausted.consumer) AS exhausted,
    count(DISTINCT refused.consumer) AS refused
FROM people
LEFT JOIN exhausted ON exhausted.platform = people.platform
LEFT JOIN refused ON refused.platform = exhausted.platform AND refused.consumer = exhausted.consumer
GROUP BY people.platform, people.identities
ORDER BY people.platform
