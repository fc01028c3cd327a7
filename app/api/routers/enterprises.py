"""Enterprises by code: what is known, and what they are connected with."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.models import Enterprise, Limit, Neighbours
from app.api.problems import documented
from app.api.state import CasebookDep, GraphDep
from app.clues.profile import enterprise_neighbours, enterprise_profile

router = APIRouter(prefix="/v1/enterprises", tags=["enterprises"])

Code = Annotated[
    str, Path(title="Enterprise", description="Canonical code, 10 or 18 characters.", examples=["4401968001"])
]


@router.get("/{code}", summary="One enterprise", responses=documented(404, 422, 503))
def one_enterprise(graph: GraphDep, book: CasebookDep, code: Code) -> Enterprise:
    """Roles, properties, counts of what is connected, and the findings about it."""
    return Enterprise.model_validate(enterprise_profile(graph, book, code))


@router.get("/{code}/neighbours", summary="Neighbours of an enterprise", responses=documented(404, 422, 503))
def neighbours_of_enterprise(
    graph: GraphDep,
    code: Code,
    limit: Annotated[
        Limit, Query(description="Most neighbours of one relationship type.", examples=[25])
    ] = 25,
) -> Neighbours:
    """Direct neighbours by relationship type, the heaviest first.

    Platforms, payment companies, carriers and agents are hubs: their transactions and consumers are counted,
    never listed, and `cut` says so.
    """
    return Neighbours.model_validate(enterprise_neighbours(graph, code, limit))
