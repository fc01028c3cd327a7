/*
id: misclassified-goods
meaning: >-
  Declared lines of each merchant through each agent of goods that the other merchants agree on the code of, and those of
  them under another code on which customs levies less, with the tax that this saves. Goods or codes without a rate
  (tax_rates) are not judged.
reads: [declared_lines, tax_rates]
parameters:
  - name: sellers
    default: 3
    unit: merchants
    meaning: Merchants that declare goods under one code, below which no code is usual.
    source: Two may be one and the same firm.
    holds_from: 2019-01-01
  - name: agreement
    default: 0.8
    unit: share
    meaning: Share of the merchants that declare the goods under that code, below which none is usual.
    source: A common name stands for goods of several codes.
    holds_from: 2019-01-01
  - name: gap
    default: 100
    unit: 1/10,000 of the dutiable value
    meaning: Difference of two rates, below which they are the same rate.
    source: Freight and rounding blur what bills show by less than one point.
    holds_from: 2019-01-01
*/
WITH own AS (
    -- A merchant has one voice, however much it sells.
    SELECT goods, merchant, gcode
    FROM declared_lines
    GROUP BY goods, merchant, gcode
    QUALIFY row_number() OVER (PARTITION BY goods, merchant ORDER BY count(*) DESC, gcode) = 1
),
voices AS (SELECT goods, gcode, count(*) AS merchants FROM own GROUP BY goods, gcode),
usual AS (
    SELECT goods, gcode, merchants, sum(merchants) OVER (PARTITION BY goods) AS all_merchants
    FROM voices
    QUALIFY row_number() OVER (PARTITION BY goods ORDER BY merchants DESC, gcode) = 1
),
settled AS (
    SELECT usual.goods, usual.gcode, tax_rates.rate
    FROM usual
    JOIN tax_rates ON tax_rates.gcode = usual.gcode
    WHERE merchants >= $sellers AND merchants >= $agreement * all_merchants
),
held AS (
    SELECT
        line.*, settled.gcode AS usual_code, settled.rate - tax_rates.rate AS saved,
        line.gcode <> settled.gcode AND settled.rate - tax_rates.rate >= $gap AS differs
    FROM declared_lines AS line
    JOIN settled ON settled.goods = line.goods
    JOIN tax_rates ON tax_rates.gcode = line.gcode
)
SELECT
    merchant, agent,
    count(*) AS judgeable,
    count(*) FILTER (WHERE differs) AS differing,
    list({
        'sale_id': sale_id, 'what': gcode || ' (' || usual_code || ')',
        'value_e5': e5(coalesce(value, 0)),
        'tax_e5': whole(round(coalesce(value, 0) * 10 * saved))
    } ORDER BY sale_id, gcode, goods, value) FILTER (WHERE differs) AS lines
FROM held
GROUP BY merchant, agent
ORDER BY merchant, agent
