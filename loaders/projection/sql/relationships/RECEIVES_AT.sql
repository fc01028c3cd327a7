SELECT
    consumer AS start_key,
    address AS end_key,
    count(*) AS transactions,
    min(first_date) AS first,
    max(last_date) AS last
FROM sale
WHERE consumer IS NOT NULL AND address IS NOT NULL AND touched_Consumer(consumer)
GROUP BY consumer, address
