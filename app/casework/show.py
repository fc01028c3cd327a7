"""Bringing the graph up to the casebook after a decision, where nobody else writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.casebook.derived import Derived, finding_properties
from app.casebook.store import Casebook
from app.errors import BusyError, UnavailableError
from loaders.ledger.lock import writer_lock

if TYPE_CHECKING:
    from app.graph.driver import Graph


def show(casebook: Casebook, graph: "Graph | None", data: Path, seq: int, finding: str | None = None) -> bool:
    """Have the graph show the change `seq` of the casebook, which decided on a finding or on none.

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
            if graph.meta() != meta or meta["casebook_seq"] != seq - 1 or casebook.seq() != seq:
                return False
            nodes = (
                {}
                if finding is None
                else {("Finding", finding): finding_properties(casebook.finding(finding))}
            )
            write_derived(graph, Derived({}, {}), Derived(nodes, {}), meta={"casebook_seq": seq})
    except (BusyError, UnavailableError):
        return False
    return True
