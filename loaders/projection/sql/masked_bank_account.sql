SELECT key, mask_bank(min(raw)) AS masked_text
FROM (
    SELECT recpAccount_key AS key, min(recpAccount) AS raw
    FROM raw_payments WHERE touched_BankAccount(recpAccount_key) GROUP BY ALL
    UNION ALL
    SELECT bankAccount_key, min(bankAccount)
    FROM enterprises WHERE touched_BankAccount(bankAccount_key) GROUP BY ALL
)
GROUP BY key
