// Which ledger and casebook this graph was built from; no row while it is being built.
MATCH (m:Meta {id: 'graph'})
RETURN properties(m) AS meta
