-- People in whose name something was declared in the years looked at, everybody once, at one of their platforms: the sum
-- is how many there are.
SELECT platform, count(*) AS people
FROM (
    SELECT consumer, min(platform) AS platform
    FROM consumer_quota
    WHERE year > year(CAST($until AS DATE)) - $years
    GROUP BY consumer
)
GROUP BY platform
ORDER BY platform
