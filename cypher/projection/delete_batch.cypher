// Some of all nodes, with their relationships: the next call takes the next ones.
MATCH (n)
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS deleted
