/*
id: platform-checks
meaning: >-
  What the checks of a platform say: of each of the seven checks the latest result that is one (pass or fail;
  unknown and not_applicable are none), as of the day.
reads: []
parameters: []
*/
WITH results AS (
    SELECT
        coalesce(code_map.canonical, ebpCode) AS platform, "check" AS checked, result,
        verificationId AS verification, checkedAt AS checked_at
    FROM current_platform_verifications
    LEFT JOIN code_map ON code_map.code = ebpCode
    WHERE result IN ('pass', 'fail') AND local_day(checkedAt) <= $until
),
latest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, checked ORDER BY checked_at DESC, verification DESC
        ) AS age
    FROM results
    WHERE platform IN (SELECT key FROM keys)
)
SELECT
    platform,
    list(checked ORDER BY checked) FILTER (WHERE result = 'pass') AS passed,
    list(checked ORDER BY checked) FILTER (WHERE result = 'fail') AS failed,
    list(verification ORDER BY checked) FILTER (WHERE result = 'fail') AS failed_verifications,
    max(local_day(checked_at)) AS last_checked
FROM latest
WHERE age = 1
GROUP BY platform
ORDER BY platform
