-- Which payments of which referrals every current reply answers (table `asked`: referral, number, sale_id, pay_code,
-- pay_number, clearing_number): of the referral that it names, else of any; by the sale, or by either number.
WITH reply AS (
    SELECT
        verificationId AS verification, referralId AS referral, payCode AS pay_code, payTransactionId AS pay_number,
        ebpCode || '|' || orderNo AS named, result, repliedAt AS replied_at
    FROM current_payment_verifications
),
known AS (SELECT DISTINCT verification FROM reply_sales),
of_item AS (
    SELECT referral, number, pay_code, 'sale' AS how, sale_id AS value FROM asked
    UNION ALL
    SELECT referral, number, pay_code, 'number', pay_number FROM asked WHERE pay_number IS NOT NULL
    UNION ALL
    SELECT referral, number, pay_code, 'number', clearing_number FROM asked WHERE clearing_number IS NOT NULL
),
of_reply AS (
    SELECT verification, 'sale' AS how, named AS value FROM reply WHERE named IS NOT NULL
    UNION
    SELECT verification, 'sale', sale_id FROM reply_sales
    UNION
    SELECT verification, 'number', pay_number FROM reply
),
answer AS (
    SELECT DISTINCT reply.verification, of_item.referral, of_item.number
    FROM reply
    JOIN of_reply ON of_reply.verification = reply.verification
    JOIN of_item ON of_item.how = of_reply.how AND of_item.value = of_reply.value
    WHERE coalesce(reply.referral, of_item.referral) = of_item.referral
      -- One number may be two companies': without a referral the company has to be the same.
      AND (of_item.how = 'sale' OR reply.referral IS NOT NULL OR reply.pay_code = of_item.pay_code)
)
SELECT
    reply.verification, reply.referral AS names, reply.pay_code, reply.result, reply.replied_at,
    known.verification IS NOT NULL AS known, answer.referral, answer.number
FROM reply
LEFT JOIN known ON known.verification = reply.verification
LEFT JOIN answer ON answer.verification = reply.verification
ORDER BY reply.replied_at, reply.verification, answer.referral, answer.number
