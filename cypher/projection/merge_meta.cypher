// How far this graph has come. Its absence says that the graph is being built.
MERGE (m:Meta {id: 'graph'})
SET m += $meta
