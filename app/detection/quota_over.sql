-- People over a limit in one of the years looked at, a row a year; the sales that count are asked for besides.
SELECT
    consumer, year, sales, over_single,
    e5(used) AS used_e5,
    e5(given_back) AS given_back_e5,
    e5(annual_limit) AS limit_e5
FROM consumer_quota
WHERE year > year(CAST($until AS DATE)) - $years AND (used > annual_limit OR over_single > 0)
ORDER BY consumer, year
