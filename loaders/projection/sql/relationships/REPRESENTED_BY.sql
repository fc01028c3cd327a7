SELECT DISTINCT canonical(code) AS start_key, legalRepresentativeId_key AS end_key
FROM current_enterprises
WHERE legalRepresentativeId_key IS NOT NULL AND touched_Enterprise(canonical(code))
