-- Every check of every platform until a day ($until), the newest first. What an inspector noted besides is free text,
-- and stays in the ledger. Reads `code_map` of the tallies.
SELECT
    coalesce(code_map.canonical, ebpCode) AS platform,
    verificationId AS verification,
    "check" AS checked,
    result,
    selection,
    inspector,
    observed,
    expected,
    strftime(make_timestamp(epoch_us(checkedAt) + 28800000000), '%Y-%m-%dT%H:%M:%S') AS checked_at,
    local_day(checkedAt) AS day
FROM current_platform_verifications
LEFT JOIN code_map ON code_map.code = ebpCode
WHERE local_day(checkedAt) <= $until
ORDER BY platform, checkedAt DESC, verificationId DESC
