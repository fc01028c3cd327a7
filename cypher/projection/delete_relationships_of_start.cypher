// Relationships of one kind that start from a node of the rows and are not wanted any more.
// A row: key of the start, what is wanted (keys of the ends, or lists of an end's key and the identity).
UNWIND $rows AS row
MATCH (a:<START> {<START_KEY>: row[0]})-[r:<TYPE>]->(b:<END>)
WHERE NOT <SEEN> IN row[1]
DELETE r
