// Nodes that exist because detection says so, each with exactly its properties. A row: id, properties.
UNWIND $rows AS row
MERGE (n:<LABEL> {id: row[0]})
SET n = row[1], n.id = row[0]
