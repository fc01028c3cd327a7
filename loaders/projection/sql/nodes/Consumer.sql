SELECT consumer.key, masked_number, masked_name, birth_year
FROM (
    SELECT consumer AS key FROM sale WHERE touched_Consumer(consumer)
    UNION
    SELECT declared_consumer FROM sale WHERE touched_Consumer(declared_consumer)
    UNION
    SELECT payer FROM sale WHERE touched_Consumer(payer)
    UNION
    SELECT buyerIdNumber_key FROM current_consumer_reports WHERE touched_Consumer(buyerIdNumber_key)
) AS consumer
LEFT JOIN masked_consumer USING (key)
WHERE consumer.key IS NOT NULL
