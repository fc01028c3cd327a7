-- Of each check given (`given`, in the ledger's columns): its line, its day, and whether the ledger has it otherwise in
-- a version that is no older. A version that is known, however old, is at odds with nothing.
SELECT
    given.position AS line,
    local_day(given.checkedAt) AS day,
    coalesce(
        bool_or(stored.checkedAt >= given.checkedAt) AND NOT bool_or(stored.content_hash = given.content_hash), false
    ) AS at_odds
FROM given
LEFT JOIN platform_verifications AS stored ON stored.document_id = given.document_id
GROUP BY given.position, given.checkedAt
ORDER BY line
