"""Assessment of a declaration before its release: one definition of every number, at hand and in batch."""
