"""What detection adds to the graph (communities, findings, properties), written as a difference.

Names of derived properties have no prefix, and differ from those that the ledger gives the same label.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from neo4j import Driver

from loaders.errors import CluegraphError
from loaders.projection.increments import BATCH, Batch
from loaders.projection.schema import NODE, NODES, RELATIONSHIPS, ROLES
from loaders.projection.statements import filled

OWN = ("Community", "Finding")
"""Labels of nodes that exist because detection says so; their key is `id`."""

_BASE_TYPES = frozenset(relationship.type for relationship in RELATIONSHIPS)
_TYPE = re.compile(r"[A-Z][A-Z_]*")

NodeId = tuple[str, str]
RelationshipId = tuple[str, str, str, str, str]


class Layer(Protocol):
    """Properties by (label, key) and by (type, start label, start key, end label, end key)."""

    @property
    def nodes(self) -> Mapping[NodeId, Mapping[str, Any]]:
        """Properties of nodes."""

    @property
    def relationships(self) -> Mapping[RelationshipId, Mapping[str, Any]]:
        """Properties of relationships."""


@dataclass
class Shown:
    """A derived layer by the labels that carry the key: a platform is an Enterprise."""

    nodes: dict[NodeId, dict[str, Any]] = field(default_factory=dict)
    relationships: dict[RelationshipId, dict[str, Any]] = field(default_factory=dict)


def keyed(layer: Layer) -> Shown:
    """The layer with each label replaced by the one that carries the key, absent values left out.

    Raises CluegraphError for a label or type that there is not, and for a name that the ledger's part uses.
    """
    shown = Shown()
    for (label, key), properties in layer.nodes.items():
        shown.nodes.setdefault((_keyed(label), key), {}).update(_said(properties))
    for (type_, start, start_key, end, end_key), properties in layer.relationships.items():
        if not _TYPE.fullmatch(type_) or (type_ in _BASE_TYPES and start != "Finding"):
            raise CluegraphError(
                f"A derived relationship cannot be of type {type_!r}: the ledger's part uses it."
            )
        identity = (type_, _keyed(start), start_key, _keyed(end), end_key)
        shown.relationships.setdefault(identity, {}).update(_said(properties))
    for (label, _), properties in shown.nodes.items():
        taken = _base_names(label) & properties.keys()
        if taken:
            raise CluegraphError(
                f"A derived property of {label} cannot be named {min(taken)}: the ledger's is."
            )
    return shown


def difference(before: Shown, after: Shown) -> Iterator[Batch]:
    """Batches that turn a graph that shows `before` into one that shows `after`.

    A node that the ledger does not yield gets nothing, and neither does a relationship without both ends.
    """
    yield from _node_batches(before, after)
    yield from _relationship_batches(before, after)
    gone: dict[str, list[str]] = defaultdict(list)
    for label, key in sorted(before.nodes.keys() - after.nodes.keys()):
        if label in OWN:
            gone[label].append(key)
    for label, keys in gone.items():
        yield from _cut(filled("delete_nodes", LABEL=label, KEY="id"), keys)


def read_shown(driver: Driver) -> Shown:
    """The derived layer that the graph shows now."""
    shown = Shown()
    with driver.session() as session:

        def read(statement: Any, **parameters: Any) -> list[dict[str, Any]]:
            return session.execute_read(lambda tx: tx.run(statement, parameters).data())

        for label in OWN:
            for row in read(filled("read_own_nodes", LABEL=label)):
                row["properties"].pop("id")
                shown.nodes[label, row["key"]] = row["properties"]
        for node in NODES:
            base = _base_names(node.label)
            statement = filled("read_derived_properties", LABEL=node.label, KEY=node.key)
            for row in read(statement, base=sorted(base)):
                extra = {name: value for name, value in row["properties"].items() if name not in base}
                shown.nodes[node.label, row["key"]] = extra
        types = [row["relationshipType"] for row in read("CALL db.relationshipTypes()")]
        for type_ in sorted(types):
            if type_ in _BASE_TYPES and type_ != "ABOUT":
                continue
            start = ":Finding" if type_ == "ABOUT" else ""
            for row in read(filled("read_derived_relationships", TYPE=type_, START=start)):
                ends = (
                    _key_label(row["start_labels"]),
                    row["start_key"],
                    _key_label(row["end_labels"]),
                    row["end_key"],
                )
                shown.relationships[type_, *ends] = row["properties"]
    return shown


def _node_batches(before: Shown, after: Shown) -> Iterator[Batch]:
    own: dict[str, list[Any]] = defaultdict(list)
    extra: dict[str, list[Any]] = defaultdict(list)
    for label, key in sorted(before.nodes.keys() | after.nodes.keys()):
        old, new = before.nodes.get((label, key)), after.nodes.get((label, key))
        if old == new or (label in OWN and new is None):
            continue
        if label in OWN:
            own[label].append([key, new])
        else:
            removed = dict.fromkeys((old or {}).keys() - (new or {}).keys())
            extra[label].append([key, {**removed, **(new or {})}])
    for label, rows in own.items():
        yield from _cut(filled("merge_own_nodes", LABEL=label), rows)
    for label, rows in extra.items():
        yield from _cut(filled("set_derived_properties", LABEL=label, KEY=_key(label)), rows)


def _relationship_batches(before: Shown, after: Shown) -> Iterator[Batch]:
    gone: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    changed: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for identity in sorted(before.relationships.keys() | after.relationships.keys()):
        type_, start, start_key, end, end_key = identity
        new = after.relationships.get(identity)
        if new is None:
            gone[type_, start, end].append([start_key, end_key])
        elif before.relationships.get(identity) != new:
            changed[type_, start, end].append([start_key, end_key, new])
    for name, kinds in (("delete_derived_relationships", gone), ("merge_derived_relationships", changed)):
        for (type_, start, end), rows in kinds.items():
            parts = {
                "TYPE": type_,
                "START_KEY": _key(start),
                "END_KEY": _key(end),
                "START": start,
                "END": end,
            }
            yield from _cut(filled(name, **parts), rows)


def _cut(statement: Any, rows: list[Any]) -> Iterator[Batch]:
    for start in range(0, len(rows), BATCH):
        yield Batch(statement, rows[start : start + BATCH])


def _said(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def _keyed(label: str) -> str:
    if label in ROLES:
        return "Enterprise"
    if label not in OWN and label not in NODE:
        raise CluegraphError(f"There is no label {label!r} in the graph that detection could add to.")
    return label


def _key_label(labels: list[str]) -> str:
    return next(label for label in labels if label in OWN or label in NODE)


def _key(label: str) -> str:
    return "id" if label in OWN else NODE[label].key


def _base_names(label: str) -> set[str]:
    if label in OWN:
        return set()
    return {NODE[label].key, *(p.name for p in NODE[label].properties)}
