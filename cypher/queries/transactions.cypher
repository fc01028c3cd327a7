// Sales by id: what the graph carries of each. Parameter: $ids, for example ['4401968001|ORDER-1'].
UNWIND $ids AS id
MATCH (t:Transaction {id: id})
RETURN t.id AS id, properties(t) AS properties
ORDER BY id
