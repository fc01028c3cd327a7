/*
id: bought-on
meaning: How often each consumer bought on each platform in the window, of those who bought on several.
reads: []
parameters: []
*/
WITH pairs AS (
    SELECT consumer_key AS consumer, platform, count(*) AS sales
    FROM sales
    WHERE consumer_key IS NOT NULL
    GROUP BY consumer_key, platform
)
SELECT pairs.consumer, pairs.platform, pairs.sales
FROM pairs
JOIN (SELECT consumer FROM pairs GROUP BY consumer HAVING count(*) > 1) AS several ON several.consumer = pairs.consumer
ORDER BY pairs.consumer, pairs.platform
