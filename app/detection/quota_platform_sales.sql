-- Sales of exhausted people on some platforms (at_hand: platform): those that count towards a year that came near the
-- limit, and those that were refused because of it.
WITH near AS (
    SELECT DISTINCT consumer, year
    FROM consumer_quota
    WHERE year > year(CAST($until AS DATE)) - $years AND used >= CAST($near AS DECIMAL(9, 6)) * annual_limit
)
SELECT sale.sale_id, sale.platform
FROM quota_sales AS sale
JOIN at_hand ON at_hand.platform = sale.platform
JOIN near ON near.consumer = sale.consumer AND near.year = sale.year
WHERE sale.counted > 0
UNION
SELECT refusal.sale_id, refusal.platform
FROM quota_refusals AS refusal
JOIN at_hand ON at_hand.platform = refusal.platform
WHERE year(refusal.day) > year(CAST($until AS DATE)) - $years
ORDER BY sale_id
