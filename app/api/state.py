"""What a request works with: the open stores, and the checks that every route shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.api.problems import UnknownParametersError
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.graph.open import open_graph
from app.settings import Settings
from loaders.ledger.ledger import Ledger


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


def known_parameters_only(request: Request) -> None:
    """Refuses query parameters that the address does not declare."""
    # What is no part of the described API declares no parameters.
    described = request.app.openapi()["paths"].get(request.scope["route"].path, {})
    operation = described.get(request.method.lower(), {})
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    unknown = set(request.query_params) - known
    if unknown:
        raise UnknownParametersError(unknown, known)


StoresDep = Annotated[Stores, Depends(stores)]
CasebookDep = Annotated[Casebook, Depends(casebook)]
GraphDep = Annotated[Graph, Depends(graph)]
