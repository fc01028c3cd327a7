/*
id: platform-goods
meaning: >-
  The chapters of goods that a platform sells far more than all sales of the window have them; none for a shop that
  sells what all sell.
reads: []
parameters:
  - name: least_share
    default: "0.15"
    unit: share
    meaning: A chapter in fewer of a platform's lines is a side line.
    source: A shop of mixed goods still has three to five chapters.
    holds_from: 2019-01-01
  - name: least_ratio
    default: 2
    unit: times
    meaning: How much more a platform sells of the chapter than all sales have of it.
    source: Below, it is a general shop.
    holds_from: 2019-01-01
*/
WITH lines AS (
    SELECT platform, unnest(chapters) AS chapter FROM sales WHERE platform IN (SELECT key FROM keys)
),
counts AS (
    SELECT platform, chapter, count(*) AS own FROM lines GROUP BY platform, chapter
),
shares AS (
    SELECT
        platform, chapter, own,
        CAST(sum(own) OVER (PARTITION BY platform) AS BIGINT) AS of_own,
        CAST(sum(own) OVER (PARTITION BY chapter) AS BIGINT) AS everybody,
        CAST(sum(own) OVER () AS BIGINT) AS of_everybody
    FROM counts
)
SELECT platform, string_agg(chapter, '+' ORDER BY chapter) AS goods
FROM shares
WHERE own >= CAST($least_share AS DECIMAL(9, 6)) * of_own
  AND CAST(own AS DECIMAL(19, 0)) * of_everybody >= $least_ratio * CAST(everybody AS DECIMAL(19, 0)) * of_own
GROUP BY platform
ORDER BY platform
