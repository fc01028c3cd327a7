"""Consumers by key: masked, never by number."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.models import Consumer, Limit, Neighbours
from app.api.problems import documented
from app.api.state import CasebookDep, GraphDep
from app.clues.profile import consumer_neighbours, consumer_profile

router = APIRouter(prefix="/v1/consumers", tags=["consumers"])

Key = Annotated[
    str,
    Path(
        title="Consumer",
        description="Key of the consumer as `cluegraph key` prints it.",
        pattern="^[a-z2-7]{32}$",
        examples=["mfzwizltoqzdgmbqmfzwizltoqzdgmbq"],
    ),
]


@router.get("/{key}", summary="One consumer", responses=documented(404, 422, 503))
def one_consumer(graph: GraphDep, book: CasebookDep, key: Key) -> Consumer:
    """Masked properties, counts of what is connected, and the findings about this consumer."""
    return Consumer.model_validate(consumer_profile(graph, book, key))


@router.get("/{key}/neighbours", summary="Neighbours of a consumer", responses=documented(404, 422, 503))
def neighbours_of_consumer(
    graph: GraphDep,
    key: Key,
    limit: Annotated[
        Limit, Query(description="Most neighbours of one relationship type.", examples=[25])
    ] = 25,
) -> Neighbours:
    """Direct neighbours by relationship type, the heaviest first; `cut` says which types have more."""
    return Neighbours.model_validate(consumer_neighbours(graph, key, limit))
