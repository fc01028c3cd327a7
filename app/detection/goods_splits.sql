-- Goods that many people had sent to one destination within days, for more than the single limit together: of every crowd and
-- goods the days with the most people. What marks an address as everybody's (a locker, a station, a dormitory, an office) is read
-- from the raw text, and leaves it out; relayed numbers are no crowd.
-- Parameters: $identities (people, least), $days, $single_limit (CNY).
WITH told AS (
    SELECT consigneeAddress_key AS key, min(consigneeAddress) AS raw
    FROM orders SEMI JOIN crowd_uses ON consigneeAddress_key = key GROUP BY consigneeAddress_key
    UNION ALL
    SELECT consigneeAddress_key, min(consigneeAddress)
    FROM waybills SEMI JOIN crowd_uses ON consigneeAddress_key = key GROUP BY consigneeAddress_key
),
everybodys AS (SELECT key FROM told WHERE place_of(raw) IS NOT NULL),
arrived AS MATERIALIZED (
    SELECT
        uses.label AS kind, uses.key AS destination, uses.consumer AS consumer_key, uses.platform,
        line.sale_id, line.day, line.goods, line.value
    FROM crowd_uses AS uses
    ANTI JOIN everybodys ON everybodys.key = uses.key
    JOIN declared_lines AS line ON line.sale_id = uses.sale_id
),
alike AS (
    SELECT kind, destination, goods
    FROM arrived
    GROUP BY kind, destination, goods
    HAVING count(DISTINCT consumer_key) >= $identities
),
spans AS (
    -- A line belongs to every span of days that it may be in.
    SELECT arrived.*, CAST(day - offset_days AS DATE) AS first_day
    FROM arrived
    SEMI JOIN alike USING (kind, destination, goods)
    CROSS JOIN (SELECT CAST(unnest(range($days)) AS INTEGER) AS offset_days) AS offsets
),
burst AS MATERIALIZED (
    SELECT
        kind, destination, goods, first_day,
        count(DISTINCT consumer_key) AS identities, count(DISTINCT sale_id) AS own_sales, sum(value) AS value,
        list(DISTINCT {'id': sale_id, 'platform': platform} ORDER BY {'id': sale_id, 'platform': platform}) AS sales
    FROM spans
    GROUP BY kind, destination, goods, first_day
    HAVING count(DISTINCT consumer_key) >= $identities AND sum(value) > CAST($single_limit AS DECIMAL(19, 5))
    QUALIFY row_number() OVER (
        PARTITION BY kind, destination, goods ORDER BY count(DISTINCT consumer_key) DESC, sum(value) DESC, first_day DESC
    ) = 1
),
beside AS (
    SELECT burst.kind, burst.destination, burst.goods, count(DISTINCT arrived.sale_id) AS all_sales
    FROM burst
    JOIN arrived
        ON arrived.kind = burst.kind AND arrived.destination = burst.destination
        AND arrived.day BETWEEN burst.first_day AND burst.first_day + CAST($days - 1 AS INTEGER)
    GROUP BY burst.kind, burst.destination, burst.goods
),
-- How usual the goods are everywhere in those days: a sale day sends them to all.
days AS (
    SELECT DISTINCT goods, first_day, CAST(first_day + offset_days AS DATE) AS day
    FROM burst CROSS JOIN (SELECT CAST(unnest(range($days)) AS INTEGER) AS offset_days) AS offsets
),
daily AS (
    SELECT day, count(DISTINCT sale_id) AS sales
    FROM declared_lines SEMI JOIN days USING (day)
    GROUP BY day
),
daily_goods AS (
    SELECT day, goods, count(DISTINCT sale_id) AS sales
    FROM declared_lines SEMI JOIN days USING (day, goods)
    GROUP BY day, goods
),
market AS (
    SELECT
        days.goods, days.first_day,
        CAST(sum(coalesce(daily_goods.sales, 0)) AS BIGINT) AS market_goods,
        CAST(sum(coalesce(daily.sales, 0)) AS BIGINT) AS market_sales
    FROM days
    LEFT JOIN daily USING (day)
    LEFT JOIN daily_goods USING (day, goods)
    GROUP BY days.goods, days.first_day
)
SELECT
    burst.kind, burst.destination, burst.goods, burst.first_day, burst.identities, burst.own_sales,
    e5(burst.value) AS value_e5,
    burst.sales, beside.all_sales, market.market_goods, market.market_sales,
    (SELECT count(*) FROM arrived) AS looked_at
FROM burst
JOIN beside USING (kind, destination, goods)
JOIN market USING (goods, first_day)
ORDER BY burst.kind, burst.destination, burst.goods
