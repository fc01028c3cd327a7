-- Only where it says more: the payer is not the buyer.
SELECT id AS start_key, payer AS end_key
FROM sale
WHERE payer IS NOT NULL AND payer IS DISTINCT FROM consumer AND touched_Transaction(id)
