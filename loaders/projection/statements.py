"""Cypher of the projection: the files of `cypher/projection`, filled in from the schema's own names."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import LiteralString

from loaders.projection.schema import NODE, NodeType, Property, RelationshipType

EMPTY = "''"
"""What stands for an identity where a kind of relationship has none."""


@cache
def text(name: str) -> str:
    """Text of `cypher/projection/<name>.cypher`."""
    return files("cypher").joinpath("projection", f"{name}.cypher").read_text("utf-8")


def filled(name: str, **parts: str) -> LiteralString:
    """The statement `name` with `<PART>` replaced; parts come from the schema, never from data."""
    statement = text(name)
    for part, value in parts.items():
        statement = statement.replace(f"<{part}>", value)
    return statement


def merge_nodes(node: NodeType) -> LiteralString:
    """Merge nodes by key; rows: key, properties, and the list of labels where the type has roles."""
    return filled(
        "merge_nodes_with_roles" if node.roles else "merge_nodes",
        LABEL=node.label,
        KEY=node.key,
        PROPERTIES=_map(node.properties, 1),
        ROLES=":".join(node.roles),
        LAST=str(len(node.properties) + 1),
    )


def merge_relationships(relationship: RelationshipType) -> LiteralString:
    """Merge relationships by both ends and identity; rows: start key, end key, properties."""
    names = [p.name for p in relationship.properties]
    identity = ", ".join(f"{name}: row[{names.index(name) + 2}]" for name in relationship.identity)
    return filled(
        "merge_relationships",
        IDENTITY=f"{{{identity}}}" if identity else "",
        PROPERTIES=_map(relationship.properties, 2),
        **_ends(relationship),
    )


def delete_of_start(label: str, relationships: Sequence[RelationshipType]) -> LiteralString:
    """Delete what starts of one label have and is not wanted; rows: start key, list of what is wanted."""
    return filled(
        "delete_relationships_of_start", START=label, START_KEY=NODE[label].key, **_kinds(relationships)
    )


def delete_of_end(label: str, relationships: Sequence[RelationshipType]) -> LiteralString:
    """Delete what ends of one label have and is not wanted; rows: end key, list of what is wanted."""
    return filled("delete_relationships_of_end", END=label, END_KEY=NODE[label].key, **_kinds(relationships))


def delete_nodes(node: NodeType) -> LiteralString:
    """Delete nodes and all their relationships; rows: keys."""
    return filled("delete_nodes", LABEL=node.label, KEY=node.key)


def existing_nodes(node: NodeType) -> LiteralString:
    """Which keys there are; rows: keys."""
    return filled("existing_nodes", LABEL=node.label, KEY=node.key)


def _ends(relationship: RelationshipType) -> dict[str, str]:
    return {
        "TYPE": relationship.type,
        "START_KEY": NODE[relationship.start].key,
        "END_KEY": NODE[relationship.end].key,
        "START": relationship.start,
        "END": relationship.end,
    }


def _kinds(relationships: Sequence[RelationshipType]) -> dict[str, str]:
    names = sorted({name for relationship in relationships for name in relationship.identity})
    return {
        "TYPES": "|".join(sorted({relationship.type for relationship in relationships})),
        "IDENTITY": f"coalesce({', '.join([*(f'r.{name}' for name in names), EMPTY])})" if names else EMPTY,
    }


def _map(properties: tuple[Property, ...], first: int) -> str:
    """A map of a row's properties; null takes a property away."""
    return "{" + ", ".join(_entry(p, f"row[{i}]") for i, p in enumerate(properties, first)) + "}"


def _entry(property_: Property, value: str) -> str:
    if property_.type in ("date", "localdatetime"):
        value = f"{property_.type}({value})"
    return f"{property_.name}: {value}"
