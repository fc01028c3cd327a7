-- A buyer's or a payer's own phones; a sale in which one person is both counts once.
SELECT consumer AS start_key, phone AS end_key, count(*) AS transactions, min(first_date) AS first, max(last_date) AS last
FROM (
    SELECT id, consumer, buyer_phone AS phone, first_date, last_date FROM sale WHERE touched_Consumer(consumer)
    UNION
    SELECT id, payer, payer_phone, first_date, last_date FROM sale WHERE touched_Consumer(payer)
)
WHERE consumer IS NOT NULL AND phone IS NOT NULL
GROUP BY consumer, phone
