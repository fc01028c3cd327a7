"""The schema, its SQL, and what is said of both."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from loaders.projection import statements
from loaders.projection.schema import NODE, NODES, RELATIONSHIPS, ROLES, TYPES

DOCS = Path(__file__).parents[3] / "docs" / "graph.md"


def _sql() -> list[tuple[str, str]]:
    folder = Path(str(files("loaders.projection").joinpath("sql")))
    return [(path.name, path.read_text("utf-8")) for path in sorted(folder.rglob("*.sql"))]


def test_every_label_relationship_and_property_is_explained() -> None:
    text = DOCS.read_text("utf-8")
    names = {node.label for node in NODES} | {node.key for node in NODES} | set(ROLES)
    names |= {relationship.type for relationship in RELATIONSHIPS}
    names |= {p.name for kind in (*NODES, *RELATIONSHIPS) for p in kind.properties}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", text)) == []


def test_types_and_names_are_those_of_the_conventions() -> None:
    for kind in (*NODES, *RELATIONSHIPS):
        for p in kind.properties:
            assert p.type in TYPES, p
            assert p.name.endswith("_local") == (p.type == "localdatetime"), p
            assert not p.name.endswith("_e5") or p.type in ("long", "long[]"), p
    for relationship in RELATIONSHIPS:
        assert {relationship.start, relationship.end} <= NODE.keys()
        assert set(relationship.identity) <= {p.name for p in relationship.properties}
    assert len({relationship.name for relationship in RELATIONSHIPS}) == len(RELATIONSHIPS)


@pytest.mark.parametrize(("name", "text"), _sql(), ids=lambda value: value if value.endswith(".sql") else "")
def test_sql_gives_the_same_every_time(name: str, text: str) -> None:
    code = re.sub(r"--.*", "", text).lower()
    assert not re.search(r"\b(any_value|first|last|arbitrary|now|current_date|random)\s*\(", code), name
    for aggregate in re.findall(r"\b(?:list|string_agg|array_agg)\s*\(([^()]*)\)", code):
        assert "order by" in aggregate, f"{name}: {aggregate}"


def test_statements_are_filled_in_completely() -> None:
    texts = [statements.merge_nodes(node) for node in NODES]
    texts += [statements.delete_nodes(node) + statements.existing_nodes(node) for node in NODES]
    for relationship in RELATIONSHIPS:
        texts.append(statements.merge_relationships(relationship))
        texts.append(statements.delete_of_start(relationship.start, [relationship]))
        texts.append(statements.delete_of_end(relationship.end, [relationship]))
        texts.append(relationship.sql)
    for text in texts:
        assert not re.search(r"<[A-Z_]+>", text), text
