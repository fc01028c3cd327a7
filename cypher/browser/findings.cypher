// What was found, the gravest first, with whom it is about
:param limit => 50

WITH {critical: 4, high: 3, medium: 2, low: 1, info: 0} AS gravity
MATCH (f:Finding) WHERE f.present
WITH f, gravity ORDER BY gravity[f.severity] DESC, f.rule, f.score DESC, f.id LIMIT $limit
MATCH about = (f)-[:ABOUT]->()
RETURN about
