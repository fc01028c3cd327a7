-- The lines of a sale's order and of its declaration, counted, added up and held against each other by gnum.
WITH ordered AS (
    SELECT
        ebpCode || '|' || orderNo AS sale_id, gnum, itemNo, barCode, unit, qty,
        line_gap(totalPrice, price, qty) AS gap, is_foreign(currency) AS is_foreign
    FROM current_order_items
),
declared AS (
    SELECT
        ebpCode || '|' || orderNo AS sale_id, gnum, itemNo, barCode, unit, qty, totalPrice, substr(gcode, 1, 2) AS chapter,
        line_gap(totalPrice, price, qty) AS gap, is_foreign(currency) AS is_foreign
    FROM current_inventory_items
),
of_orders AS (
    SELECT sale_id, count(*) AS lines, sum(gap) AS gap, bool_or(is_foreign) AS is_foreign FROM ordered GROUP BY sale_id
),
of_declarations AS (
    SELECT
        sale_id, count(*) AS lines, sum(gap) AS gap, bool_or(is_foreign) AS is_foreign, sum(totalPrice) AS value,
        money(sum(qty)) AS pieces,
        list(DISTINCT chapter ORDER BY chapter) FILTER (chapter IS NOT NULL) AS chapters
    FROM declared
    GROUP BY sale_id
),
matched AS (
    SELECT
        o.sale_id, count(*) AS lines,
        count_if(
            (o.unit = d.unit AND o.qty <> d.qty)
            OR coalesce(o.itemNo <> d.itemNo, false) OR coalesce(o.barCode <> d.barCode, false)
        ) AS differing
    FROM ordered AS o
    JOIN declared AS d ON o.sale_id = d.sale_id AND o.gnum = d.gnum
    GROUP BY o.sale_id
)
SELECT
    coalesce(o.sale_id, d.sale_id) AS sale_id,
    o.lines AS order_lines, d.lines AS declared_lines, d.value AS declared_value, d.pieces, d.chapters,
    money(coalesce(o.gap, 0) + coalesce(d.gap, 0)) AS line_gap,
    coalesce(o.is_foreign, false) OR coalesce(d.is_foreign, false) AS is_foreign,
    -- A line that is there twice under another number counts once; one that is missing is a matter of the count.
    CASE WHEN o.lines IS NOT NULL AND d.lines IS NOT NULL
        THEN coalesce(m.differing, 0) + least(o.lines, d.lines) - coalesce(m.lines, 0) END AS differing_lines
FROM of_orders AS o
FULL JOIN of_declarations AS d ON o.sale_id = d.sale_id
LEFT JOIN matched AS m ON o.sale_id = m.sale_id
