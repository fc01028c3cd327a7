/*
id: document-differences
meaning: >-
  Sales of a platform, of a merchant, and of an agent for a merchant that can be judged for each group of differences
  between their documents, and how many of them differ by more than the tolerance.
reads: [document_cells]
parameters: []
*/
SELECT
    difference,
    CASE WHEN grouping(platform) = 0 THEN 'Platform' WHEN grouping(agent) = 0 THEN 'Agent' ELSE 'Merchant' END AS label,
    CASE WHEN grouping(platform) = 0 THEN platform WHEN grouping(agent) = 0 THEN agent ELSE merchant END AS key,
    CASE WHEN grouping(agent) = 0 THEN merchant END AS merchant,
    CAST(sum(judgeable) AS BIGINT) AS judgeable,
    CAST(sum(differing) AS BIGINT) AS differing
FROM document_cells
GROUP BY GROUPING SETS ((difference, platform), (difference, merchant), (difference, agent, merchant))
HAVING CASE WHEN grouping(platform) = 0 THEN platform WHEN grouping(agent) = 0 THEN agent ELSE merchant END
    IN (SELECT key FROM keys)
ORDER BY difference, label, key, merchant
