-- Sales behind a limit that was passed (at_hand: consumer, year, annual): all of the year where it is the annual one,
-- else those above the single limit.
SELECT
    sale.sale_id, sale.consumer, sale.year, sale.over_single,
    e5(sale.counted) AS value_e5
FROM quota_sales AS sale
JOIN at_hand ON at_hand.consumer = sale.consumer AND at_hand.year = sale.year
WHERE sale.counted > 0 AND (at_hand.annual OR sale.over_single)
ORDER BY sale.sale_id
