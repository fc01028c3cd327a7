-- Whoever a current sale or a current external row names by code; the latest state of the register, if any.
WITH registered AS (
    SELECT canonical(code) AS key, *
    FROM current_enterprises
    WHERE touched_Enterprise(canonical(code))
    QUALIFY row_number() OVER (PARTITION BY canonical(code) ORDER BY "asOf" DESC, code) = 1
),
label AS (
    SELECT
        code AS key,
        -- A guarantor has no role label: an empty list, not null.
        coalesce(list(DISTINCT role ORDER BY role) FILTER (WHERE role IS NOT NULL), []) AS labels
    FROM enterprise_role
    WHERE touched_Enterprise(code)
    GROUP BY code
),
seen AS (
    SELECT code AS key, min(first_date) AS first_seen, max(last_date) AS last_seen
    FROM enterprise_sale
    WHERE touched_Enterprise(code)
    GROUP BY code
),
named AS (
    SELECT
        canonical(code) AS key,
        list(DISTINCT name ORDER BY name) FILTER (WHERE name IS NOT NULL) AS names,
        list(DISTINCT code ORDER BY code) AS codes
    FROM enterprise_name
    WHERE touched_Enterprise(canonical(code))
    GROUP BY canonical(code)
)
SELECT
    label.key,
    label.labels,
    coalesce(registered.name, names[1]) AS name,
    filled(names) AS names,
    filled(codes) AS codes,
    first_seen,
    last_seen,
    jurisdiction,
    canonical(domesticAgent) AS domestic_agent,
    creditClass AS credit_class,
    identityAuthenticated = 'yes' AS identity_authenticated,
    registeredAt AS registered_at,
    e5(registeredCapital) AS registered_capital_e5,
    "asOf" AS register_as_of
FROM label
LEFT JOIN seen USING (key)
LEFT JOIN named USING (key)
LEFT JOIN registered USING (key)
