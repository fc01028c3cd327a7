// How many communities there are. Parameter: $kind, null for all kinds.
MATCH (c:Community)
WHERE $kind IS NULL OR c.kind = $kind
RETURN count(c) AS count
