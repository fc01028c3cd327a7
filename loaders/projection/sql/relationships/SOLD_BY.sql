-- Only where it says more: the merchant is not the platform itself.
SELECT id AS start_key, merchant AS end_key
FROM sale
WHERE merchant IS NOT NULL AND merchant IS DISTINCT FROM platform AND touched_Transaction(id)
