// Nodes of one label whose further labels are exactly those of the row, which come last in it.
// A row: key, properties in the order of the schema, list of labels.
UNWIND $rows AS row
MERGE (n:<LABEL> {<KEY>: row[0]})
REMOVE n:<ROLES>
SET n += <PROPERTIES>
SET n:$(row[<LAST>])
