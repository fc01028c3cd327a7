"""Documents in: the contract, the sources, the ledger and its projection into the graph."""
