// Nodes of one label, each with exactly the properties of its row; what detection added to them stays.
// A row: key, properties in the order of the schema.
UNWIND $rows AS row
MERGE (n:<LABEL> {<KEY>: row[0]})
SET n += <PROPERTIES>
