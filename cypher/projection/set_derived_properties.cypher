// Properties that detection gives nodes of the ledger; null takes one away. A row: key, properties.
UNWIND $rows AS row
MATCH (n:<LABEL> {<KEY>: row[0]})
SET n += row[1]
