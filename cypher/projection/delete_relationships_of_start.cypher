// Relationships of some kinds that start from a node of the rows and are not wanted any more.
// A row: key of the start, what is wanted (type, key of the end, and what tells it from others, with blanks between).
UNWIND $rows AS row
MATCH (a:<START> {<START_KEY>: row[0]})-[r:<TYPES>]->(b)
WHERE NOT type(r) + ' ' + coalesce(b.code, b.key, b.id, b.value) + ' ' + <IDENTITY> IN row[1]
DELETE r
