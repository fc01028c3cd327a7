// A payment company and the platforms that depend on it: those that settle half or more of their sales through it
:param code => '440196P001'
:param limit => 100

MATCH with = (p:Platform)-[s:SETTLES_WITH]->(c:PaymentCompany {code: $code})
RETURN with ORDER BY s.transactions DESC, p.code LIMIT $limit
