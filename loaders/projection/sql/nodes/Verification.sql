SELECT
    verificationId AS key,
    "check",
    result,
    selection,
    local_time(checkedAt) AS checked_at_local,
    observed,
    expected
FROM current_platform_verifications
WHERE touched_Verification(verificationId)
