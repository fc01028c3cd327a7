// Which of these keys the graph has.
UNWIND $rows AS key
MATCH (n:<LABEL> {<KEY>: key})
RETURN collect(n.<KEY>) AS keys
