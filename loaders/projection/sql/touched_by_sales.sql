-- External rows that speak of a touched sale (`touched_sale`): by its id, its number of declaration or of payment.
SELECT 'PaymentReply' AS label, verificationId AS key
FROM payment_verifications
WHERE ebpCode || '|' || orderNo IN (SELECT sale_id FROM touched_sale)
UNION
SELECT 'PaymentReply', reply.verificationId
FROM payment_verifications AS reply
JOIN (
    SELECT payTransactionId AS number, ebpCode || '|' || orderNo AS sale_id FROM payments
    UNION ALL
    SELECT pay_transaction_id, sale_id FROM transactions
    UNION ALL
    SELECT part.payTransactionId, coalesce(part.ebpCode, raw_payments.ebpCode) || '|' || part.orderNo
    FROM raw_payment_orders AS part
    JOIN raw_payments USING (payCode, payTransactionId)
) AS numbered ON numbered.number = reply.payTransactionId
WHERE numbered.sale_id IN (SELECT sale_id FROM touched_sale)
UNION
SELECT 'ConsumerReport', reportId
FROM consumer_reports
WHERE ebpCode || '|' || orderNo IN (SELECT sale_id FROM touched_sale)
UNION
SELECT 'Inspection', inspectionId
FROM inspections
WHERE ebpCode || '|' || orderNo IN (SELECT sale_id FROM touched_sale)
UNION
SELECT 'Inspection', inspection.inspectionId
FROM inspections AS inspection
JOIN transactions AS sale ON sale.invt_no = inspection.invtNo
WHERE sale.sale_id IN (SELECT sale_id FROM touched_sale)
