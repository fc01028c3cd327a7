"""Clusters: the communities that detection found."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.models import Cluster, ClusterWithMembers, Limit, Page
from app.api.problems import documented
from app.api.state import GraphDep
from app.clues.profile import cluster_with_members, clusters_page

router = APIRouter(prefix="/v1/clusters", tags=["clusters"])


@router.get("", summary="List clusters", responses=documented(422, 503))
def list_clusters(
    graph: GraphDep,
    kind: Annotated[str | None, Query(description="Only of this kind.", examples=["platforms"])] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Cluster]:
    """Communities by id. Not every community is suspicious: shops for the same goods form them too."""
    after = "" if cursor is None else str(cursors.decode(cursor, str)[0])
    rows, count = clusters_page(graph, kind, after, limit + 1)
    more = cursors.encode([rows[limit - 1]["id"]]) if len(rows) > limit else None
    return Page(data=[Cluster.model_validate(row) for row in rows[:limit]], count=count, next=more)


@router.get("/{id}", summary="One cluster", responses=documented(404, 422, 503))
def one_cluster(
    graph: GraphDep,
    id: Annotated[str, Path(title="Cluster", description="Id of the community.", examples=["c-7h2k"])],
    limit: Annotated[Limit, Query(description="Most members to show.", examples=[200])] = 200,
) -> ClusterWithMembers:
    """The community with its members, the weightiest first."""
    return ClusterWithMembers.model_validate(cluster_with_members(graph, id, limit))
