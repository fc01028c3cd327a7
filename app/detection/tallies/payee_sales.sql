/*
id: payee-sales
meaning: >-
  Sales of the window with the account that they were paid into (179 data): who sold, through which company it was
  paid, and whether the account is a payment company's own, by its holder's code or by the register.
reads: [payment_mergers]
parameters: []
*/
WITH firm AS (
    -- Whoever pays out for others by trade, by any of its codes.
    SELECT DISTINCT coalesce(code_map.canonical, current_enterprises.code) AS code
    FROM current_enterprises
    LEFT JOIN code_map ON code_map.code = current_enterprises.code
    WHERE list_contains(string_split(roles, ';'), 'payment')
    UNION
    SELECT DISTINCT company FROM sales WHERE company IS NOT NULL
),
own AS (
    SELECT bankAccount_key AS account
    FROM current_enterprises
    LEFT JOIN code_map ON code_map.code = current_enterprises.code
    WHERE bankAccount_key IS NOT NULL AND coalesce(code_map.canonical, current_enterprises.code) IN (SELECT code FROM firm)
    UNION
    SELECT recpAccount_key
    FROM current_raw_payments
    LEFT JOIN code_map ON code_map.code = recpCode
    WHERE recpAccount_key IS NOT NULL AND coalesce(code_map.canonical, recpCode) IN (SELECT code FROM firm)
),
paid AS (
    SELECT DISTINCT payment.recpAccount_key AS account, coalesce(part.ebpCode, payment.ebpCode) || '|' || part.orderNo AS sale_id
    FROM current_raw_payments AS payment
    JOIN current_raw_payment_orders AS part USING (payCode, payTransactionId)
    WHERE payment.recpAccount_key IS NOT NULL
)
SELECT
    paid.account, paid.sale_id, sales.platform, sales.merchant,
    coalesce(min(final.into_company), sales.company) AS company,
    paid.account IN (SELECT account FROM own) AS settlement
FROM paid
JOIN sales ON sales.sale_id = paid.sale_id
LEFT JOIN payment_mergers AS final
    ON final.pay_code = sales.pay_code AND sales.last_date BETWEEN final.since AND final.until
WHERE sales.platform IN (SELECT key FROM keys)
GROUP BY paid.account, paid.sale_id, sales.platform, sales.merchant, sales.company
ORDER BY paid.account, paid.sale_id
