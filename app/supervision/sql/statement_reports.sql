-- What the person reported.
SELECT
    reportId AS report, local_day(reportedAt) AS day, kind,
    CASE WHEN ebpCode IS NOT NULL AND orderNo IS NOT NULL THEN ebpCode || '|' || orderNo END AS sale_id, ebpCode AS platform
FROM current_consumer_reports
WHERE buyerIdNumber_key = $consumer
ORDER BY day, report
