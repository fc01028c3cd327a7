"""The graph: a real Neo4j, embedded or anyone's, and the way to ask it."""
