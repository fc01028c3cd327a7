SELECT person.key, masked_number, masked_name
FROM (
    SELECT DISTINCT legalRepresentativeId_key AS key
    FROM current_enterprises
    WHERE legalRepresentativeId_key IS NOT NULL AND touched_LegalPerson(legalRepresentativeId_key)
) AS person
LEFT JOIN masked_legal_person USING (key)
