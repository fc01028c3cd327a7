-- Who transmits which document of a platform's sales; shares are among the sales with that document's sender.
WITH part AS (
    SELECT platform, 'order' AS document, order_sender AS sender, amount, first_date, last_date FROM sale
    UNION ALL
    SELECT platform, 'payment', payment_sender, amount, first_date, last_date FROM sale
    UNION ALL
    SELECT platform, 'waybill', waybill_sender, amount, first_date, last_date FROM sale
    UNION ALL
    SELECT platform, 'inventory', inventory_sender, amount, first_date, last_date FROM sale
),
pair AS (
    SELECT
        platform AS start_key,
        sender AS end_key,
        document,
        count(*) AS transactions,
        e5(sum(amount)) AS amount_e5,
        min(first_date) AS first,
        max(last_date) AS last
    FROM part
    WHERE sender IS NOT NULL
    GROUP BY platform, sender, document
),
shared AS (
    SELECT
        *,
        part_of(transactions, sum(transactions) OVER (PARTITION BY start_key, document)) AS share_of_start,
        part_of(transactions, sum(transactions) OVER (PARTITION BY end_key, document)) AS share_of_end
    FROM pair
)
SELECT start_key, end_key, document, transactions, amount_e5, share_of_start, share_of_end, first, last
FROM shared
WHERE touched_Enterprise(start_key) OR touched_Sender(end_key)
