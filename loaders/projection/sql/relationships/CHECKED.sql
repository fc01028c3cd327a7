SELECT verificationId AS start_key, canonical(ebpCode) AS end_key
FROM current_platform_verifications
WHERE touched_Verification(verificationId)
