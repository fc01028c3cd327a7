// Communities, ordered by id, one page after $after.
// Parameters: $after, '' for the first page; $kind, null for all kinds; $limit, for example 50.
MATCH (c:Community)
WHERE c.id > $after AND ($kind IS NULL OR c.kind = $kind)
RETURN c.id AS id, properties(c) AS properties
ORDER BY c.id
LIMIT $limit
