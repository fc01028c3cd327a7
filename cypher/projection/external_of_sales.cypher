// External rows that the graph links to these sales as of the last projection.
UNWIND $rows AS id
MATCH (:Transaction {id: id})<-[:ABOUT|INSPECTED]-(n:PaymentReply|ConsumerReport|Inspection)
RETURN DISTINCT head([label IN labels(n) WHERE label IN ['PaymentReply', 'ConsumerReport', 'Inspection']]) AS label,
       n.id AS key
