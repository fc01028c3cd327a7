"""The picture of a finding: the result of its picture query as nodes and edges."""

from typing import Any

from neo4j import READ_ACCESS, Query
from neo4j.exceptions import Neo4jError
from neo4j.graph import Node

from app.casebook.findings import FindingRecord
from app.clues.profile import plain_value
from app.errors import UnavailableError
from app.graph.driver import Graph

TIMEOUT_SECONDS = 10.0
EDGES_A_NODE = 5


def draw(graph: Graph, finding: FindingRecord, limit: int) -> dict[str, Any]:
    """Nodes (at most `limit`, the subject first), edges between them (at most five a node), and whether some
    were cut. Raises UnavailableError where the graph cannot answer within ten seconds.
    """
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, str, str], dict[str, Any]] = {}
    cut = False
    try:
        # The query is our own, stored with the finding; a read session refuses anything that writes.
        with graph.driver.session(default_access_mode=READ_ACCESS) as session:
            result = session.run(Query(finding.picture, timeout=TIMEOUT_SECONDS))
            shown = result.graph()
    except Neo4jError as error:
        raise UnavailableError(
            f"The picture of {finding.id} cannot be drawn ({error.code}): paste its query into Neo4j Browser."
        ) from error
    subject = finding.subject["key"]
    for node in sorted(map(_node, shown.nodes), key=lambda row: (row["key"] != subject, row["id"])):
        cut = cut or len(nodes) == limit
        if len(nodes) < limit:
            nodes[node["id"]] = node
    for relationship in shown.relationships:
        ends = [_node(node)["id"] for node in relationship.nodes if node is not None]
        if len(ends) == 2 and all(end in nodes for end in ends):
            properties = {name: plain_value(value) for name, value in relationship.items()}
            edge = {"source": ends[0], "target": ends[1], "type": relationship.type, "properties": properties}
            edges[ends[0], ends[1], relationship.type] = edge
    most = limit * EDGES_A_NODE
    return {
        "nodes": sorted(nodes.values(), key=lambda row: row["id"]),
        "edges": [edges[key] for key in sorted(edges)][:most],
        "cut": cut or len(edges) > most,
    }


_ROLES = ("Platform", "PaymentCompany", "LogisticsCompany", "Agent", "Warehouse", "Merchant")
"""Of an enterprise with several roles the first one is its kind: a platform is mostly its own merchant."""


def _node(node: Node) -> dict[str, Any]:
    kind = next((role for role in _ROLES if role in node.labels), min(node.labels))
    key = next((str(node[name]) for name in ("code", "key", "id", "value") if name in node), node.element_id)
    name = next((node[name] for name in ("name", "rule", "masked_name", "masked_text") if name in node), None)
    properties = {name: plain_value(value) for name, value in node.items()}
    return {"id": f"{kind}:{key}", "kind": kind, "key": key, "name": name, "properties": properties}
