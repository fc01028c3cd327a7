-- Every code, canonical or not, by which a sale, a check or the register names a platform.
SELECT ebp_code AS code FROM transactions WHERE ebp_code IS NOT NULL
UNION
SELECT ebpCode FROM current_platform_verifications
UNION
SELECT unnest([code, uscc]) FROM current_enterprises
WHERE list_contains(list_transform(string_split(roles, ';'), lambda role: trim(role)), 'platform')
