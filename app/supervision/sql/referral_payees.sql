-- Payee of each payment of a referral (table `asked`: sale_id, clearing_number), as the 179 data have it now.
SELECT
    asked.sale_id,
    min_by(payment.recpAccount, payment.payTransactionId) AS account,
    min_by(payment.recpCode, payment.payTransactionId) AS code,
    min_by(payment.recpName, payment.payTransactionId) AS name
FROM asked
JOIN current_raw_payment_orders AS part ON part.payTransactionId = asked.clearing_number
JOIN current_raw_payments AS payment USING (payCode, payTransactionId)
WHERE coalesce(part.ebpCode, payment.ebpCode) || '|' || part.orderNo = asked.sale_id
GROUP BY asked.sale_id
ORDER BY asked.sale_id
