-- Order numbers of the sales on which the aliases of payment codes bear: order and payment name two codes, and one has an alias.
WITH codes AS (
    SELECT payCode AS code FROM payment_aliases
    UNION
    SELECT sameAs AS code FROM payment_aliases
)
SELECT o.orderNo
FROM orders AS o
JOIN payments AS p ON o.ebpCode = p.ebpCode AND o.orderNo = p.orderNo
WHERE o.payCode <> p.payCode AND (o.payCode IN (SELECT code FROM codes) OR p.payCode IN (SELECT code FROM codes))
