"""What the casebook gives the graph besides the ledger: graph = ledger + casebook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.casebook.findings import FindingRecord, read_findings
from app.casebook.models import DerivedNode, DerivedRelationship
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
    nodes: dict[NodeId, dict[str, Any]] = {}
    query = select(DerivedNode.__table__).order_by(DerivedNode.label, DerivedNode.key, DerivedNode.step)
    for row in connection.execute(query).mappings():
        nodes.setdefault((row["label"], row["key"]), {}).update(orjson.loads(row["properties"]))
    for key, told in protection_of(connection).items():
        nodes.setdefault(("Consumer", key), {}).update(told)
    table = DerivedRelationship.__table__
    relationships: dict[RelationshipId, dict[str, Any]] = {}
    for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
        identity = (row["type"], row["start_label"], row["start_key"], row["end_label"], row["end_key"])
        relationships.setdefault(identity, {}).update(orjson.loads(row["properties"]))
    for finding in read_findings(connection, present=None):
        nodes["Finding", finding.id] = finding_properties(finding)
        for role, parts in (("member", finding.members), ("subject", [finding.subject])):
            for part in parts:
                identity = ("ABOUT", "Finding", finding.id, part["kind"], part["key"])
                relationships[identity] = {"role": role}
    return Derived(dict(sorted(nodes.items())), dict(sorted(relationships.items())))


def finding_properties(finding: FindingRecord) -> dict[str, Any]:
    """All properties of a finding's node but its id."""
    return {
        "rule": finding.rule,
        "rule_version": finding.rule_version,
        "severity": finding.severity,
        "score": finding.score,
        "reason_en": finding.reason["en"],
        "reason_zh": finding.reason["zh"],
        "numbers": orjson.dumps(finding.numbers, option=orjson.OPT_SORT_KEYS).decode(),
        "present": finding.present,
        "decision": finding.decision,
    }
