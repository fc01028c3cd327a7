// Nodes of the ledger with properties that are not the ledger's.
MATCH (n:<LABEL>)
WHERE any(name IN keys(n) WHERE NOT name IN $base)
RETURN n.<KEY> AS key, n {.*} AS properties
