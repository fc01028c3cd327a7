// Relationships of one kind, each with exactly the properties of its row.
// A row: key of the start, key of the end, properties in the order of the schema.
UNWIND $rows AS row
MATCH (a:<START> {<START_KEY>: row[0]})
MATCH (b:<END> {<END_KEY>: row[1]})
MERGE (a)-[r:<TYPE> <IDENTITY>]->(b)
SET r += <PROPERTIES>
