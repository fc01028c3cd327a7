-- Platforms with whoever takes part in their sales: how many sales, and which share of the sales that name both.
WITH pair AS (
    SELECT
        platform AS start_key,
        <COLUMN> AS end_key<IDENTITY>,
        count(*) AS transactions,
        e5(sum(amount)) AS amount_e5,
        min(first_date) AS first,
        max(last_date) AS last
    FROM <TABLE>
    WHERE <COLUMN> IS NOT NULL
    GROUP BY platform, <COLUMN><IDENTITY>
),
shared AS (
    SELECT
        *,
        part_of(transactions, sum(transactions) OVER (PARTITION BY start_key<IDENTITY>)) AS share_of_start,
        part_of(transactions, sum(transactions) OVER (PARTITION BY end_key<IDENTITY>)) AS share_of_end
    FROM pair
)
SELECT start_key, end_key<IDENTITY>, transactions, amount_e5, share_of_start, share_of_end, first, last
FROM shared
WHERE touched_<START>(start_key) OR touched_<END>(end_key)
