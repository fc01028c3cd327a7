SELECT account.key, masked_text
FROM (
    SELECT account AS key FROM payee WHERE touched_BankAccount(account)
    UNION
    SELECT bankAccount_key FROM current_enterprises WHERE touched_BankAccount(bankAccount_key)
) AS account
LEFT JOIN masked_bank_account USING (key)
WHERE account.key IS NOT NULL
