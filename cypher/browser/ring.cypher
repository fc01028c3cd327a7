// A community of platforms and the consumers that they share
:param id => 'community'

MATCH member = (p:Platform)-[:MEMBER_OF]->(c:Community {id: $id})
OPTIONAL MATCH shares = (p)-[:SHARES_CONSUMERS]-(q:Platform)-[:MEMBER_OF]->(c)
RETURN member, shares
LIMIT 500
