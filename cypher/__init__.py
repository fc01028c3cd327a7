"""Cypher texts: schema migrations, projection, rules, named queries. Package data, read by importlib.resources."""
