/*
id: one-weights
meaning: >-
  For every platform and carrier that can be judged, the weights in grams that waybills give to a good part of its
  parcels although the goods differ: in chapters, in pieces, or in value by a factor of two. Waybills of a carrier that
  rounds weights coarsely say nothing.
reads: []
parameters:
  - name: parcels
    default: 10
    unit: parcels
    meaning: Parcels of one weight below which it says nothing.
    source: Weights of ten unlike parcels do not agree by chance.
    holds_from: 2019-01-01
  - name: part
    default: 0.1
    unit: share
    meaning: Share of the platform's parcels with this carrier that have the weight; below, it is chance among many.
    source: Of thousands of parcels some always weigh the same to the gram.
    holds_from: 2019-01-01
  - name: goods
    default: 5
    unit: kinds of goods
    meaning: Different goods (chapters, pieces and value up to a factor of two) of one weight, below which they may be alike.
    source: A shop of one product sells it in one to three pieces, at prices that a promotion moves.
    holds_from: 2019-01-01
  - name: grid
    default: 100
    unit: grams
    meaning: Weights that are multiples of it are rounded coarsely.
    source: Carriers that do not weigh to the gram round to 0.1, 0.5 or 1 kg.
    holds_from: 2019-01-01
  - name: rounding
    default: 0.95
    unit: share
    meaning: A carrier with more of its weights on the grid, not all of them the same, rounds.
    source: Chance puts one weight in a hundred on the grid.
    holds_from: 2019-01-01
  - name: one
    default: 0.9
    unit: share
    meaning: A carrier with this share of its parcels at one weight does not round, it makes the weight up.
    source: Rounded weights of different goods differ.
    holds_from: 2019-01-01
*/
WITH weighed AS (
    SELECT
        platform, carrier, CAST(weight * 1000 AS BIGINT) AS grams,
        chapters, pieces, length(bin(CAST(coalesce(goods_value, dutiable_value, 0) AS BIGINT))) AS size
    FROM window_sales
    WHERE weight > 0 AND pieces > 0 AND carrier IS NOT NULL
),
weights AS (SELECT platform, carrier, grams, count(*) AS parcels FROM weighed GROUP BY platform, carrier, grams),
of_carrier AS (
    SELECT carrier, sum(parcels) AS parcels, coalesce(sum(parcels) FILTER (WHERE grams % $grid = 0), 0) AS on_grid
    FROM weights
    GROUP BY carrier
),
usual AS (
    SELECT carrier, max(parcels) AS parcels
    FROM (SELECT carrier, sum(parcels) AS parcels FROM weights GROUP BY carrier, grams) AS of_weight
    GROUP BY carrier
),
weighing AS (
    SELECT carrier
    FROM of_carrier
    JOIN usual USING (carrier)
    WHERE on_grid < CAST($rounding AS DECIMAL(9, 6)) * of_carrier.parcels
       OR usual.parcels >= CAST($one AS DECIMAL(9, 6)) * of_carrier.parcels
),
of_platform AS (SELECT platform, carrier, sum(parcels) AS whole FROM weights GROUP BY platform, carrier),
common AS (
    SELECT platform, carrier, grams, parcels
    FROM weights
    JOIN of_platform USING (platform, carrier)
    WHERE parcels >= $parcels AND parcels >= CAST($part AS DECIMAL(9, 6)) * whole
),
unlike AS (
    SELECT platform, carrier, grams, count(DISTINCT (chapters, pieces, size)) AS goods
    FROM weighed
    SEMI JOIN common USING (platform, carrier, grams)
    GROUP BY platform, carrier, grams
)
-- A row for every platform with a carrier that weighs, its weights (if any) being those that do not follow the goods.
SELECT platform, carrier, list(grams ORDER BY grams) FILTER (WHERE goods >= $goods) AS grams
FROM of_platform
LEFT JOIN unlike USING (platform, carrier)
SEMI JOIN weighing USING (carrier)
GROUP BY platform, carrier
ORDER BY platform, carrier
