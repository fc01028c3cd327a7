-- What a share does not say of the sales of every firm in every role: how many, what was paid, in which months of the
-- period (bits of a number), since when the ledger knows it.
WITH cells AS (
    SELECT
        platform, merchant, agent, company, carrier, warehouse,
        count(*) AS sales, sum(amount) AS amount, bit_or(CAST(1 AS BIGINT) << least(month, 62)) AS months
    FROM sale_outcomes
    GROUP BY ALL
),
active AS (
    SELECT
        role, key,
        CAST(sum(sales) AS BIGINT) AS sales, CAST(coalesce(sum(amount), 0) AS DECIMAL(38, 5)) AS amount,
        bit_count(bit_or(months)) AS months
    FROM cells
    UNPIVOT (key FOR role IN (
        platform, merchant, company AS payment, carrier AS logistics, agent, warehouse
    ))
    GROUP BY role, key
),
known AS (
    SELECT role, key, min(first_date) AS first_date
    FROM first_sales
    UNPIVOT (key FOR role IN (
        platform, merchant, company AS payment, carrier AS logistics, agent, warehouse
    ))
    GROUP BY role, key
)
SELECT role, key, sales, amount, CAST(months AS BIGINT) AS months, first_date
FROM active
JOIN known USING (role, key)
ORDER BY role, key
