SELECT phone.key, masked_text
FROM (
    SELECT buyer_phone AS key FROM sale WHERE touched_Phone(buyer_phone)
    UNION
    SELECT payer_phone FROM sale WHERE touched_Phone(payer_phone)
    UNION
    SELECT consignee_phone FROM sale WHERE touched_Phone(consignee_phone)
    UNION
    SELECT telephone_key FROM current_enterprises WHERE touched_Phone(telephone_key)
) AS phone
LEFT JOIN masked_phone USING (key)
WHERE phone.key IS NOT NULL
