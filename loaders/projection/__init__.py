"""From rows of the ledger to nodes and relationships: one schema writes CSV for the importer and Bolt increments."""
