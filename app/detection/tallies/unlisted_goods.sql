/*
id: unlisted-goods
meaning: >-
  Declared lines of each merchant through each agent on days that a positive list covers, and those of them whose code was
  not on the list that day for that trade mode; an entry may be a prefix of the code.
reads: [declared_lines]
parameters: []
*/
WITH listed AS (
    -- Not only the latest entry of a code: a sale is held against the list of its day.
    SELECT gcode AS prefix, tradeModes, validFrom AS since, coalesce(validTo, DATE '9999-12-31') AS until
    FROM positive_list
    QUALIFY row_number() OVER (PARTITION BY gcode, validFrom ORDER BY load_seq DESC, content_hash DESC) = 1
),
covered AS (
    SELECT DISTINCT days.day
    FROM (SELECT DISTINCT day FROM declared_lines) AS days
    JOIN listed ON days.day BETWEEN listed.since AND listed.until
),
entry AS (
    SELECT codes.gcode, listed.tradeModes, listed.since, listed.until
    FROM (SELECT DISTINCT gcode FROM declared_lines) AS codes
    JOIN listed ON starts_with(codes.gcode, listed.prefix)
),
unlisted AS (
    SELECT declared.gcode, declared.trade_mode, declared.day
    FROM (SELECT DISTINCT gcode, trade_mode, day FROM declared_lines) AS declared
    ANTI JOIN entry
        ON entry.gcode = declared.gcode
        AND declared.day BETWEEN entry.since AND entry.until
        AND (
            entry.tradeModes IS NULL OR declared.trade_mode = ''
            OR contains(entry.tradeModes, declared.trade_mode)
        )
)
SELECT
    line.merchant, line.agent,
    count(*) AS judgeable,
    count(unlisted.gcode) AS differing,
    list({
        'sale_id': line.sale_id, 'what': line.gcode,
        'value_e5': e5(coalesce(line.value, 0)), 'tax_e5': CAST(0 AS BIGINT)
    } ORDER BY line.sale_id, line.gcode, line.value) FILTER (WHERE unlisted.gcode IS NOT NULL) AS lines
FROM declared_lines AS line
SEMI JOIN covered ON covered.day = line.day
LEFT JOIN unlisted
    ON unlisted.gcode = line.gcode AND unlisted.trade_mode = line.trade_mode AND unlisted.day = line.day
GROUP BY line.merchant, line.agent
ORDER BY line.merchant, line.agent
