-- What followed the sales of a dossier (`wanted_sales`: id) beside order, payment, waybill and declaration, every version:
-- payment data (179), receipts, tax bills, cancels, returns, statuses of the waybill, receipts into the store.
WITH sale AS (
    SELECT t.sale_id AS id, t.ebp_code, t.order_no, t.pay_code, t.pay_transaction_id, t.logistics_code, t.logistics_no,
        t.invt_no
    FROM transactions AS t SEMI JOIN wanted_sales AS w ON t.sale_id = w.id
),
document AS (
    SELECT s.id, 'cancels' AS kind, d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN cancels AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION
    SELECT s.id, 'refunds', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN refunds AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION
    SELECT s.id, 'taxes', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN taxes AS d ON d.invtNo = s.invt_no
    UNION
    SELECT s.id, 'waybill_status', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN waybill_status AS d
        ON d.logisticsCode = s.logistics_code AND d.logisticsNo = s.logistics_no
    UNION
    SELECT s.id, 'deliveries', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN deliveries AS d ON d.logisticsCode = s.logistics_code AND d.logisticsNo = s.logistics_no
    UNION
    SELECT s.id, 'raw_payments', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s
    JOIN raw_payment_orders AS part ON part.orderNo = s.order_no
    JOIN raw_payments AS d
        ON d.payCode = part.payCode AND d.payTransactionId = part.payTransactionId
        AND coalesce(part.ebpCode, d.ebpCode) = s.ebp_code
    UNION
    SELECT s.id, 'receipts', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN receipts AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION
    SELECT s.id, 'receipts', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN receipts AS d ON d.payCode = s.pay_code AND d.payTransactionId = s.pay_transaction_id
    UNION
    SELECT s.id, 'receipts', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN receipts AS d ON d.logisticsCode = s.logistics_code AND d.logisticsNo = s.logistics_no
    UNION
    SELECT s.id, 'receipts', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN receipts AS d ON d.invtNo = s.invt_no
    UNION
    SELECT s.id, 'receipts', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s
    JOIN inventories AS declaration ON declaration.ebpCode = s.ebp_code AND declaration.orderNo = s.order_no
    JOIN receipts AS d ON d.agentCode = declaration.agentCode AND d.copNo = declaration.copNo
),
-- The same bytes may have been loaded under two names: the first one counts.
named AS (
    SELECT file_id, min_by(name, (load_seq, name)) AS name FROM files GROUP BY file_id
)
SELECT
    d.id, d.kind, d.document_id AS document, coalesce(n.name, '') AS file, d.message_guid AS message,
    d.position, d.load_seq AS load
FROM document AS d LEFT JOIN named AS n ON d.file_id = n.file_id
ORDER BY d.id, d.kind, d.load_seq, d.document_id, d.position
