"""Bringing the graph up to the casebook after a decision, where nobody else writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.casebook.derived import Derived, of_findings
from app.casebook.store import Casebook
from app.errors import BusyError, UnavailableError
from loaders.ledger.lock import writer_lock

if TYPE_CHECKING:
    from app.graph.driver import Graph


def show(casebook: Casebook, graph: "Graph | None", data: Path, seq: int, finding: str) -> bool:
    """Have the graph show the change `seq` of the casebook, which decided on a finding.

    Whether it does: a decision waits for nobody. Where a job holds the writer's lock of the data folder, or
    the graph is not given, not built, away, or behind by more than this change, the next projection or
    detection shows it.
    """
    from app.projection import write_derived

    try:
        meta = None if graph is None else graph.meta()
        if graph is None or meta is None:
            return False
        with writer_lock(data):
            last, before = casebook.last_shown()
            if graph.meta() != meta or last != seq or not before <= meta["casebook_seq"] < seq:
                return False
            decided = of_findings([casebook.finding_row(finding)])
            write_derived(graph, Derived({}, {}), Derived(decided.nodes, {}), meta={"casebook_seq": seq})
    except (BusyError, UnavailableError):
        return False
    return True
