// How far this graph has come; its absence says that the graph is being built. What an import left to say how
// far it came is told here from now on.
OPTIONAL MATCH (i:Import)
DETACH DELETE i
WITH count(*) AS one
MERGE (m:Meta {id: 'graph'})
SET m += $meta
