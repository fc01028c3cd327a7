-- The last day of which the ledger knows a sale or a check of a platform; null where it knows neither.
SELECT max(day) AS day
FROM (
    SELECT max(last_date) AS day FROM transactions
    UNION ALL
    SELECT max(local_day(checkedAt)) FROM current_platform_verifications
) AS days
