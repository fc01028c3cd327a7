// What a consumer is directly connected with, by relationship type and direction, the heaviest first.
// At most $limit neighbours of a type are shown; `total` says how many there are.
// Parameters: $key, a key of kind id; $limit, for example 25.
MATCH (c:Consumer {key: $key})
MATCH (c)-[r:BUYS_ON|USES|RECEIVES_AT|BOUGHT_BY|PAID_BY|MEMBER_OF|ABOUT]-(n)
WITH c, r, n, coalesce(n.code, n.key, n.id, n.value) AS key
ORDER BY coalesce(r.transactions, 0) DESC, key
WITH type(r) AS type,
     CASE WHEN startNode(r) = c THEN 'out' ELSE 'in' END AS direction,
     count(*) AS total,
     collect({kind: head([label IN labels(n) WHERE label <> 'Enterprise'] + labels(n)),
              key: key,
              name: coalesce(n.name, n.rule, n.masked_name, n.masked, n.value),
              properties: properties(r)})[..$limit] AS neighbours
RETURN type, direction, total, neighbours
ORDER BY type, direction
