SELECT id AS start_key, payment_company AS end_key
FROM sale
WHERE payment_company IS NOT NULL AND touched_Transaction(id)
