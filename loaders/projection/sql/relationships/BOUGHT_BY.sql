SELECT id AS start_key, consumer AS end_key, account
FROM sale
WHERE consumer IS NOT NULL AND touched_Transaction(id)
