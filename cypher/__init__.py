"""Cypher texts: schema migrations, projection, rules, queries. Package data, read by importlib.resources."""
