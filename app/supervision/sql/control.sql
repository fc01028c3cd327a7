-- For every firm of the register as it stood on $on: which other firms of $flagged have its legal representative (by
-- number), its bank account or its site.
WITH state AS (
    SELECT coalesce(code_map.canonical, enterprises.code) AS key, enterprises.*
    FROM enterprises
    LEFT JOIN code_map ON code_map.code = enterprises.code
    WHERE "asOf" <= $on
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(code_map.canonical, enterprises.code) ORDER BY "asOf" DESC, content_hash DESC, enterprises.code
    ) = 1
),
held AS (
    SELECT key, 'person' AS kind, legalRepresentativeId_key AS held FROM state WHERE legalRepresentativeId_key IS NOT NULL
    UNION ALL
    SELECT key, 'account', bankAccount_key FROM state WHERE bankAccount_key IS NOT NULL
    UNION ALL
    SELECT key, 'site', siteDomain FROM state WHERE siteDomain IS NOT NULL
)
SELECT mine.key, other.key AS other, list(DISTINCT mine.kind ORDER BY mine.kind) AS shared
FROM held AS mine
JOIN held AS other ON mine.kind = other.kind AND mine.held = other.held AND mine.key <> other.key
WHERE list_contains(CAST($flagged AS VARCHAR[]), other.key)
GROUP BY mine.key, other.key
ORDER BY mine.key, other.key
