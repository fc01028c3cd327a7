-- Codes of one firm and the code that stands for it: its smallest customs code (10 characters), else the unified
-- social credit code. Only codes that another one stands for.
WITH member AS (
    SELECT code, coalesce(uscc, code) AS firm FROM current_enterprises
    UNION
    SELECT uscc AS code, uscc AS firm FROM current_enterprises WHERE uscc IS NOT NULL
),
canonical AS (
    SELECT firm, coalesce(min(code) FILTER (WHERE length(code) = 10), min(code)) AS code
    FROM member
    GROUP BY firm
)
SELECT member.code, min(canonical.code) AS canonical
FROM member
JOIN canonical USING (firm)
GROUP BY member.code
HAVING member.code <> min(canonical.code)
