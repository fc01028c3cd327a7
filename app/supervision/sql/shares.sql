-- Rows of <SOURCE> that can be judged, and those that count, for every firm in every role and every flag. Firms that
-- appear together are counted once, and then for each of them.
WITH flagged AS (
    SELECT <COLUMNS>, <FLAGS>
    FROM <SOURCE>
),
cells AS (
    SELECT <COLUMNS>, <COUNTS>
    FROM flagged
    GROUP BY ALL
)
SELECT role, key, <SUMS>
FROM cells
UNPIVOT (key FOR role IN (<ROLES>))
GROUP BY role, key
ORDER BY role, key
