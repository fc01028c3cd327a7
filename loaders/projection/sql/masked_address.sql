SELECT key, coalesce(district_of(min(raw)), '') || '***' AS masked_text, district_of(min(raw)) AS district, place_of(min(raw)) AS place
FROM (
    SELECT consigneeAddress_key AS key, min(consigneeAddress) AS raw
    FROM orders WHERE touched_Address(consigneeAddress_key) GROUP BY ALL
    UNION ALL
    SELECT consigneeAddress_key, min(consigneeAddress)
    FROM waybills WHERE touched_Address(consigneeAddress_key) GROUP BY ALL
    UNION ALL
    SELECT consigneeAddress_key, min(consigneeAddress)
    FROM inventories WHERE touched_Address(consigneeAddress_key) GROUP BY ALL
    UNION ALL
    SELECT registeredAddress_key, min(registeredAddress)
    FROM enterprises WHERE touched_Address(registeredAddress_key) GROUP BY ALL
)
GROUP BY key
