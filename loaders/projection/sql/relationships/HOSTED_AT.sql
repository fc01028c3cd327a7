SELECT DISTINCT canonical(code) AS start_key, ipAddress AS end_key
FROM current_enterprises
WHERE ipAddress IS NOT NULL AND touched_Enterprise(canonical(code))
