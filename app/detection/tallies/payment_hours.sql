/*
id: payment-hours
meaning: >-
  Of each platform and each sender of payments, for each hour of the day (Asia/Shanghai): payments, how many of them in
  bursts (minutes that hold many payments of their day), and occasions: an hour of a day with a burst is one occasion,
  any other payment is one, so that a drop or a flash sale counts once and the people around it as always.
reads: [paid_once]
parameters:
  - name: burst
    default: 5
    unit: payments
    meaning: A minute with fewer payments is no burst.
    source: People of one shop do not pay five times in a minute unless something makes them.
    holds_from: 2019-01-01
  - name: burst_of_day
    default: "0.05"
    unit: share of the day's payments
    meaning: A minute that holds less of its day's payments is no burst, so that a large shop's evening is none.
    source: The busiest minute of a day that keeps human hours holds about a thousandth of it.
    holds_from: 2019-01-01
  - name: left_out
    default: []
    unit: codes
    meaning: Platforms whose payments do not count for their senders; detection leaves out those that it judges by themselves.
    source: One cause, one finding.
    holds_from: 2019-01-01
*/
WITH paid AS (
    SELECT 'Platform' AS label, platform AS key, minute FROM paid_once WHERE minute IS NOT NULL
    UNION ALL
    SELECT 'Sender', sender, minute
    FROM paid_once
    WHERE minute IS NOT NULL AND sender IS NOT NULL AND NOT list_contains(CAST($left_out AS VARCHAR[]), platform)
),
hours AS (
    SELECT label, key, (minute + 480) // 60 AS day_hour, count(*) AS payments
    FROM paid
    GROUP BY label, key, (minute + 480) // 60
),
days AS (
    SELECT label, key, day_hour // 24 AS day, sum(payments) AS payments FROM hours GROUP BY label, key, day_hour // 24
),
full_minutes AS (
    SELECT label, key, (minute + 480) // 60 AS day_hour, count(*) AS payments
    FROM paid
    GROUP BY label, key, minute
    HAVING count(*) >= $burst
),
bursts AS (
    SELECT f.label, f.key, f.day_hour, sum(f.payments) AS in_bursts
    FROM full_minutes AS f
    JOIN days AS d ON f.label = d.label AND f.key = d.key AND f.day_hour // 24 = d.day
    WHERE f.payments >= CAST($burst_of_day AS DECIMAL(9, 6)) * d.payments
    GROUP BY f.label, f.key, f.day_hour
)
SELECT
    hours.label, hours.key, CAST(hours.day_hour % 24 AS BIGINT) AS hour,
    CAST(sum(payments) AS BIGINT) AS payments,
    CAST(coalesce(sum(in_bursts), 0) AS BIGINT) AS in_bursts,
    CAST(sum(CASE WHEN in_bursts > 0 THEN 1 ELSE payments END) AS BIGINT) AS occasions
FROM hours
LEFT JOIN bursts ON hours.label = bursts.label AND hours.key = bursts.key AND hours.day_hour = bursts.day_hour
GROUP BY hours.label, hours.key, hours.day_hour % 24
ORDER BY hours.label, hours.key, hour
