/*
id: document-cells
meaning: >-
  Judged sales counted for every platform, merchant and agent that sold together, and each group of differences.
reads: [judged_sales]
parameters: []
*/
SELECT
    difference, platform, merchant, agent,
    count(*) AS judgeable,
    count(*) FILTER (WHERE list_contains(differing, difference)) AS differing
FROM (SELECT *, unnest(judgeable) AS difference FROM judged_sales) AS judgements
GROUP BY difference, platform, merchant, agent
ORDER BY difference, platform, merchant, agent
