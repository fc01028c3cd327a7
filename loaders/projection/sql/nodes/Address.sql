SELECT address.key, masked_text, district, place
FROM (
    SELECT address AS key FROM sale WHERE touched_Address(address)
    UNION
    SELECT registeredAddress_key FROM current_enterprises WHERE touched_Address(registeredAddress_key)
) AS address
LEFT JOIN masked_address USING (key)
WHERE address.key IS NOT NULL
