// A consumer's sales, phones and addresses (the key is what `cluegraph key` prints)
:param key => 'key'

MATCH (c:Consumer {key: $key})
OPTIONAL MATCH around = (c)-[:USES|RECEIVES_AT|BUYS_ON]->()
OPTIONAL MATCH bought = (c)<-[:BOUGHT_BY]-(:Transaction)-[:ON]->(:Platform)
RETURN c, around, bought
LIMIT 200
