/*
id: payment-replies
meaning: >-
  What the payment authority says of each payment of the window that it was asked about: the latest of its replies
  that says something. "wrong_number" says nothing, and takes back no more than an earlier "not_found". A reply
  counts whenever it came: it is about a payment of the window.
reads: [payment_mergers]
parameters: []
*/
WITH told AS (
    SELECT
        sold.platform, sold.company, sold.pay_code, sold.last_date,
        coalesce(sold.pay_transaction_id, reply.payTransactionId) AS number,
        reply.verificationId AS verification, reply.result, reply.repliedAt AS replied_at
    FROM reply_sales
    JOIN current_payment_verifications AS reply ON reply.verificationId = reply_sales.verification
    JOIN window_sales AS sold ON sold.sale_id = reply_sales.sale_id
    WHERE sold.platform IN (SELECT key FROM keys) AND sold.company IS NOT NULL
),
settled AS (
    SELECT
        told.platform, coalesce(min(final.into_company), told.company) AS company, number, verification, result, replied_at
    FROM told
    LEFT JOIN payment_mergers AS final
        ON final.pay_code = told.pay_code AND told.last_date BETWEEN final.since AND final.until
    GROUP BY told.platform, told.company, number, verification, result, replied_at
),
latest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, company, number ORDER BY result = 'wrong_number', replied_at DESC, verification DESC
        ) AS age,
        max(replied_at) FILTER (WHERE result = 'wrong_number') OVER (PARTITION BY platform, company, number) AS taken_back
    FROM settled
)
SELECT platform, company, number, verification, result, result <> 'genuine' AS refuted
FROM latest
WHERE age = 1 AND result <> 'wrong_number' AND NOT coalesce(result = 'not_found' AND taken_back >= replied_at, false)
ORDER BY platform, company, number
