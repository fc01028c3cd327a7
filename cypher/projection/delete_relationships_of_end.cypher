// Relationships of one kind that end at a node of the rows and are not wanted any more.
// A row: key of the end, what is wanted (keys of the starts, or lists of a start's key and the identity).
UNWIND $rows AS row
MATCH (a:<START>)-[r:<TYPE>]->(b:<END> {<END_KEY>: row[0]})
WHERE NOT <SEEN> IN row[1]
DELETE r
