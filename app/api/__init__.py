"""The service: FastAPI over casebook, graph and ledger. Loopback only, as there are no accounts yet."""
