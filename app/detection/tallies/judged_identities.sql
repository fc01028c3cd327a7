/*
id: judged-identities
meaning: >-
  Each buyer of the window whose identity number is one of a resident (type 1), by key, and whether that number cannot
  be one: not 17 digits and a check digit, a date of birth that is none, or a wrong check digit (GB 11643).
reads: []
parameters: []
*/
WITH buyer AS (
    SELECT DISTINCT consumer_key AS person FROM sales WHERE consumer_key IS NOT NULL
),
written AS (
    SELECT buyerIdNumber_key AS person, buyerIdNumber AS number FROM orders WHERE buyerIdType = '1'
    UNION ALL
    SELECT buyerIdNumber_key, buyerIdNumber FROM inventories WHERE buyerIdType = '1'
),
-- A key stands for one number, however it was typed; any way of typing it gives the same form. Eighteen plain letters
-- are that form already, and nearly all are: with anything else among them they cannot be a number either.
typed AS (
    SELECT person, min(number) AS number
    FROM written
    WHERE person IN (SELECT person FROM buyer)
    GROUP BY person
),
number AS (
    SELECT
        person,
        upper(CASE WHEN strlen(number) = 18 THEN number ELSE regexp_replace(
            translate(number, '０１２３４５６７８９ＸｘⅩⅹ', '0123456789XxXx'), '[^0-9A-Za-z]', '', 'g'
        ) END) AS number
    FROM typed
),
figures AS (
    SELECT
        person, number,
        TRY_CAST(substr(number, 1, 17) AS BIGINT) AS body,
        CAST(try_strptime(substr(number, 7, 8), '%Y%m%d') AS DATE) AS born
    FROM number
),
summed AS (
    SELECT
        *,
        (body // 10000000000000000 % 10) * 7 + (body // 1000000000000000 % 10) * 9
        + (body // 100000000000000 % 10) * 10 + (body // 10000000000000 % 10) * 5
        + (body // 1000000000000 % 10) * 8 + (body // 100000000000 % 10) * 4
        + (body // 10000000000 % 10) * 2 + (body // 1000000000 % 10) * 1
        + (body // 100000000 % 10) * 6 + (body // 10000000 % 10) * 3
        + (body // 1000000 % 10) * 7 + (body // 100000 % 10) * 9
        + (body // 10000 % 10) * 10 + (body // 1000 % 10) * 5
        + (body // 100 % 10) * 8 + (body // 10 % 10) * 4
        + (body % 10) * 2 AS weighted
    FROM figures
)
SELECT
    person,
    NOT coalesce(
        regexp_full_match(number, '[0-9]{17}[0-9X]')
        AND born BETWEEN DATE '1900-01-01' AND $until
        AND substr(number, 18, 1) = substr('10X98765432', CAST(weighted % 11 AS INTEGER) + 1, 1),
        false
    ) AS invalid
FROM summed
ORDER BY person
