// Nodes that detection made.
MATCH (n:<LABEL>)
RETURN n.id AS key, properties(n) AS properties
