-- Payments with the sale they belong to: that of their own (ebpCode, orderNo); where no order and no declaration
-- is known under it, the one order without a payment that names their (payCode, payTransactionId).
WITH known AS (
    SELECT ebpCode, orderNo FROM current_orders
    UNION
    SELECT ebpCode, orderNo FROM current_inventories
),
open_orders AS (
    SELECT o.payCode, o.payTransactionId, min(o.document_id) AS sale_id
    FROM current_orders AS o
    ANTI JOIN current_payments AS p ON o.ebpCode = p.ebpCode AND o.orderNo = p.orderNo
    WHERE o.payTransactionId IS NOT NULL
    GROUP BY o.payCode, o.payTransactionId
    HAVING count(*) = 1
),
strays AS (
    SELECT p.document_id, q.sale_id
    FROM current_payments AS p
    ANTI JOIN known AS k ON p.ebpCode = k.ebpCode AND p.orderNo = k.orderNo
    JOIN open_orders AS q ON p.payCode = q.payCode AND p.payTransactionId = q.payTransactionId
)
SELECT
    coalesce(s.sale_id, p.ebpCode || '|' || p.orderNo) AS sale_id,
    p.document_id, p.content_hash, p.appTime, p.appType, p.copCode, p.dxpId,
    p.payCode, p.payTransactionId, p.payerIdNumber_key, p.payerName_key, p.telephone_key,
    p.amountPaid, p.currency, p.payTime
FROM current_payments AS p
LEFT JOIN strays AS s ON p.document_id = s.document_id
