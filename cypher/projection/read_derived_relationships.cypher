// Relationships of one type that detection made, with the labels and keys of both ends.
MATCH (a<START>)-[r:<TYPE>]->(b)
RETURN labels(a) AS start_labels, coalesce(a.code, a.key, a.id, a.value) AS start_key,
       labels(b) AS end_labels, coalesce(b.code, b.key, b.id, b.value) AS end_key,
       properties(r) AS properties
