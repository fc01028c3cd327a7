SELECT DISTINCT canonical(code) AS start_key, bankAccount_key AS end_key
FROM current_enterprises
WHERE bankAccount_key IS NOT NULL AND touched_Enterprise(canonical(code))
