-- What a platform sells: in how many of its sales each chapter of the declared codes appears.
SELECT platform, chapter, count(*) AS sales
FROM (
    SELECT ebp_code AS platform, unnest(chapters) AS chapter
    FROM transactions
    WHERE ebp_code IS NOT NULL
      AND ($since IS NULL OR last_date > $since)
      AND ($until IS NULL OR last_date <= $until)
) AS goods
GROUP BY platform, chapter
ORDER BY platform, chapter
