SELECT DISTINCT canonical(code) AS start_key, registeredAddress_key AS end_key
FROM current_enterprises
WHERE registeredAddress_key IS NOT NULL AND touched_Enterprise(canonical(code))
