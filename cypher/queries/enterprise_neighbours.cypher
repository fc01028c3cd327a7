// What an enterprise is directly connected with, by relationship type and direction, the heaviest first.
// Transactions and consumers of a platform are millions: they are counted by the query `enterprise`, never
// walked here. Of every other type at most $limit neighbours are shown; `total` says how many there are.
// Parameters: $code, for example '4401968001'; $limit, for example 25.
MATCH (e:Enterprise {code: $code})
MATCH (e)-[r:SETTLES_WITH|SHIPS_WITH|DECLARES_WITH|STORES_IN|GUARANTEED_BY|CLEARS_AT|PUSHED_BY|PAID_INTO
         |SHARES_CONSUMERS|REPRESENTED_BY|BANKS_WITH|RUNS|HOSTED_AT|LICENSED_UNDER|REGISTERED_AT|REACHED_AT
         |MEMBER_OF|ABOUT|CHECKED]-(n)
WITH e, r, n, coalesce(n.code, n.key, n.id, n.value) AS key
ORDER BY coalesce(r.transactions, r.lift, 0) DESC, key
WITH type(r) AS type,
     CASE WHEN startNode(r) = e THEN 'out' ELSE 'in' END AS direction,
     count(*) AS total,
     collect({kind: head([label IN labels(n) WHERE label <> 'Enterprise'] + labels(n)),
              key: key,
              name: coalesce(n.name, n.rule, n.masked_name, n.masked, n.value),
              properties: properties(r)})[..$limit] AS neighbours
RETURN type, direction, total, neighbours
ORDER BY type, direction
