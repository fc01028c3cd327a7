"""The whole graph anew: imported beside the one that serves, then mounted."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection.migrations import migrate
from loaders.ledger import Ledger
from loaders.projection.bulk import write_csv
from loaders.projection.derived import Shown, difference, keyed
from loaders.projection.increments import write
from loaders.projection.rows import prepare
from loaders.projection.schema import SCHEMA_VERSION
from loaders.projection.statements import filled

Tell = Callable[..., None]
_DELETE_ROWS = 10_000
_DUCKDB_MEMORY = "4GB"


def import_and_mount(ledger: Ledger, server: EmbeddedServer, tell: Tell) -> int:
    """Import the ledger into the database that is not mounted, and mount it; gives the number of nodes.

    The old graph serves until the mount, which is the commit: killed before it, nothing has happened; killed
    after it, `finish` does what is left.
    """
    folder = ledger.scratch / "projection"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        tell("writing rows for the importer")
        version = ledger.version
        with ledger.connect(version, memory=_DUCKDB_MEMORY) as con:
            prepare(con)
            files = write_csv(con, folder, {"load_seq": version, "schema_version": SCHEMA_VERSION})
        tell("importing the graph")
        server.import_full(files.arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell("mounting the graph")
    server.mount(server.other)
    return sum(files.nodes.values())


def unfinished(graph: Graph) -> dict[str, Any] | None:
    """What a mounted import without a Meta node was made from; None if there is none."""
    if graph.meta() is not None:
        return None
    rows = graph.read(filled("import_marker"))
    return rows[0] if rows else None


def finish(graph: Graph, casebook: Casebook, made_from: dict[str, Any], tell: Tell) -> None:
    """Bring a mounted import to its end: constraints and indexes, the derived layer, the Meta node last."""
    tell("making indexes")
    migrate(graph)
    tell("writing findings and communities")
    derived, seq = casebook.derived()
    batches = difference(Shown(), keyed(derived))
    write(graph.driver, batches, {**made_from, "casebook_seq": seq}, lambda _rows: None)


def empty(graph: Graph, tell: Tell) -> int:
    """Delete every node of a graph in batches, Meta first; gives how many there were."""
    graph.write("MATCH (m:Meta) DETACH DELETE m")
    total = int(graph.read("MATCH (n) RETURN count(n) AS n")[0]["n"])
    done = 0
    while deleted := int(graph.write(filled("delete_batch"), limit=_DELETE_ROWS)[0]["deleted"]):
        done += deleted
        tell("deleting the old graph", done, total)
    return total


def has_store(server: EmbeddedServer) -> bool:
    """Whether the embedded server has ever had the database that it mounts."""
    return Path(server.home, "data", "databases", server.mounted).exists()
