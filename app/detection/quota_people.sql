-- People in whose name something was declared in the years looked at, everybody once, at one of their platforms: the sum
-- is how many there are. Of everybody, whoever else is asked about.
SELECT platform, count(*) AS people
FROM (
    SELECT coalesce(declared_consumer_key, consumer_key) AS consumer, min(platform) AS platform
    FROM every_sale
    WHERE inventories > 0 AND decl_date <= $until AND year(decl_date) > year(CAST($until AS DATE)) - $years
    GROUP BY consumer
)
WHERE consumer IS NOT NULL
GROUP BY platform
ORDER BY platform
