"""What a request works with: the open stores, and the checks that every route shares."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated

import structlog
from fastapi import Depends, Request

from app.api.problems import UnknownParametersError
from app.assessment.desk import Desk
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.graph.open import open_graph
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

_COLLECT = (10_000, 20, 50)
"""When Python collects, by generations: what an answer makes has gone before."""
_SWITCH_SECONDS = 0.0005
"""After which a thread that works lets another one on."""

log = structlog.get_logger("cluegraph.api")


@dataclass(frozen=True)
class Stores:
    """The three stores, opened once when the service starts."""

    settings: Settings
    ledger: Ledger
    casebook: Casebook
    graph: Graph


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """The stores of a data folder, the embedded Neo4j started where it is the graph; closed at the end."""
    ledger = Ledger.open(settings.ledger_folder)
    casebook = Casebook.open(settings.casebook_address)
    try:
        graph = open_graph(settings)
        try:
            yield Stores(settings, ledger, casebook, graph)
        finally:
            graph.close()
    finally:
        casebook.close()


class Assessing:
    """The desk where declarations are assessed, opened when the first one comes or before (`prepare`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = Lock()
        self._opened: tuple[Desk, Keys] | None = None

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self._open()[0]

    @property
    def keys(self) -> Keys:
        """What keys the persons of a declaration, as it does those of the ledger."""
        return self._open()[1]

    def prepare(self) -> None:
        """Open the desk, and have no answer wait for what Python does by itself: walking through all that was
        loaded takes it 0.2 s, and a thread that could go on would wait 5 ms for one that is at work."""
        gc.set_threshold(*_COLLECT)
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            self._open()
        except Exception as error:  # whoever asks hears of it
            log.warning("assessments cannot be prepared", error=type(error).__name__)
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        """Answer what waits, and close the desk."""
        with self._opening:
            if self._opened is not None:
                self._opened[0].close()
                self._opened = None

    def _open(self) -> tuple[Desk, Keys]:
        with self._opening:
            if self._opened is None:
                keys = Keys.open(self._settings.key_file)
                self._opened = (Desk(self._settings, lambda: datetime.now(UTC)), keys)
            return self._opened


async def assessing(request: Request) -> Assessing:
    """The desk of the running service."""
    desk: Assessing = request.app.state.assessing
    return desk


def stores(request: Request) -> Stores:
    """The stores of the running service."""
    opened: Stores = request.app.state.stores
    return opened


def casebook(opened: Annotated[Stores, Depends(stores)]) -> Casebook:
    """The casebook of the running service."""
    return opened.casebook


def graph(opened: Annotated[Stores, Depends(stores)]) -> Graph:
    """The graph of the running service."""
    return opened.graph


async def known_parameters_only(request: Request) -> None:
    """Refuses query parameters that the address does not declare."""
    # What is no part of the described API declares no parameters.
    described = request.app.openapi()["paths"].get(request.scope["route"].path, {})
    operation = described.get(request.method.lower(), {})
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    unknown = set(request.query_params) - known
    if unknown:
        raise UnknownParametersError(unknown, known)


DeskDep = Annotated[Assessing, Depends(assessing)]
StoresDep = Annotated[Stores, Depends(stores)]
CasebookDep = Annotated[Casebook, Depends(casebook)]
GraphDep = Annotated[Graph, Depends(graph)]
