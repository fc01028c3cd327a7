SELECT key, mask_phone(min(raw)) AS masked_text
FROM (
    SELECT buyerTelephone_key AS key, min(buyerTelephone) AS raw
    FROM orders WHERE touched_Phone(buyerTelephone_key) GROUP BY ALL
    UNION ALL
    SELECT consigneeTelephone_key, min(consigneeTelephone)
    FROM orders WHERE touched_Phone(consigneeTelephone_key) GROUP BY ALL
    UNION ALL
    SELECT telephone_key, min(telephone) FROM payments WHERE touched_Phone(telephone_key) GROUP BY ALL
    UNION ALL
    SELECT consigneeTelephone_key, min(consigneeTelephone)
    FROM waybills WHERE touched_Phone(consigneeTelephone_key) GROUP BY ALL
    UNION ALL
    SELECT buyerTelephone_key, min(buyerTelephone)
    FROM inventories WHERE touched_Phone(buyerTelephone_key) GROUP BY ALL
    UNION ALL
    SELECT telephone_key, min(telephone) FROM enterprises WHERE touched_Phone(telephone_key) GROUP BY ALL
)
GROUP BY key
