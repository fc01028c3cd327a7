"""Tallies: each number that rules, portraits and assessments use, defined once as SQL."""
