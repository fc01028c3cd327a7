"""What came into the ledger since the graph was last brought up to it, written over Bolt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.projection.build import Tell
from app.projection.migrations import migrate
from app.projection.publish import UNKNOWN_SEQ, Publisher
from loaders.ledger import Ledger
from loaders.ledger.near import documents_about
from loaders.projection.derived import Shown, keyed
from loaders.projection.increments import changes, existing, linked_external, write
from loaders.projection.rows import prepare
from loaders.projection.schema import SCHEMA_VERSION
from loaders.projection.touched import Touched, touched_since

_DUCKDB_MEMORY = "4GB"


@dataclass(frozen=True)
class Increment:
    """What an increment wrote; `since` is the load that the graph stood at before (0: it was empty),
    `touched` are the keys, by node label, that it looked at."""

    sales: int
    rows: int
    since: int
    touched: Mapping[str, pa.Array] = field(default_factory=dict)


def write_increment(
    ledger: Ledger, casebook: Casebook, graph: Graph, tell: Tell, publish: Publisher | None = None
) -> Increment:
    """Bring a graph of this schema, or an empty one, up to ledger and casebook.

    `publish` is whoever has published to this graph before and knows what it shows. Killed and run again it
    comes to the same end: the graph's load_seq moves with the last batch alone.
    """
    migrate(graph)
    meta = graph.meta()
    since = int(meta["load_seq"]) if meta else 0
    version = ledger.version
    touched = Touched({"Transaction": pa.array([], pa.string())})
    rows = 0
    if meta is None or since < version:
        tell("finding what changed")
        with ledger.connect(version, memory=_DUCKDB_MEMORY) as con:
            touched = touched_since(
                ledger, con, version, since, lambda ids: linked_external(graph.driver, ids)
            )
            with documents_about(ledger.tables, version, ledger.scratch, touched.keys) as near:
                prepare(con, touched.keys, near)
            seq = _shown_seq(graph, casebook, touched, meta)
            now = {"schema_version": SCHEMA_VERSION, "load_seq": version, "casebook_seq": seq}
            rows = write(
                graph.driver, changes(con, graph.driver), now, lambda n: tell("writing the graph", n)
            )
    tell("writing findings and communities")
    rows += (publish or Publisher(casebook, graph))()
    return Increment(touched.sales, rows, since, touched.keys)


def _shown_seq(graph: Graph, casebook: Casebook, touched: Touched, meta: dict[str, Any] | None) -> int:
    """The casebook_seq that the graph will stand at after the increment.

    A node that comes back (it was an orphan once) has lost what detection gave it. Then the derived layer is
    compared as a whole afterwards, and that is said before anything is written: a kill must not hide it.
    """
    if meta is None:
        return UNKNOWN_SEQ
    seq = int(meta["casebook_seq"])
    if seq != UNKNOWN_SEQ and _comes_back(graph, keyed(casebook.derived()[0]), touched):
        seq = UNKNOWN_SEQ
        write(graph.driver, [], {"casebook_seq": seq}, lambda _rows: None)
    return seq


def _comes_back(graph: Graph, derived: Shown, touched: Touched) -> bool:
    wanted = {*derived.nodes}
    for _, start, start_key, end, end_key in derived.relationships:
        wanted |= {(start, start_key), (end, end_key)}
    for label, keys in touched.keys.items():
        candidates = sorted({key for of, key in wanted if of == label} & set(keys.to_pylist()))
        if candidates and len(existing(graph.driver, label, candidates)) < len(candidates):
            return True
    return False
