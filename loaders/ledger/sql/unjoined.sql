-- Documents that belong to no sale, or could belong to several, and why. Computed anew from all keys each time, so that
-- a document is tried again as soon as one of its keys appears.
WITH parcels AS (
    SELECT DISTINCT logisticsCode, logisticsNo FROM sale_waybills WHERE sale_id IS NOT NULL
    UNION
    SELECT DISTINCT logisticsCode, logisticsNo FROM sale_inventories
),
sales AS (
    SELECT document_id AS sale_id FROM current_orders
    UNION
    SELECT sale_id FROM sale_payments
    UNION
    SELECT sale_id FROM sale_inventories
),
declarations AS (
    SELECT agentCode, copNo, CAST(NULL AS VARCHAR) AS preNo, invt_no AS invtNo FROM sale_inventories
    UNION
    SELECT agentCode, copNo, preNo, invtNo FROM current_cancels
    UNION
    SELECT agentCode, copNo, preNo, invtNo FROM current_refunds
)
SELECT 'waybills' AS kind, document_id, reason FROM sale_waybills WHERE reason IS NOT NULL
UNION ALL
SELECT 'waybill_status' AS kind, d.document_id, 'no_waybill' AS reason
FROM current_waybill_status AS d
ANTI JOIN parcels AS p ON d.logisticsCode = p.logisticsCode AND d.logisticsNo = p.logisticsNo
UNION ALL
SELECT 'deliveries' AS kind, d.document_id, 'no_waybill' AS reason
FROM current_deliveries AS d
ANTI JOIN parcels AS p ON d.logisticsCode = p.logisticsCode AND d.logisticsNo = p.logisticsNo
UNION ALL
SELECT 'cancels' AS kind, d.document_id, 'no_sale' AS reason
FROM current_cancels AS d ANTI JOIN sales AS s ON d.ebpCode || '|' || d.orderNo = s.sale_id
UNION ALL
SELECT 'refunds' AS kind, d.document_id, 'no_sale' AS reason
FROM current_refunds AS d ANTI JOIN sales AS s ON d.ebpCode || '|' || d.orderNo = s.sale_id
UNION ALL
SELECT 'raw_payments' AS kind, d.document_id, 'no_sale' AS reason
FROM current_raw_payments AS d
ANTI JOIN (SELECT r.document_id FROM sale_raw_payments AS r JOIN sales AS s ON r.sale_id = s.sale_id) AS k
    ON d.document_id = k.document_id
UNION ALL
SELECT 'taxes' AS kind, d.document_id, 'no_declaration' AS reason
FROM current_taxes AS d ANTI JOIN declarations AS k ON d.invtNo = k.invtNo
UNION ALL
SELECT 'receipts' AS kind, d.document_id, 'no_declaration' AS reason
FROM current_receipts AS d
ANTI JOIN declarations AS a ON d.agentCode = a.agentCode AND d.copNo = a.copNo
ANTI JOIN declarations AS n ON d.preNo = n.preNo
ANTI JOIN declarations AS i ON d.invtNo = i.invtNo
WHERE d.kind IN ('CEB622', 'CEB624', 'CEB626')
