"""Real time: documents as they arrive, into ledger and graph in small batches, and warnings out of them."""
