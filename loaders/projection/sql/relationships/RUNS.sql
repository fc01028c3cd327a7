SELECT DISTINCT canonical(code) AS start_key, lower(siteDomain) AS end_key
FROM current_enterprises
WHERE lower(siteDomain) IS NOT NULL AND touched_Enterprise(canonical(code))
