-- The codes of the goods that some sales declare, for instructions about goods.
SELECT ebpCode || '|' || orderNo AS sale_id, list(DISTINCT gcode ORDER BY gcode) AS goods
FROM current_inventory_items
WHERE gcode IS NOT NULL AND ebpCode || '|' || orderNo IN (SELECT sale_id FROM at_hand)
GROUP BY ALL
ORDER BY sale_id
