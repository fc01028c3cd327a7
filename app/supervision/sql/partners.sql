-- Sales of every firm in every role in which another firm of $flagged took part.
WITH cells AS (
    SELECT platform, merchant, agent, company, carrier, warehouse, count(*) AS sales
    FROM sale_outcomes
    GROUP BY ALL
),
marked AS (
    SELECT
        *,
        list_filter(
            [platform, merchant, agent, company, carrier, warehouse],
            lambda firm: list_contains(CAST($flagged AS VARCHAR[]), firm)
        ) AS flagged
    FROM cells
)
SELECT
    role, key,
    CAST(coalesce(sum(sales) FILTER (WHERE len(list_filter(flagged, lambda firm: firm <> key)) > 0), 0) AS BIGINT)
        AS found,
    CAST(sum(sales) AS BIGINT) AS judged
FROM marked
UNPIVOT (key FOR role IN (
    platform, merchant, company AS payment, carrier AS logistics, agent, warehouse
))
GROUP BY role, key
ORDER BY role, key
