-- One relationship a distinct phone, with its parts in the sale.
SELECT start_key, end_key, list(role ORDER BY role) AS roles
FROM (
    SELECT id AS start_key, buyer_phone AS end_key, 'buyer' AS role FROM sale WHERE touched_Transaction(id)
    UNION ALL
    SELECT id, payer_phone, 'payer' FROM sale WHERE touched_Transaction(id)
    UNION ALL
    SELECT id, consignee_phone, 'consignee' FROM sale WHERE touched_Transaction(id)
)
WHERE end_key IS NOT NULL
GROUP BY start_key, end_key
