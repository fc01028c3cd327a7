"""Bringing the graph up to the casebook after a decision, where nobody else writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.casebook.store import Casebook
from app.errors import BusyError
from loaders.ledger.lock import writer_lock

if TYPE_CHECKING:
    from app.graph.driver import Graph


def show(casebook: Casebook, graph: "Graph | None", data: Path) -> bool:
    """Have the graph show what was decided; whether it does.

    A decision waits for nobody: where a job holds the writer's lock of the data folder, or no graph is given
    or built, the next projection or detection shows it.
    """
    if graph is None or graph.meta() is None:
        return False
    from app.projection import Publisher

    try:
        with writer_lock(data):
            Publisher(casebook, graph)()
    except BusyError:
        return False
    return True
