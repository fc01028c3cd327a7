SELECT verification AS start_key, sale_id AS end_key
FROM reply_sales
WHERE touched_PaymentReply(verification)
