SELECT canonical(code) AS start_key, licence AS end_key, list(DISTINCT kind ORDER BY kind) AS kinds
FROM (
    SELECT code, icpLicence AS licence, 'icp' AS kind FROM current_enterprises
    UNION ALL
    SELECT code, paymentLicence, 'payment' FROM current_enterprises
)
WHERE licence IS NOT NULL AND touched_Enterprise(canonical(code))
GROUP BY canonical(code), licence
