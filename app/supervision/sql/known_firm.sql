-- The code that stands for the firm $code, where a sale, an external row or the register names it.
WITH code_map AS (
    <CODE_MAP>
),
asked AS (
    SELECT coalesce(min(canonical), CAST($code AS VARCHAR)) AS code FROM code_map WHERE code = $code
),
codes AS (
    SELECT code FROM asked
    UNION
    SELECT code FROM code_map WHERE canonical IN (SELECT code FROM asked)
)
SELECT code
FROM asked
WHERE EXISTS (
        SELECT 1 FROM transactions
        WHERE ebp_code IN (SELECT code FROM codes)
            OR ebc_code IN (SELECT code FROM codes)
            OR pay_code IN (SELECT code FROM codes)
            OR logistics_code IN (SELECT code FROM codes)
            OR agent_code IN (SELECT code FROM codes)
            OR area_code IN (SELECT code FROM codes)
    )
    OR EXISTS (SELECT 1 FROM enterprises WHERE code IN (SELECT code FROM codes))
    OR EXISTS (SELECT 1 FROM platform_verifications WHERE ebpCode IN (SELECT code FROM codes))
