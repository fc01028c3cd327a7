-- Declared goods of the sales of a dossier (`wanted_sales`: id), one row a line of a current declaration.
SELECT
    line.ebpCode || '|' || line.orderNo AS sale, line.copNo AS declaration, line.gnum AS line, line.gname AS goods,
    line.gcode AS code, line.barCode AS bar_code, line.qty, line.unit, line.qty1 AS legal_qty, line.unit1 AS legal_unit,
    line.price, line.totalPrice AS total, line.currency, line.country
FROM current_inventory_items AS line
WHERE line.ebpCode || '|' || line.orderNo IN (SELECT id FROM wanted_sales)
ORDER BY sale, declaration, line.gnum, goods, code
