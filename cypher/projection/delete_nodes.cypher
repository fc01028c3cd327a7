// Nodes that neither a current transaction nor an external row names any more.
UNWIND $rows AS key
MATCH (n:<LABEL> {<KEY>: key})
DETACH DELETE n
