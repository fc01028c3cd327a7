SELECT reportId AS start_key, sale.id AS end_key
FROM current_consumer_reports
JOIN sale ON sale.id = ebpCode || '|' || orderNo
WHERE touched_ConsumerReport(reportId)
