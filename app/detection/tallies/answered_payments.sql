/*
id: answered-payments
meaning: >-
  Each answer of the payment authority in the window with the firms of the sale that was paid, and whether the payment is
  genuine (null where what was asked about was no number that the authority knows).
reads: []
parameters: []
*/
WITH reply AS (
    SELECT *, local_day(repliedAt) AS day
    FROM current_payment_verifications
    WHERE local_day(repliedAt) <= $until AND ($since IS NULL OR local_day(repliedAt) > $since)
),
-- By the sale that a reply names; without one, by the payment's number. What is about no sale that we have takes effect
-- when its sale arrives.
sale AS (
    SELECT verificationId, sale.*
    FROM reply JOIN every_sale AS sale ON sale.sale_id = ebpCode || '|' || orderNo
    UNION ALL BY NAME
    SELECT verificationId, sale.*
    FROM reply JOIN every_sale AS sale ON pay_code = payCode AND pay_transaction_id = payTransactionId
    WHERE ebpCode IS NULL OR orderNo IS NULL
)
SELECT
    reply.verificationId AS verification, sale_id, platform, merchant, agent, company, carrier, warehouse, day,
    CASE WHEN result <> 'wrong_number' THEN result = 'genuine' END AS genuine
FROM reply
JOIN sale ON sale.verificationId = reply.verificationId
WHERE is_asked(platform, merchant, agent)
