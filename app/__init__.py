"""The system: detection, findings, command line and API over ledger, graph and casebook."""

__version__ = "0.1.0"
