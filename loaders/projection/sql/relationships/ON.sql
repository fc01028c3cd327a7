SELECT id AS start_key, platform AS end_key
FROM sale
WHERE touched_Transaction(id)
