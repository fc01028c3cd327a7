"""The system: detection, findings, command line and API over ledger, graph and casebook."""
