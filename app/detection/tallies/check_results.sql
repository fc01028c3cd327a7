/*
id: check-results
meaning: >-
  Of each of the seven checks of a platform the latest result that is one (pass or fail; unknown and not_applicable
  are none), as of the day.
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
)
SELECT platform, checked, verification, result = 'pass' AS passed, local_day(checked_at) AS checked_on
FROM results
WHERE platform IN (SELECT key FROM keys)
QUALIFY row_number() OVER (PARTITION BY platform, checked ORDER BY checked_at DESC, verification DESC) = 1
