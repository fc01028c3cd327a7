/*
id: paid-once
meaning: >-
  Payments of each platform in the window, one row a payment number of a company however many orders it pays for: who
  pushed it, its minute (of payTime, of the 179 data where there is none; never of when a document was submitted), and
  its number in two parts where it ends in nine digits.
reads: []
parameters: []
*/
SELECT
    platform, company, min(payment_sender) AS sender,
    epoch_us(min(coalesce(pay_time, trading_time))) // 60000000 AS minute,
    left(pay_transaction_id, -9) AS stem, TRY_CAST(right(pay_transaction_id, 9) AS BIGINT) AS serial
FROM window_sales
WHERE payments > 0 AND pay_transaction_id IS NOT NULL
GROUP BY platform, company, pay_transaction_id
