SELECT legalRepresentativeId_key AS key, mask_number(min(legalRepresentativeId)) AS masked_number,
    mask_name(min(legalRepresentative)) AS masked_name
FROM current_enterprises
WHERE touched_LegalPerson(legalRepresentativeId_key)
GROUP BY legalRepresentativeId_key
