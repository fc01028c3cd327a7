"""From rows of the ledger to nodes and relationships: one schema writes the importer's CSV and increments."""
