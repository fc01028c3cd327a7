// One community with its members, the weightiest first; at most $limit of them, `total` says how many there are.
// Parameters: $id; $limit, for example 200.
MATCH (c:Community {id: $id})
OPTIONAL MATCH (m)-[r:MEMBER_OF]->(c)
WITH c, m, r, coalesce(m.code, m.key, m.id) AS key
ORDER BY coalesce(r.weight, 0) DESC, key
WITH c, count(m) AS total,
     collect(CASE WHEN m IS NULL THEN NULL ELSE
             {kind: head([label IN labels(m) WHERE label <> 'Enterprise'] + labels(m)),
              key: key,
              name: coalesce(m.name, m.masked_name),
              properties: properties(r)} END)[..$limit] AS members
RETURN c.id AS id, properties(c) AS properties, total, members
