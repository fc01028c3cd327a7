/*
id: payment-mergers
meaning: >-
  Codes of payment companies that another one stands for between two days (payment_aliases, through any chain of them).
reads: []
parameters: []
*/
WITH RECURSIVE merged AS (
    SELECT payCode AS pay_code, sameAs AS into_code, validFrom AS since, coalesce(validTo, DATE '9999-12-31') AS until
    FROM current_payment_aliases
    UNION
    SELECT
        merged.pay_code, next.sameAs, greatest(merged.since, next.validFrom),
        least(merged.until, coalesce(next.validTo, DATE '9999-12-31'))
    FROM merged
    JOIN current_payment_aliases AS next ON next.payCode = merged.into_code
    WHERE next.validFrom <= merged.until AND merged.since <= coalesce(next.validTo, DATE '9999-12-31')
)
-- Whoever was merged on is passed through; a code that leads back to itself stays what it is.
SELECT pay_code, coalesce(code_map.canonical, into_code) AS into_company, since, until
FROM merged
LEFT JOIN code_map ON code_map.code = into_code
WHERE into_code NOT IN (SELECT payCode FROM current_payment_aliases)
ORDER BY pay_code, into_company, since, until
