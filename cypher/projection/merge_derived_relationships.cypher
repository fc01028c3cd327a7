// Relationships that detection gives, each with exactly its properties. A row: start key, end key, properties.
UNWIND $rows AS row
MATCH (a:<START> {<START_KEY>: row[0]})
MATCH (b:<END> {<END_KEY>: row[1]})
MERGE (a)-[r:<TYPE>]->(b)
SET r = row[2]
