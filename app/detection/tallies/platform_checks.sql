/*
id: platform-checks
meaning: >-
  What the checks of a platform say: which were passed and which failed, and when the last of them was.
reads: [check_results]
parameters: []
*/
SELECT
    platform,
    list(checked ORDER BY checked) FILTER (WHERE passed) AS passed,
    list(checked ORDER BY checked) FILTER (WHERE NOT passed) AS failed,
    list(verification ORDER BY checked) FILTER (WHERE NOT passed) AS failed_verifications,
    max(checked_on) AS last_checked
FROM check_results
GROUP BY platform
ORDER BY platform
