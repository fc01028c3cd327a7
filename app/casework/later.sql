-- What came into the ledger after load $version that speaks against whom findings are about: finding, what, and how many
-- documents. A document is later where its first version is. Reads `about`, `told_sales`, and the views of tallies.
WITH first AS (
    SELECT 'inspection' AS what, inspectionId AS id, min(load_seq) AS load_seq FROM inspections GROUP BY inspectionId
    UNION ALL
    SELECT 'reply', verificationId, min(load_seq) FROM payment_verifications GROUP BY verificationId
    UNION ALL
    SELECT 'report', reportId, min(load_seq) FROM consumer_reports GROUP BY reportId
    UNION ALL
    SELECT 'check', verificationId, min(load_seq) FROM platform_verifications GROUP BY verificationId
),
against AS (
    SELECT 'inspection' AS what, inspectionId AS id, finding
    FROM current_inspections
    JOIN told_sales ON told_sales.sale_id = ebpCode || '|' || orderNo
    WHERE result <> 'ok'
    UNION
    SELECT 'inspection', inspectionId, finding
    FROM current_inspections
    JOIN told_sales ON told_sales.invt_no = invtNo
    WHERE result <> 'ok' AND (ebpCode IS NULL OR orderNo IS NULL)
    UNION
    SELECT 'reply', verificationId, finding
    FROM current_payment_verifications
    JOIN reply_sales ON reply_sales.verification = verificationId
    JOIN told_sales ON told_sales.sale_id = reply_sales.sale_id
    WHERE result NOT IN ('genuine', 'wrong_number')
    UNION
    SELECT 'report', reportId, finding
    FROM current_consumer_reports
    JOIN told_sales ON told_sales.sale_id = ebpCode || '|' || orderNo
    WHERE kind <> 'other'
    UNION
    SELECT 'check', verificationId, finding
    FROM current_platform_verifications
    LEFT JOIN code_map ON code_map.code = ebpCode
    JOIN about ON about.kind = 'Platform' AND about.key = coalesce(code_map.canonical, ebpCode)
    WHERE result = 'fail'
)
SELECT finding, against.what, count(DISTINCT against.id) AS documents
FROM against
JOIN first ON first.what = against.what AND first.id = against.id
WHERE first.load_seq > $version
GROUP BY finding, against.what
ORDER BY finding, against.what
