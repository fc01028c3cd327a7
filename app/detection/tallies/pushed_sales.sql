/*
id: pushed-sales
meaning: >-
  Sales with a payment, counted for each platform and sender of the payment: all; those whose payment somebody else
  pushed for the payment company (`foreign`); and those whose order, payment and waybill one sender pushed (`three`).
  Not where the work is delegated: a company or a carrier has handed it to the sender who pushes at least the share
  `delegated` of all its documents, or to a port's gateway that the office knows.
reads: []
parameters:
  - name: delegated
    default: "0.5"
    unit: share
    meaning: Who pushes at least this share of all payments of a company (waybills of a carrier) does it for the company.
    source: Delegation is a company's decision and holds for its documents wherever they come from.
    holds_from: 2019-01-01
  - name: gateways
    default: []
    unit: codes
    meaning: Senders (copCode) that are known to push documents for any company, like a port's gateway.
    source: Register of the office; none by default.
    holds_from: 2019-01-01
*/
WITH cells AS (
    SELECT
        platform, company, carrier, order_sender, payment_sender, waybill_sender, count(*) AS sales
    FROM window_sales
    WHERE payments > 0 AND payment_sender IS NOT NULL
    GROUP BY platform, company, carrier, order_sender, payment_sender, waybill_sender
),
company_codes AS (
    SELECT company AS code FROM cells WHERE company IS NOT NULL
    UNION
    SELECT coalesce(code_map.canonical, current_enterprises.code)
    FROM current_enterprises
    LEFT JOIN code_map ON code_map.code = current_enterprises.code
    WHERE list_contains(string_split(roles, ';'), 'payment')
),
senders AS (
    SELECT
        sender, coalesce(code_map.canonical, split_part(sender, ' ', -1)) AS sender_code
    FROM (SELECT payment_sender AS sender FROM cells UNION SELECT waybill_sender FROM cells) AS known
    LEFT JOIN code_map ON code_map.code = split_part(sender, ' ', -1)
    WHERE sender IS NOT NULL
),
payments_for AS (
    SELECT company, payment_sender AS sender, sum(sales) AS sales, sum(sum(sales)) OVER (PARTITION BY company) AS total
    FROM cells
    GROUP BY company, payment_sender
),
waybills_for AS (
    SELECT carrier, waybill_sender AS sender, sum(sales) AS sales, sum(sum(sales)) OVER (PARTITION BY carrier) AS total
    FROM cells
    WHERE waybill_sender IS NOT NULL
    GROUP BY carrier, waybill_sender
),
may_pay AS (
    SELECT company, sender FROM payments_for WHERE sales >= CAST($delegated AS DECIMAL(9, 6)) * total
),
may_ship AS (
    SELECT carrier, sender FROM waybills_for WHERE sales >= CAST($delegated AS DECIMAL(9, 6)) * total
),
told AS (
    SELECT
        cells.*,
        may_pay.sender IS NOT NULL OR sender_code = cells.company AS pays,
        may_ship.sender IS NOT NULL OR sender_code = cells.carrier AS ships,
        sender_code IN (SELECT code FROM company_codes) AS is_company,
        list_contains(CAST($gateways AS VARCHAR[]), split_part(payment_sender, ' ', -1)) AS is_gateway
    FROM cells
    JOIN senders ON cells.payment_sender = senders.sender
    LEFT JOIN may_pay ON cells.company = may_pay.company AND cells.payment_sender = may_pay.sender
    LEFT JOIN may_ship ON cells.carrier = may_ship.carrier AND cells.payment_sender = may_ship.sender
),
judged AS (
    SELECT
        *,
        NOT pays AND NOT is_company AND NOT is_gateway AS foreign_payment,
        coalesce(order_sender = payment_sender AND waybill_sender = payment_sender, false)
            AND NOT (pays AND ships) AND NOT is_gateway AS three
    FROM told
)
SELECT
    platform, payment_sender AS sender,
    CAST(sum(sales) AS BIGINT) AS sales,
    CAST(sum(CASE WHEN foreign_payment THEN sales ELSE 0 END) AS BIGINT) AS "foreign",
    CAST(sum(CASE WHEN three THEN sales ELSE 0 END) AS BIGINT) AS three,
    CAST(sum(CASE WHEN foreign_payment OR three THEN sales ELSE 0 END) AS BIGINT) AS wrong
FROM judged
WHERE platform IN (SELECT key FROM keys)
GROUP BY platform, payment_sender
ORDER BY platform, sender
