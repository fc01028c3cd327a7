-- Pairs of payment codes that are one company between two days, through any chain of current aliases, both ways.
WITH RECURSIVE edges AS (
    SELECT payCode AS a, sameAs AS b, validFrom AS since, coalesce(validTo, DATE '9999-12-31') AS until
    FROM current_payment_aliases
    UNION
    SELECT sameAs AS a, payCode AS b, validFrom AS since, coalesce(validTo, DATE '9999-12-31') AS until
    FROM current_payment_aliases
),
chains AS (
    SELECT a, b, since, until FROM edges
    UNION
    SELECT c.a, e.b, greatest(c.since, e.since), least(c.until, e.until)
    FROM chains AS c
    JOIN edges AS e ON c.b = e.a
    WHERE greatest(c.since, e.since) <= least(c.until, e.until)
)
SELECT a, b, since, until FROM chains
