-- Sales declared in the name of a person while it was locked (at_hand: key, level, since, until), whatever became of
-- the declaration.
SELECT
    sale.sale_id, lock.key AS consumer, min(lock.since) AS since, min(sale.decl_date) AS declared
FROM every_sale AS sale
JOIN at_hand AS lock
    ON lock.key = coalesce(sale.declared_consumer_key, sale.consumer_key)
    AND sale.decl_date BETWEEN lock.since AND lock.until
WHERE lock.level = 'locked' AND sale.inventories > 0 AND sale.decl_date <= $until
GROUP BY sale.sale_id, lock.key
ORDER BY sale.sale_id, lock.key
