// Relationships that detection does not give any more. A row: start key, end key.
UNWIND $rows AS row
MATCH (a:<START> {<START_KEY>: row[0]})-[r:<TYPE>]->(b:<END> {<END_KEY>: row[1]})
DELETE r
