/*
id: undervalued-goods
meaning: >-
  Declared lines of each platform, merchant and agent of goods that enough merchants sell, and those of them whose price a unit
  of measure (totalPrice / qty1, so that small packs are not cheap) lies far below what the merchants usually declare, with what
  the value lacks to the usual price and the tax on it. Lines at no price, and a merchant's days of lowest prices
  (promotions), are not judged.
reads: [declared_lines, tax_rates]
parameters:
  - name: sellers
    default: 5
    unit: merchants
    meaning: Merchants that declare the goods, below which they have no usual price.
    source: Fewer do not tell what is usual.
    holds_from: 2019-01-01
  - name: deviations
    default: 5.0
    unit: times the median deviation
    meaning: How far below the usual price, on a scale of ratios, a price must lie.
    source: 3.4 standard deviations of a normal variable (1.4826 median deviations each), one in 3,000.
    holds_from: 2019-01-01
  - name: spread
    default: 1.1
    unit: ratio
    meaning: The median deviation is taken as at least this ratio.
    source: Shops differ by a tenth for no reason; five times that is six tenths of the usual price.
    holds_from: 2019-01-01
  - name: promotion_days
    default: 3
    unit: days
    meaning: As many days of a merchant, those with the most such lines (two or more), are left out.
    source: A drop, a birthday and a sale day a year; what is declared too low goes on for longer.
    holds_from: 2019-01-01
*/
WITH priced AS (
    SELECT
        *, TRY_CAST(round(100000 * value / qty1) AS BIGINT) AS price,
        -- A name alone may stand for goods of several codes, and they for different prices.
        CASE WHEN has_bar_code THEN '' ELSE gcode END AS of_code
    FROM declared_lines
    WHERE value > 0 AND qty1 > 0
),
asked AS (
    SELECT goods, of_code, unit1, merchant, quantile_disc(price, 0.5) AS price
    FROM priced
    WHERE price > 0
    GROUP BY goods, of_code, unit1, merchant
),
usual AS (
    SELECT goods, of_code, unit1, quantile_disc(price, 0.5) AS usual
    FROM asked
    GROUP BY goods, of_code, unit1
    HAVING count(*) >= $sellers
),
-- The median of the logarithms is that of the prices, and so is the median deviation that of the ratios.
spread AS (
    SELECT
        goods, of_code, unit1, usual,
        quantile_disc(whole(round(10000.0 * greatest(price, usual) / least(price, usual))), 0.5) AS ratio
    FROM asked
    JOIN usual USING (goods, of_code, unit1)
    GROUP BY goods, of_code, unit1, usual
),
held AS (
    SELECT
        line.*, spread.usual,
        line.price < spread.usual * pow(greatest(spread.ratio / 10000, $spread), -$deviations) AS low
    FROM priced AS line
    JOIN spread USING (goods, of_code, unit1)
    WHERE line.price > 0
),
promotions AS (
    SELECT merchant, day
    FROM held
    WHERE low
    GROUP BY merchant, day
    HAVING count(*) >= 2
    QUALIFY row_number() OVER (PARTITION BY merchant ORDER BY count(*) DESC, day) <= $promotion_days
),
judged AS (
    SELECT held.*, whole(round(usual * qty1)) - e5(value) AS short
    FROM held
    LEFT JOIN promotions ON promotions.merchant = held.merchant AND promotions.day = held.day
    WHERE NOT low OR promotions.day IS NULL
)
SELECT
    platform, merchant, agent,
    count(*) AS judgeable,
    count(*) FILTER (WHERE low) AS differing,
    list({
        'sale_id': sale_id, 'what': judged.gcode, 'value_e5': short,
        'tax_e5': whole(round(
            CAST(short AS DECIMAL(19, 0)) * CAST(coalesce(tax_rates.rate, 0) AS DECIMAL(19, 0)) / 10000
        ))
    } ORDER BY sale_id, judged.gcode, goods, short) FILTER (WHERE low) AS lines
FROM judged
LEFT JOIN tax_rates ON tax_rates.gcode = judged.gcode
GROUP BY platform, merchant, agent
ORDER BY platform, merchant, agent
