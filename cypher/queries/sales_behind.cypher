// Sales that replies of the payment authority, reports and inspections are about, by their ids; the others give none.
UNWIND $ids AS id
CALL (id) {
    MATCH (:PaymentReply {id: id})-[:ABOUT]->(t:Transaction)
    RETURN t.id AS sale
    UNION
    MATCH (:ConsumerReport {id: id})-[:ABOUT]->(t:Transaction)
    RETURN t.id AS sale
    UNION
    MATCH (:Inspection {id: id})-[:INSPECTED]->(t:Transaction)
    RETURN t.id AS sale
}
RETURN DISTINCT id, sale
ORDER BY id, sale
