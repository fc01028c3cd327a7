-- By the sale that it names; without one, by the payment's number.
SELECT verificationId AS start_key, ebpCode || '|' || orderNo AS end_key
FROM current_payment_verifications AS reply
JOIN sale ON sale.id = ebpCode || '|' || orderNo
WHERE touched_PaymentReply(verificationId)
UNION
SELECT verificationId, payment.ebpCode || '|' || payment.orderNo
FROM current_payment_verifications AS reply
JOIN current_payments AS payment USING (payCode, payTransactionId)
JOIN sale ON sale.id = payment.ebpCode || '|' || payment.orderNo
WHERE (reply.ebpCode IS NULL OR reply.orderNo IS NULL) AND touched_PaymentReply(verificationId)
