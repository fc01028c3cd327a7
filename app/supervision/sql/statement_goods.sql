-- The goods of some sales (at_hand: sale_id, declared): lines of the declaration where there is one, else of the order;
-- the newest lines of each document, as the views of current lines have them.
WITH lines AS (
    SELECT
        item.ebpCode || '|' || item.orderNo AS sale_id, true AS declared, item.copNo AS document, item.gnum, item.gname AS name,
        item.gcode AS code, item.qty, item.unit, item.price, item.totalPrice AS total, item.currency,
        rank() OVER (
            PARTITION BY item.ebpCode, item.orderNo, item.copNo
            ORDER BY item.appTime DESC NULLS LAST, item.appType DESC
        ) AS age
    FROM inventory_items AS item
    WHERE item.ebpCode || '|' || item.orderNo IN (SELECT sale_id FROM at_hand) AND item.appStatus IS DISTINCT FROM '1'
    UNION ALL
    SELECT
        item.ebpCode || '|' || item.orderNo, false, NULL, item.gnum, item.itemName,
        NULL, item.qty, item.unit, item.price, item.totalPrice, item.currency,
        rank() OVER (
            PARTITION BY item.ebpCode, item.orderNo ORDER BY item.appTime DESC NULLS LAST, item.appType DESC
        )
    FROM order_items AS item
    WHERE item.ebpCode || '|' || item.orderNo IN (SELECT sale_id FROM at_hand) AND item.appStatus IS DISTINCT FROM '1'
)
SELECT DISTINCT
    lines.sale_id, lines.document, lines.gnum, lines.name, lines.code, lines.qty, lines.unit, lines.price, lines.total,
    lines.currency
FROM lines
JOIN at_hand ON at_hand.sale_id = lines.sale_id AND at_hand.declared = lines.declared
WHERE lines.age = 1
ORDER BY lines.sale_id, lines.document, lines.gnum, lines.name
