-- Shares are of the sales that name both.
WITH part AS (
    SELECT platform, payment_company AS other, first_date, last_date, amount
    FROM sale
    WHERE payment_company IS NOT NULL
),
pair AS (
    SELECT
        platform AS start_key,
        other AS end_key,
        count(*) AS transactions,
        e5(sum(amount)) AS amount_e5,
        min(first_date) AS first,
        max(last_date) AS last
    FROM part
    GROUP BY platform, other
),
shared AS (
    SELECT
        *,
        part_of(transactions, sum(transactions) OVER (PARTITION BY start_key)) AS share_of_start,
        part_of(transactions, sum(transactions) OVER (PARTITION BY end_key)) AS share_of_end
    FROM pair
)
SELECT start_key, end_key, transactions, amount_e5, share_of_start, share_of_end, first, last
FROM shared
WHERE touched_Enterprise(start_key) OR touched_Enterprise(end_key)
