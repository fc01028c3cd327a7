-- Who buys where, within the window: one row a platform and consumer.
SELECT DISTINCT ebp_code AS platform, consumer_key AS consumer
FROM transactions
WHERE ebp_code IS NOT NULL AND consumer_key IS NOT NULL
  AND ($since IS NULL OR last_date > $since)
  AND ($until IS NULL OR last_date <= $until)
