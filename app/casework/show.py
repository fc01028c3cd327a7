"""Bringing the graph up to the casebook after a decision, where nobody else writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.casebook.store import Casebook
from app.errors import BusyError, UnavailableError
from loaders.ledger.lock import writer_lock

if TYPE_CHECKING:
    from app.graph.driver import Graph


def show(casebook: Casebook, graph: "Graph | None", data: Path) -> bool:
    """Have the graph show what was decided; whether it does.

    A decision waits for nobody: where a job holds the writer's lock of the data folder, or the graph is not
    given, not built or away, the next projection or detection shows it.
    """
    from app.projection import Publisher

    try:
        if graph is None or graph.meta() is None:
            return False
        with writer_lock(data):
            Publisher(casebook, graph)()
    except (BusyError, UnavailableError):
        return False
    return True
