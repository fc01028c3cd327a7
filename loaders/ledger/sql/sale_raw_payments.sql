-- 179 data with the sale it names: when it was traded, how many orders one payment covers and what it is worth: the
-- declared total, and what those orders say was paid (null where one of them is not known).
WITH named AS (
    SELECT
        r.document_id, r.payCode, r.payTransactionId, r.totalAmount, r.tradingTime,
        coalesce(n.ebpCode, r.ebpCode) || '|' || n.orderNo AS sale_id
    FROM current_raw_payments AS r
    JOIN current_raw_payment_orders AS n ON r.payCode = n.payCode AND r.payTransactionId = n.payTransactionId
),
covered AS (
    SELECT
        n.document_id, count(*) AS orders,
        CASE WHEN count(*) = count(o.acturalPaid) THEN money(sum(o.acturalPaid)) END AS of_orders
    FROM (SELECT DISTINCT document_id, sale_id FROM named) AS n
    LEFT JOIN current_orders AS o ON n.sale_id = o.document_id
    GROUP BY n.document_id
)
SELECT DISTINCT n.sale_id, n.document_id, n.totalAmount, n.tradingTime, c.orders, c.of_orders
FROM named AS n
JOIN covered AS c ON n.document_id = c.document_id
