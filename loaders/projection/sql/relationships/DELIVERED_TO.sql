SELECT id AS start_key, address AS end_key
FROM sale
WHERE address IS NOT NULL AND touched_Transaction(id)
