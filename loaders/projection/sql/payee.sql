-- The payee's account (179 data) of each current sale; several payments of one sale may name several.
SELECT DISTINCT
    sale.id AS sale_id,
    sale.platform,
    payment.recpAccount_key AS account,
    sale.amount,
    sale.first_date,
    sale.last_date
FROM current_raw_payments AS payment
JOIN current_raw_payment_orders AS part USING (payCode, payTransactionId)
JOIN sale ON sale.id = coalesce(part.ebpCode, payment.ebpCode) || '|' || part.orderNo
WHERE payment.recpAccount_key IS NOT NULL
