-- The name that current documents give a person, its first character alone; and the last day that the ledger knows.
SELECT
    (
        SELECT min(CASE WHEN length(trim(name)) > 1 THEN upper(left(trim(name), 1)) || '**' ELSE '**' END)
        FROM (
            SELECT buyerName AS name FROM inventories WHERE buyerIdNumber_key = $consumer
            UNION ALL
            SELECT buyerName FROM orders WHERE buyerIdNumber_key = $consumer
        )
    ) AS masked_name,
    (SELECT max(last_date) FROM transactions) AS as_of
