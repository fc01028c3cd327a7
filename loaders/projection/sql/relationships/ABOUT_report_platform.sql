-- A report that names a platform and no sale that we have.
SELECT reportId AS start_key, canonical(ebpCode) AS end_key
FROM current_consumer_reports
WHERE ebpCode IS NOT NULL
    AND touched_ConsumerReport(reportId)
    AND coalesce(ebpCode || '|' || orderNo, '') NOT IN (SELECT id FROM sale)
