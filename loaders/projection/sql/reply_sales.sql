-- Which sales each current reply of the payment authority is about (`verification`, `sale_id`): the one that it names, if
-- that one is known; else those whose payment bears its number, be it the one pushed to customs (411) or the one that
-- the clearing institution knows (179), and went through the same company, by whichever of its codes.
-- Reads `sale` (id, payment_company, pay_transaction_id) and `code_map`. Numbers are looked up in every version of
-- a payment: they are part of its identity, so that another version bears the same one.
WITH RECURSIVE alias AS (
    SELECT coalesce(one.canonical, payCode) AS a, coalesce(other.canonical, sameAs) AS b
    FROM current_payment_aliases
    LEFT JOIN code_map AS one ON one.code = payCode
    LEFT JOIN code_map AS other ON other.code = sameAs
),
either_way AS (SELECT a, b FROM alias UNION SELECT b, a FROM alias),
one_company AS (
    SELECT a, b FROM either_way
    UNION
    SELECT one_company.a, either_way.b FROM one_company JOIN either_way ON one_company.b = either_way.a
),
reply AS (
    SELECT
        verificationId AS verification, coalesce(code_map.canonical, payCode) AS company, payTransactionId AS number,
        ebpCode || '|' || orderNo AS named
    FROM current_payment_verifications
    LEFT JOIN code_map ON code_map.code = payCode
),
by_name AS (SELECT reply.verification, sale.id AS sale_id FROM reply JOIN sale ON sale.id = reply.named),
unnamed AS (SELECT reply.* FROM reply ANTI JOIN by_name ON by_name.verification = reply.verification),
by_number AS (
    SELECT unnamed.verification, unnamed.company, sale.id AS sale_id
    FROM unnamed JOIN sale ON sale.pay_transaction_id = unnamed.number
    UNION
    SELECT unnamed.verification, unnamed.company, payments.ebpCode || '|' || payments.orderNo
    FROM unnamed JOIN payments ON payments.payTransactionId = unnamed.number
    UNION
    SELECT unnamed.verification, unnamed.company, coalesce(part.ebpCode, raw_payments.ebpCode) || '|' || part.orderNo
    FROM unnamed
    JOIN raw_payments ON raw_payments.payTransactionId = unnamed.number
    JOIN raw_payment_orders AS part
        ON part.payCode = raw_payments.payCode AND part.payTransactionId = raw_payments.payTransactionId
)
SELECT verification, sale_id FROM by_name
UNION ALL
SELECT DISTINCT by_number.verification, by_number.sale_id
FROM by_number
JOIN sale ON sale.id = by_number.sale_id
LEFT JOIN one_company ON one_company.a = by_number.company AND one_company.b = sale.payment_company
WHERE sale.payment_company = by_number.company OR one_company.a IS NOT NULL
