-- Sales of one firm, those with another firm of $flagged first, and which firms these are.
SELECT
    sale_id AS id, last_date AS day, len(partners) > 0 AS counts, array_to_string(partners, ' ') AS detail,
    count(*) OVER () AS total, count(*) FILTER (WHERE len(partners) > 0) OVER () AS counted
FROM (
    SELECT
        sale_id, last_date,
        list_sort(list_distinct(list_filter(
            [platform, merchant, agent, company, carrier, warehouse],
            lambda firm: firm <> $code AND list_contains(CAST($flagged AS VARCHAR[]), firm)
        ))) AS partners
    FROM sale_outcomes
    WHERE <COLUMN> = $code
)
ORDER BY counts DESC, day DESC, id
LIMIT $limit OFFSET $offset
