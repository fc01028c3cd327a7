-- Sales whose declaration was taken back: cancelled (623) or returned (625), and customs accepted it. The last answer
-- counts: 120 accepted, 399 concluded, 800 released, 899 cleared.
WITH applications AS (
    SELECT 'CEB624' AS answer, agentCode, copNo, preNo, invtNo, ebpCode || '|' || orderNo AS sale_id, document_id
    FROM current_cancels
    UNION ALL
    SELECT 'CEB626' AS answer, agentCode, copNo, preNo, invtNo, ebpCode || '|' || orderNo AS sale_id, document_id
    FROM current_refunds
),
answers AS (
    SELECT a.answer, a.document_id, a.sale_id, r.returnStatus, r.returnTime, r.returnInfo
    FROM applications AS a
    JOIN current_receipts AS r ON r.kind = a.answer AND r.copNo = a.copNo AND r.agentCode = a.agentCode
    UNION ALL
    SELECT a.answer, a.document_id, a.sale_id, r.returnStatus, r.returnTime, r.returnInfo
    FROM applications AS a
    JOIN current_receipts AS r ON r.kind = a.answer AND r.preNo = a.preNo
    UNION ALL
    SELECT a.answer, a.document_id, a.sale_id, r.returnStatus, r.returnTime, r.returnInfo
    FROM applications AS a
    JOIN current_receipts AS r ON r.kind = a.answer AND r.invtNo = a.invtNo
),
latest AS (
    SELECT answer, sale_id, returnStatus
    FROM answers
    QUALIFY row_number() OVER (
        PARTITION BY answer, document_id ORDER BY returnTime DESC NULLS LAST, returnStatus DESC, returnInfo DESC
    ) = 1
)
SELECT
    sale_id,
    bool_or(answer = 'CEB624') AS cancelled,
    bool_or(answer = 'CEB626') AS refunded
FROM latest
WHERE returnStatus IN ('120', '399', '800', '899')
GROUP BY sale_id
