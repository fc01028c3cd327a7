"""Detection: tallies over the ledger, significance and communities, the rules, and what they find."""
