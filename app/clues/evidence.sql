-- Documents behind some ids, every version of each, with where it came from. No business value is read.
-- An id is a sale (ebpCode|orderNo) or the identity of an external row. Table `wanted (id VARCHAR)` holds the ids.
WITH sale AS (
    SELECT t.sale_id AS id, t.ebp_code, t.order_no, t.logistics_code, t.logistics_no
    FROM transactions AS t SEMI JOIN wanted AS w ON t.sale_id = w.id
),
document AS (
    SELECT s.id, 'orders' AS kind, d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN orders AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION ALL
    SELECT s.id, 'payments', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN payments AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION ALL
    SELECT s.id, 'waybills', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN waybills AS d
        ON d.logisticsCode = s.logistics_code AND d.logisticsNo = s.logistics_no
    UNION ALL
    SELECT s.id, 'inventories', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM sale AS s JOIN inventories AS d ON d.ebpCode = s.ebp_code AND d.orderNo = s.order_no
    UNION ALL
    SELECT w.id, 'platform_verifications', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM wanted AS w JOIN platform_verifications AS d ON d.document_id = w.id
    UNION ALL
    SELECT w.id, 'payment_verifications', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM wanted AS w JOIN payment_verifications AS d ON d.document_id = w.id
    UNION ALL
    SELECT w.id, 'consumer_reports', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM wanted AS w JOIN consumer_reports AS d ON d.document_id = w.id
    UNION ALL
    SELECT w.id, 'inspections', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM wanted AS w JOIN inspections AS d ON d.document_id = w.id
    UNION ALL
    SELECT w.id, 'enterprises', d.document_id, d.file_id, d.message_guid, d.position, d.load_seq
    FROM wanted AS w JOIN enterprises AS d ON d.code = w.id OR d.uscc = w.id
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
