-- Sales with documents of which two different versions carry no time: nobody can say which one holds.
WITH undated AS (
    SELECT d.document_id, d.ebpCode || '|' || d.orderNo AS sale_id, d.content_hash
    FROM orders AS d JOIN current_orders AS c ON d.document_id = c.document_id
    WHERE d.appTime IS NULL AND c.appTime IS NULL AND d.appStatus IS DISTINCT FROM '1'
    UNION
    SELECT d.document_id, c.sale_id, d.content_hash
    FROM payments AS d JOIN sale_payments AS c ON d.document_id = c.document_id
    WHERE d.appTime IS NULL AND c.appTime IS NULL AND d.appStatus IS DISTINCT FROM '1'
    UNION
    SELECT d.document_id, c.sale_id, d.content_hash
    FROM waybills AS d JOIN sale_waybills AS c ON d.document_id = c.document_id
    WHERE d.appTime IS NULL AND c.appTime IS NULL AND d.appStatus IS DISTINCT FROM '1' AND c.sale_id IS NOT NULL
    UNION
    SELECT d.document_id, c.sale_id, d.content_hash
    FROM inventories AS d JOIN sale_inventories AS c ON d.document_id = c.document_id
    WHERE d.appTime IS NULL AND c.appTime IS NULL AND d.appStatus IS DISTINCT FROM '1'
),
versions AS (
    SELECT document_id, sale_id, count(*) AS versions FROM undated GROUP BY document_id, sale_id HAVING count(*) > 1
)
SELECT sale_id, sum(versions - 1) AS conflicts FROM versions GROUP BY sale_id
