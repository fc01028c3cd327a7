SELECT
    verificationId AS key,
    result,
    local_time(repliedAt) AS replied_at_local,
    referralId AS referral_id,
    canonical(payCode) AS pay_code,
    payTransactionId AS pay_transaction_id,
    e5(settledAmount) AS settled_amount_e5
FROM current_payment_verifications
WHERE touched_PaymentReply(verificationId)
