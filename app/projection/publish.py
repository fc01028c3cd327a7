"""The derived layer: what the casebook gives the graph besides the ledger, brought up to the casebook."""

from typing import Any

from app.casebook.derived import Derived
from app.casebook.store import Casebook
from app.errors import UnavailableError
from app.graph.driver import Graph
from loaders.projection.derived import Shown, difference, keyed, read_shown
from loaders.projection.increments import write

UNKNOWN_SEQ = -1
"""casebook_seq of a graph whose derived layer must be compared as a whole."""


def write_derived(graph: Graph, before: Derived, after: Derived, *, meta: dict[str, Any]) -> int:
    """Turn a graph that shows `before` into one that shows `after`, `meta` last; gives rows."""
    return write(graph.driver, difference(keyed(before), keyed(after)), meta, lambda _rows: None)


class Publisher:
    """Brings one graph's derived layer up to one casebook, again and again; writes the difference alone."""

    def __init__(self, casebook: Casebook, graph: Graph) -> None:
        self._casebook, self._graph = casebook, graph
        self._shown: tuple[int, Shown] | None = None  # as of a casebook_seq

    def __call__(self) -> int:
        """Write what changed since the last time (at first: what the graph does not show); gives rows.

        Raises UnavailableError where there is no graph that was built to its end.
        """
        meta = self._graph.meta()
        if meta is None:
            raise UnavailableError("The graph is not built: run 'cluegraph project' first.")
        if self._casebook.shown_by(meta["casebook_seq"]):
            return 0
        derived, seq = self._casebook.derived()
        if self._shown is not None and self._shown[0] == meta["casebook_seq"]:
            before = self._shown[1]
        else:  # others may have written since
            before = read_shown(self._graph.driver)
        # Until the write is through, nobody knows what the graph shows.
        self._shown = None
        after = keyed(derived)
        rows = write(self._graph.driver, difference(before, after), {"casebook_seq": seq}, lambda _rows: None)
        self._shown = seq, after
        return rows

    def part(self, before: Derived, after: Derived, *, seq: int, shown_before: int) -> int:
        """Write a part of one change alone, `seq`, which turned `before` into `after`; gives rows.

        Where the graph does not yet show what it had to show before that change, everything is compared.
        """
        meta = self._graph.meta()
        if meta is None or not shown_before <= meta["casebook_seq"] < seq:
            return self()
        return write_derived(self._graph, before, after, meta={"casebook_seq": seq})
