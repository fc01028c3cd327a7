-- The register as it stood on the day $on: one row a firm, its latest state.
WITH state AS (
    SELECT coalesce(code_map.canonical, enterprises.code) AS key, enterprises.*
    FROM enterprises
    LEFT JOIN code_map ON code_map.code = enterprises.code
    WHERE "asOf" <= $on
)
SELECT
    key, name, roles, creditClass AS credit_class, registeredAt AS registered_at, registeredCapital AS capital,
    "asOf" AS as_of, document_id
FROM state
QUALIFY row_number() OVER (PARTITION BY key ORDER BY "asOf" DESC, content_hash DESC, code) = 1
ORDER BY key
