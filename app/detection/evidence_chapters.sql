-- What a platform sells: in how many of its sales each chapter of the declared codes appears.
SELECT platform, code, count(*) AS sales
FROM (
    SELECT ebp_code AS platform, unnest(chapters) AS code
    FROM transactions
    WHERE ebp_code IS NOT NULL
      AND ($since IS NULL OR last_date > $since)
      AND ($until IS NULL OR last_date <= $until)
) AS goods
GROUP BY platform, code
ORDER BY platform, code
