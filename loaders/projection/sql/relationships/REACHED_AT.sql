SELECT DISTINCT canonical(code) AS start_key, telephone_key AS end_key
FROM current_enterprises
WHERE telephone_key IS NOT NULL AND touched_Enterprise(canonical(code))
