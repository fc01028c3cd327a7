SELECT
    reportId AS key,
    kind,
    local_time(reportedAt) AS reported_at_local,
    buyerIdNumber_key AS consumer_key
FROM current_consumer_reports
WHERE touched_ConsumerReport(reportId)
