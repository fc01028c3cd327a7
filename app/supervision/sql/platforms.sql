-- Every platform that is known: by a sale, by a check, or by the register; its name and its site.
-- Reads `all_sales` and `code_map` of the tallies.
WITH registered AS (
    SELECT coalesce(code_map.canonical, entry.code) AS code, name, siteDomain AS site
    FROM current_enterprises AS entry
    LEFT JOIN code_map ON code_map.code = entry.code
    WHERE list_contains(list_transform(string_split(roles, ';'), lambda role: trim(role)), 'platform')
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(code_map.canonical, entry.code) ORDER BY "asOf" DESC, entry.code
    ) = 1
),
ordered AS (
    SELECT coalesce(code_map.canonical, ebpCode) AS code, max(ebpName) AS name
    FROM orders
    LEFT JOIN code_map ON code_map.code = ebpCode
    GROUP BY 1
),
known AS (
    SELECT platform AS code FROM all_sales
    UNION
    SELECT coalesce(code_map.canonical, ebpCode)
    FROM current_platform_verifications
    LEFT JOIN code_map ON code_map.code = ebpCode
    UNION
    SELECT code FROM registered
)
SELECT known.code, coalesce(registered.name, ordered.name) AS name, registered.site
FROM known
LEFT JOIN registered USING (code)
LEFT JOIN ordered USING (code)
ORDER BY known.code
