"""What is known of an enterprise, a consumer or a community, asked by named query of the graph."""

from collections.abc import Mapping
from typing import Any

from app.casebook.store import Casebook
from app.errors import NotFoundError
from app.graph.driver import Graph, named

COUNTED_ONLY = {
    "transactions_on": "ON: {count} transactions are counted, not listed.",
    "transactions_paid_through": "PAID_THROUGH: {count} transactions are counted, not listed.",
    "transactions_sold_by": "SOLD_BY: {count} transactions are counted, not listed.",
    "consumers_buying_on": "BUYS_ON: {count} consumers are counted, not listed.",
}


def enterprise_profile(graph: Graph, casebook: Casebook, code: str) -> dict[str, Any]:
    """Roles, properties, counts and findings of an enterprise; NotFoundError where the graph has none."""
    row = _one(graph, "enterprise", f"There is no enterprise {code} in the graph.", code=code)
    return row | {"findings": findings_about(casebook, {"Enterprise", *row["roles"]}, code)}


def consumer_profile(graph: Graph, casebook: Casebook, key: str) -> dict[str, Any]:
    """Masked properties, counts and findings of a consumer; NotFoundError where the graph has none."""
    row = _one(graph, "consumer", "There is no consumer with this key in the graph.", key=key)
    return row | {"findings": findings_about(casebook, {"Consumer"}, key)}


def findings_about(casebook: Casebook, kinds: set[str], key: str) -> list[dict[str, str]]:
    """Findings, present or not, that have an entity as their subject or among their members."""
    return [
        {"kind": "Finding", "key": finding.id, "name": finding.rule}
        for finding in casebook.findings(present=None)
        if any(part["kind"] in kinds and part["key"] == key for part in (finding.subject, *finding.members))
    ]


def enterprise_neighbours(graph: Graph, code: str, limit: int) -> dict[str, Any]:
    """Neighbours of an enterprise, at most `limit` of a type; heavy types are counted, and `cut` says so."""
    known = _one(graph, "enterprise", f"There is no enterprise {code} in the graph.", code=code)
    rows = graph.read(named("enterprise_neighbours"), code=code, limit=limit)
    counts = known["counts"]
    heavy = [text.format(count=counts[name]) for name, text in COUNTED_ONLY.items() if counts[name]]
    return _neighbours(rows, heavy)


def consumer_neighbours(graph: Graph, key: str, limit: int) -> dict[str, Any]:
    """Neighbours of a consumer, at most `limit` of a type; `cut` says which types have more."""
    _one(graph, "consumer", "There is no consumer with this key in the graph.", key=key)
    return _neighbours(graph.read(named("consumer_neighbours"), key=key, limit=limit), [])


def _neighbours(rows: list[dict[str, Any]], cut: list[str]) -> dict[str, Any]:
    for row in rows:
        row["shown"] = len(row["neighbours"])
        row["neighbours"] = [plain_properties(neighbour) for neighbour in row["neighbours"]]
        if row["shown"] < row["total"]:
            cut.append(f"{row['type']} ({row['direction']}): {row['shown']} of {row['total']} are listed.")
    return {"data": rows, "count": sum(row["total"] for row in rows), "cut": cut}


def clusters_page(graph: Graph, kind: str | None, after: str, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Up to `limit` communities after an id, and how many there are in all."""
    rows = graph.read(named("clusters"), kind=kind, after=after, limit=limit)
    count = graph.read(named("clusters_count"), kind=kind)[0]["count"]
    return [plain_properties(row) for row in rows], int(count)


def cluster_with_members(graph: Graph, identity: str, limit: int) -> dict[str, Any]:
    """A community with at most `limit` members; NotFoundError where there is none."""
    row = _one(graph, "cluster", f"There is no cluster {identity} in the graph.", id=identity, limit=limit)
    return row | {"members": [plain_properties(member) for member in row["members"]]}


def _one(graph: Graph, query: str, missing: str, **parameters: Any) -> dict[str, Any]:
    rows = graph.read(named(query), **parameters)
    if not rows:
        raise NotFoundError(missing)
    return plain_properties(rows[0])


def plain_properties(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its `properties` as JSON values (times of the graph as ISO 8601 text)."""
    return {**row, "properties": {name: plain_value(value) for name, value in row["properties"].items()}}


def plain_value(value: Any) -> Any:
    """A value of the graph as JSON: temporal values as ISO 8601 text, everything else as it is."""
    if hasattr(value, "iso_format"):
        return value.iso_format()
    return [plain_value(item) for item in value] if isinstance(value, list) else value
