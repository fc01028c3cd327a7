/*
id: declared-lines
meaning: >-
  Each declared line of the sales of the window: by whom, when, as what, how much of it, for how much (CNY; other
  currencies have no value here). Goods are known by their bar code, and without one by their name. The other tallies of
  goods count these rows.
reads: []
parameters: []
*/
SELECT
    sale.sale_id, sale.platform, sale.merchant, sale.agent,
    coalesce(sale.decl_date, sale.last_date) AS day,
    coalesce(sale.trade_mode, '') AS trade_mode,
    line.gcode,
    -- Where there is none people write "0" or a word.
    coalesce(TRY_CAST(line.barCode AS BIGINT) >= 10000000, false) AS has_bar_code,
    CASE WHEN TRY_CAST(line.barCode AS BIGINT) >= 10000000 THEN line.barCode ELSE upper(replace(line.gname, ' ', '')) END
        AS goods,
    line.unit1, line.qty1,
    CASE WHEN NOT is_foreign(line.currency) THEN line.totalPrice END AS value
FROM current_inventory_items AS line
JOIN window_sales AS sale ON sale.sale_id = line.ebpCode || '|' || line.orderNo
