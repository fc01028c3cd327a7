"""Constraints and indexes: numbered files of `cypher/schema`, applied once, in order, recorded."""

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import LiteralString

from app.graph.driver import Graph

_WAIT_SECONDS = 1_800
_AT_ONCE = 4
"""Statements of one migration: each waits for the disk more than it counts."""


def names() -> list[str]:
    """The migrations there are, in order."""
    folder = files("cypher").joinpath("schema")
    return sorted(
        file.name.removesuffix(".cypher") for file in folder.iterdir() if file.name.endswith(".cypher")
    )


def migrate(graph: Graph) -> list[str]:
    """Apply what this graph has not had yet, wait for its indexes, and give the names of what was applied.

    The statements of one file are applied side by side. A migration that was cut off is applied again: they
    say IF NOT EXISTS.
    """
    had = {row["id"] for row in graph.read("MATCH (m:Migration) RETURN m.id AS id")}
    todo = [name for name in names() if name not in had]
    for name in todo:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(graph.write, _statements(name)))
        graph.write("MERGE (m:Migration {id: $id})", id=name)
    if todo:
        graph.execute("CALL db.awaitIndexes($seconds)", seconds=_WAIT_SECONDS)
    return todo


def _statements(name: str) -> list[LiteralString]:
    text = files("cypher").joinpath("schema", f"{name}.cypher").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    statements = "\n".join(lines).split(";")
    return [one.strip() for one in statements if one.strip()]
