"""Bringing the graph up to ledger and casebook, by an increment or a rebuild, whichever suits."""

from dataclasses import dataclass

from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.graph.open import open_graph
from app.graph.server import EmbeddedServer
from app.projection.build import Tell, empty, finish, has_store, import_and_mount, unfinished
from app.projection.increment import write_increment
from app.settings import Settings
from loaders.ledger import Ledger
from loaders.projection.schema import SCHEMA_VERSION

REBUILD_SHARE = 0.3
"""Share of all sales beyond which writing anew is faster than writing the difference (measured)."""

REBUILD_SALES = 20_000
"""Sales below which an import with its restart is slower than any increment (measured)."""


@dataclass(frozen=True)
class Projection:
    """What a projection did. `way` is none, increment, finish or rebuild; `reason` says why."""

    way: str
    reason: str
    load_seq: int
    casebook_seq: int
    sales: int
    rows: int


def project(settings: Settings, *, rebuild: bool = False, progress: Tell | None = None) -> Projection:
    """Bring the graph of `settings` up to their ledger and casebook. The caller holds the writer's lock.

    Raises UnavailableError where the graph cannot be reached or the importer fails.
    """
    tell = progress or (lambda *_: None)
    ledger = Ledger.open(settings.ledger_folder)
    casebook = Casebook.open(settings.casebook_address)
    try:
        if settings.neo4j_uri is not None:
            with open_graph(settings) as graph:
                return project_foreign(ledger, casebook, graph, rebuild=rebuild, tell=tell)
        return project_embedded(ledger, casebook, EmbeddedServer.of(settings), rebuild=rebuild, tell=tell)
    finally:
        casebook.close()


def project_embedded(
    ledger: Ledger, casebook: Casebook, server: EmbeddedServer, *, rebuild: bool, tell: Tell
) -> Projection:
    """Bring the embedded server's graph up; it runs afterwards."""
    reason = "asked for" if rebuild else None
    if server.connection() is None and not has_store(server):
        reason = reason or "there was no graph yet"
    if reason is None:
        with _connect(server) as graph:
            made_from = unfinished(graph)
            if made_from is not None and made_from == _wanted(ledger):
                finish(graph, casebook, made_from, tell)
                return _done(graph, "finish", "an import had not come to its end", 0, 0)
            reason = reason_to_rebuild(ledger, graph)
            if reason is None:
                return _follow(ledger, casebook, graph, tell)
    made_from = _wanted(ledger)
    nodes = import_and_mount(ledger, server, tell)
    with _connect(server) as graph:
        finish(graph, casebook, made_from, tell)
        return _done(graph, "rebuild", reason, _sales(ledger), nodes)


def project_foreign(
    ledger: Ledger, casebook: Casebook, graph: Graph, *, rebuild: bool, tell: Tell
) -> Projection:
    """Bring a graph of a server that is not ours up: where it must be built anew, deleted and written."""
    reason = "asked for" if rebuild else reason_to_rebuild(ledger, graph, large=False)
    if reason is None:
        return _follow(ledger, casebook, graph, tell)
    deleted = empty(graph, tell)
    done = write_increment(ledger, casebook, graph, tell)
    why = f"{reason}; this server has no importer for us, so {deleted} nodes were deleted and written again"
    return _done(graph, "rebuild", why, done.sales, done.rows)


def reason_to_rebuild(ledger: Ledger, graph: Graph, *, large: bool = True) -> str | None:
    """Why an increment cannot, or (with `large`) had better not, bring this graph up; None where it can."""
    meta = graph.meta()
    since = 0
    if meta is None:
        if graph.read("MATCH (n) WHERE NOT n:Migration RETURN n LIMIT 1"):
            return "the graph had not been built to its end"
    elif meta.get("schema_version") != SCHEMA_VERSION:
        return f"the graph had schema {meta.get('schema_version')}, this is {SCHEMA_VERSION}"
    else:
        since = int(meta["load_seq"])
    if since > ledger.version:
        return f"the graph stood at load {since}, the ledger at {ledger.version}"
    if large and since < ledger.version:
        changed, sales = len(ledger.changed_sales(since)), _sales(ledger)
        if changed > REBUILD_SALES and changed > REBUILD_SHARE * sales:
            return f"{changed} of {sales} sales changed"
    return None


def _follow(ledger: Ledger, casebook: Casebook, graph: Graph, tell: Tell) -> Projection:
    done = write_increment(ledger, casebook, graph, tell)
    if done.rows == 0:
        return _done(graph, "none", "the graph was up to date", 0, 0)
    return _done(graph, "increment", f"{done.sales} sales changed", done.sales, done.rows)


def _done(graph: Graph, way: str, reason: str, sales: int, rows: int) -> Projection:
    meta = graph.meta() or {}
    return Projection(way, reason, int(meta["load_seq"]), int(meta["casebook_seq"]), sales, rows)


def _wanted(ledger: Ledger) -> dict[str, int]:
    return {"load_seq": ledger.version, "schema_version": SCHEMA_VERSION}


def _sales(ledger: Ledger) -> int:
    with ledger.connect() as con:
        return int(con.execute("SELECT count(*) FROM transactions").fetchall()[0][0])


def _connect(server: EmbeddedServer) -> Graph:
    found = server.start()
    return Graph.connect(found.uri, found.user, found.password)
