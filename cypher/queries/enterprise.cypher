// One enterprise by its code: roles, what the graph knows, and how many relationships of each heavy kind
// it has. The counts come from the degree store: nothing is walked.
// Parameter: $code, for example '4401968001'.
MATCH (e:Enterprise {code: $code})
RETURN e.code AS code,
       [label IN labels(e) WHERE label <> 'Enterprise' | label] AS roles,
       properties(e) AS properties,
       {transactions_on: COUNT { (e)<-[:ON]-() },
        transactions_paid_through: COUNT { (e)<-[:PAID_THROUGH]-() },
        transactions_sold_by: COUNT { (e)<-[:SOLD_BY]-() },
        consumers_buying_on: COUNT { (e)<-[:BUYS_ON]-() }} AS counts
