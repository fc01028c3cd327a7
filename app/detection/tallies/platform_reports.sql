/*
id: platform-reports
meaning: >-
  How many sales a platform made in the window, and how many people reported in it that a sale was not theirs or their
  quota was used (each counts once), with those reports; and how many other reports there were.
reads: []
parameters: []
*/
WITH told AS (
    SELECT
        coalesce(code_map.canonical, ebpCode) AS platform, reportId AS report, buyerIdNumber_key AS person,
        kind IN ('not_my_order', 'quota_used') AS misuse
    FROM current_consumer_reports
    LEFT JOIN code_map ON code_map.code = ebpCode
    WHERE local_day(reportedAt) <= $until AND ($since IS NULL OR local_day(reportedAt) > $since)
),
counted AS (
    SELECT
        platform,
        count(DISTINCT person) FILTER (WHERE misuse) AS people,
        list(report ORDER BY report) FILTER (WHERE misuse) AS reports,
        count(*) FILTER (WHERE NOT misuse) AS others
    FROM told
    GROUP BY platform
),
sold AS (
    SELECT platform, count(*) AS sales FROM sales WHERE platform IN (SELECT key FROM keys) GROUP BY platform
)
SELECT
    sold.platform, sold.sales,
    -- Reports may be about sales that the ledger does not have.
    least(coalesce(counted.people, 0), sold.sales) AS people,
    coalesce(counted.reports, []) AS reports, coalesce(counted.others, 0) AS others
FROM sold
LEFT JOIN counted ON counted.platform = sold.platform
ORDER BY sold.platform
