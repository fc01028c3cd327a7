// One consumer by key: masked properties only (the graph holds no others) and how much there is around.
// Parameter: $key, a key of kind id as `cluegraph key` prints it.
MATCH (c:Consumer {key: $key})
RETURN c.key AS key,
       properties(c) AS properties,
       {bought: COUNT { (c)<-[:BOUGHT_BY]-() },
        paid_for_others: COUNT { (c)<-[:PAID_BY]-() },
        platforms: COUNT { (c)-[:BUYS_ON]->() },
        phones: COUNT { (c)-[:USES]->() },
        addresses: COUNT { (c)-[:RECEIVES_AT]->() }} AS counts
