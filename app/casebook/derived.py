"""What the casebook gives the graph besides the ledger: graph = ledger + casebook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.casebook.models import DerivedNode, DerivedRelationship, Finding
from app.casebook.protections import properties as protection_of

NodeId = tuple[str, str]  # label, key
RelationshipId = tuple[str, str, str, str, str]  # type, start label, start key, end label, end key
Properties = Mapping[str, Any]  # text, integer, float, boolean, or a list of one of them; never None

OWN_LABELS = ("Community", "Finding")
"""Labels whose nodes exist because the casebook says so; every other label gets properties, never a node."""


@dataclass(frozen=True)
class Derived:
    """The derived layer: properties of nodes by (label, key), and whole relationships.

    A property of a node that the ledger no longer yields is to be left out, not to create the node.
    """

    nodes: Mapping[NodeId, Properties]
    relationships: Mapping[RelationshipId, Properties]


def read_derived(connection: Connection) -> Derived:
    """Everything that detection, findings and protections give the graph, sorted by key."""
    nodes: dict[NodeId, Any] = {}
    relationships: dict[RelationshipId, Any] = {}
    for model in (DerivedNode, DerivedRelationship):
        table = model.__table__
        rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        every = of_rows(map(dict, rows))
        nodes |= every.nodes
        relationships |= every.relationships
    for key, told in protection_of(connection).items():
        nodes.setdefault(("Consumer", key), {}).update(told)
    live = select(Finding.__table__).where(Finding.maturity == "live")
    shown = of_findings(map(dict, connection.execute(live).mappings()))
    nodes |= shown.nodes
    relationships |= shown.relationships
    return Derived(dict(sorted(nodes.items())), dict(sorted(relationships.items())))


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Derived:
    """The derived layer that rows of the tables of nodes and relationships make."""
    nodes: dict[NodeId, Any] = {}
    relationships: dict[RelationshipId, Any] = {}
    for row in rows:
        properties = orjson.loads(row["properties"])
        if "label" in row:
            nodes.setdefault((row["label"], row["key"]), {}).update(properties)
        else:
            identity = (row["type"], row["start_label"], row["start_key"], row["end_label"], row["end_key"])
            relationships.setdefault(identity, {}).update(properties)
    return Derived(nodes, relationships)


def of_findings(rows: Iterable[Mapping[str, Any]]) -> Derived:
    """Nodes of findings and what they are about, from rows of their table."""
    nodes: dict[NodeId, Properties] = {}
    relationships: dict[RelationshipId, Properties] = {}
    for row in rows:
        result = orjson.loads(row["result"])
        nodes["Finding", row["id"]] = {
            "rule": row["rule"],
            "rule_version": row["rule_version"],
            "severity": row["severity"],
            "score": row["score"],
            "reason_en": result["reason"]["en"],
            "reason_zh": result["reason"]["zh"],
            "numbers": orjson.dumps(result["numbers"], option=orjson.OPT_SORT_KEYS).decode(),
            "present": row["present"],
            "decision": row["decision"],
        }
        for role, parts in (("member", result["members"]), ("subject", [result["subject"]])):
            for part in parts:
                relationships["ABOUT", "Finding", row["id"], part["kind"], part["key"]] = {"role": role}
    return Derived(nodes, relationships)
