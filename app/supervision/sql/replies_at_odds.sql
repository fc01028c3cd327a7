-- Of each reply given (`given`, in the ledger's columns): its position, its day, and whether the ledger has it otherwise
-- in a version that is no older. A version that is known, however old, is at odds with nothing.
SELECT
    given.position,
    local_day(given.repliedAt) AS day,
    coalesce(
        bool_or(stored.repliedAt >= given.repliedAt) AND NOT bool_or(stored.content_hash = given.content_hash), false
    ) AS at_odds
FROM given
LEFT JOIN payment_verifications AS stored ON stored.document_id = given.document_id
GROUP BY given.position, given.repliedAt
ORDER BY given.position
