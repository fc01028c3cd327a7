// Relationships of some kinds that end at a node of the rows and are not wanted any more.
// A row: key of the end, what is wanted (type, key of the start, and what tells it from others, with blanks between).
UNWIND $rows AS row
MATCH (a)-[r:<TYPES>]->(b:<END> {<END_KEY>: row[0]})
WHERE NOT type(r) + ' ' + coalesce(a.code, a.key, a.id, a.value) + ' ' + <IDENTITY> IN row[1]
DELETE r
