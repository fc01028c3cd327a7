-- Sales of every firm in a role after a day, and before it.
SELECT
    <COLUMN> AS code,
    count(*) FILTER (WHERE last_date > $since) AS now,
    count(*) FILTER (WHERE last_date <= $since) AS before
FROM sales
WHERE <COLUMN> IS NOT NULL
GROUP BY code
ORDER BY code
