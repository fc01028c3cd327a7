-- Goods that platforms (`at_hand.platform`) declared in sales of the window that cleared: how many sales each, and the
-- latest link of it that payment data (179) gave. Reads `window_sales` of the tallies.
WITH sale AS (
    SELECT sale_id, platform, ebp_code, order_no
    FROM window_sales
    WHERE cleared AND platform IN (SELECT platform FROM at_hand)
),
line AS (
    SELECT sale.sale_id, sale.platform, item.barCode AS bar_code, item.itemNo AS item_no,
        coalesce(item.itemName, item.gname) AS item_name
    FROM current_inventory_items AS item
    JOIN sale ON item.ebpCode = sale.ebp_code AND item.orderNo = sale.order_no
),
single AS (
    SELECT sale_id FROM line GROUP BY sale_id HAVING count(*) = 1
),
linked AS (
    SELECT line.platform, line.bar_code, line.item_no, line.item_name, raw.itemLink AS link
    FROM current_raw_payment_orders AS raw
    JOIN line ON line.sale_id = raw.ebpCode || '|' || raw.orderNo
    WHERE raw.itemLink IS NOT NULL
        AND (raw.gname = line.item_name OR line.sale_id IN (SELECT sale_id FROM single))
),
counted AS (
    SELECT platform, bar_code, item_no, item_name, count(DISTINCT sale_id) AS sales FROM line GROUP BY ALL
),
links AS (
    SELECT platform, bar_code, item_no, item_name, max(link) AS item_link FROM linked GROUP BY ALL
)
SELECT counted.platform, counted.bar_code, counted.item_no, counted.item_name, links.item_link, counted.sales
FROM counted
LEFT JOIN links
    ON links.platform = counted.platform
    AND links.bar_code IS NOT DISTINCT FROM counted.bar_code
    AND links.item_no IS NOT DISTINCT FROM counted.item_no
    AND links.item_name IS NOT DISTINCT FROM counted.item_name
QUALIFY row_number() OVER (
    PARTITION BY counted.platform
    ORDER BY counted.sales DESC, counted.bar_code NULLS LAST, counted.item_no NULLS LAST, counted.item_name NULLS LAST
) <= $most
ORDER BY counted.platform, counted.sales DESC, counted.bar_code NULLS LAST, counted.item_no NULLS LAST,
    counted.item_name NULLS LAST
