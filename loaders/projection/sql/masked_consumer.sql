-- Number and year of birth as any version has them (the key stands for the number), the name as a current one has it.
WITH number AS (
    SELECT key, min(raw) AS raw, min(type) AS type
    FROM (
        SELECT buyerIdNumber_key AS key, min(buyerIdNumber) AS raw, min(buyerIdType) AS type
        FROM orders WHERE touched_Consumer(buyerIdNumber_key) GROUP BY ALL
        UNION ALL
        SELECT payerIdNumber_key, min(payerIdNumber), min(payerIdType)
        FROM payments WHERE touched_Consumer(payerIdNumber_key) GROUP BY ALL
        UNION ALL
        SELECT buyerIdNumber_key, min(buyerIdNumber), min(buyerIdType)
        FROM inventories WHERE touched_Consumer(buyerIdNumber_key) GROUP BY ALL
        UNION ALL
        SELECT buyerIdNumber_key, min(buyerIdNumber), min(buyerIdType)
        FROM consumer_reports WHERE touched_Consumer(buyerIdNumber_key) GROUP BY ALL
    )
    GROUP BY key
),
name AS (
    SELECT key, min(name) AS name
    FROM (
        SELECT buyerIdNumber_key AS key, min(buyerName) AS name
        FROM current_orders WHERE touched_Consumer(buyerIdNumber_key) GROUP BY ALL
        UNION ALL
        SELECT payerIdNumber_key, min(payerName)
        FROM current_payments WHERE touched_Consumer(payerIdNumber_key) GROUP BY ALL
        UNION ALL
        SELECT buyerIdNumber_key, min(buyerName)
        FROM current_inventories WHERE touched_Consumer(buyerIdNumber_key) GROUP BY ALL
    )
    GROUP BY key
)
SELECT
    key,
    mask_number(raw) AS masked_number,
    mask_name(name) AS masked_name,
    CASE WHEN coalesce(type, '1') = '1' THEN birth_year_of(raw) END AS birth_year
FROM number
LEFT JOIN name USING (key)
