/*
id: payment-numbers
meaning: >-
  Of each platform and each sender of payments: how many different payment transaction numbers that end in nine digits
  it has, and how many of them follow directly on another of its numbers at the same payment company (running numbers).
reads: [paid_once]
parameters:
  - name: left_out
    default: []
    unit: codes
    meaning: Platforms whose payments do not count for their senders; detection leaves out those that it judges by themselves.
    source: One cause, one finding.
    holds_from: 2019-01-01
*/
WITH of_platforms AS (
    SELECT n.platform, b.serial IS NOT NULL AS running
    FROM paid_once AS n
    LEFT JOIN paid_once AS b
        ON n.platform = b.platform AND n.company = b.company AND n.stem = b.stem AND n.serial = b.serial + 1
    WHERE n.serial IS NOT NULL
),
sent AS (
    SELECT sender, company, stem, serial FROM paid_once
    WHERE sender IS NOT NULL AND serial IS NOT NULL AND NOT list_contains(CAST($left_out AS VARCHAR[]), platform)
    GROUP BY sender, company, stem, serial
),
of_senders AS (
    SELECT n.sender, b.serial IS NOT NULL AS running
    FROM sent AS n
    LEFT JOIN sent AS b
        ON n.sender = b.sender AND n.company = b.company AND n.stem = b.stem AND n.serial = b.serial + 1
)
SELECT 'Platform' AS label, platform AS key, count(*) AS numbers, count(*) FILTER (WHERE running) AS running
FROM of_platforms
GROUP BY platform
UNION ALL
SELECT 'Sender', sender, count(*), count(*) FILTER (WHERE running)
FROM of_senders
GROUP BY sender
ORDER BY label, key
