/*
id: platform-traffic
meaning: >-
  The visits of a platform that a check saw last (a later check of its traffic that passed without a number leaves
  none), and the cleared orders that were placed on it in the days up to that check.
reads: []
parameters:
  - name: days
    default: 30
    unit: days
    meaning: The time that visits are told of; orders placed in so many days up to the day of the check need them.
    source: External data contract (observed is monthly visits seen).
    holds_from: 2019-01-01
*/
WITH observation AS (
    SELECT
        coalesce(code_map.canonical, ebpCode) AS platform, verificationId AS verification, result,
        checkedAt AS checked_at, local_day(checkedAt) AS seen_on,
        -- A number may be written with commas; what is no number of visits says nothing.
        TRY_CAST(replace(observed, ',', '') AS DECIMAL(18, 0)) AS visits
    FROM current_platform_verifications
    LEFT JOIN code_map ON code_map.code = ebpCode
    WHERE "check" = 'traffic_match' AND result <> 'not_applicable' AND local_day(checkedAt) <= $until
),
latest AS (
    SELECT platform, verification, seen_on, visits
    FROM observation
    WHERE (visits >= 0 OR result = 'pass') AND platform IN (SELECT key FROM keys)
    QUALIFY row_number() OVER (PARTITION BY platform ORDER BY checked_at DESC, verification DESC) = 1
)
SELECT
    latest.platform, latest.verification, latest.seen_on, CAST(latest.visits AS BIGINT) AS visits,
    count(sale.sale_id) AS orders
FROM latest
LEFT JOIN every_sale AS sale
    ON sale.platform = latest.platform AND sale.cleared
    AND sale.first_date BETWEEN latest.seen_on - (CAST($days AS INTEGER) - 1) AND latest.seen_on
WHERE latest.visits >= 0
GROUP BY latest.platform, latest.verification, latest.seen_on, latest.visits
ORDER BY latest.platform
