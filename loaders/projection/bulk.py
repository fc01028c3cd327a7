"""The whole graph as CSV for `neo4j-admin database import full`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.projection.rows import node_query, relationship_query
from loaders.projection.schema import NODES, RELATIONSHIPS, NodeType, Property, RelationshipType

# No value holds it: the contract refuses control characters.
_IN_LISTS = "\x1f"


@dataclass(frozen=True)
class Files:
    """What was written: arguments for the importer, and how much of each kind."""

    arguments: list[str]
    nodes: dict[str, int]
    relationships: dict[str, int]


def write_csv(con: duckdb.DuckDBPyConnection, folder: Path, made_from: Mapping[str, int]) -> Files:
    """Write every node and relationship below `folder` (emptied by the caller), from a connection that
    `rows.prepare` has made ready for everything.

    `made_from` becomes an `Import` node: a graph that is mounted but not finished says by it how far it is.
    Nodes get running numbers as import ids: the importer sorts and matches integers far faster than keys.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [
        "--id-type=integer",
        f"--array-delimiter={_IN_LISTS}",
        "--high-parallel-io=on",
        "--skip-bad-relationships=false",
    ]
    nodes: dict[str, int] = {}
    relationships: dict[str, int] = {}
    header = [":ID", "id", *(f"{name}:long" for name in made_from)]
    _copy(
        con, folder, "Import", header, f"SELECT 0, 'graph', {', '.join(str(made_from[n]) for n in made_from)}"
    )
    arguments.append(f"--nodes=Import={_files(folder, 'Import')}")
    first = 1
    for node in NODES:
        count = _write_node(con, folder, node, first)
        if count:
            arguments.append(f"--nodes={node.label}={_files(folder, node.label)}")
        nodes[node.label] = count
        first += count
    for relationship in RELATIONSHIPS:
        count = _write_relationship(con, folder, relationship)
        if count:
            arguments.append(f"--relationships={relationship.type}={_files(folder, relationship.name)}")
        relationships[relationship.name] = count
    return Files(arguments, nodes, relationships)


def _write_node(con: duckdb.DuckDBPyConnection, folder: Path, node: NodeType, first: int) -> int:
    con.execute(f"CREATE TEMP TABLE node_{node.label} AS {node_query(node)}")
    # The table's own row numbers: a window function would number on one core.
    import_id = f"rowid + {first}"
    columns = [import_id, "key", *map(_cell, node.properties)]
    header = [":ID", node.key, *map(_title, node.properties)]
    if node.roles:
        columns.append(f"array_to_string(labels, '{_IN_LISTS}')")
        header.append(":LABEL")
    query = f"SELECT {', '.join(columns)} FROM node_{node.label}"
    count = _copy(con, folder, node.label, header, query)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE node_{node.label} AS "
        f"SELECT {import_id} AS import_id, key FROM node_{node.label}"
    )
    return count


def _write_relationship(con: duckdb.DuckDBPyConnection, folder: Path, relationship: RelationshipType) -> int:
    columns = ["a.import_id", "b.import_id", *(_cell(p, "r.") for p in relationship.properties)]
    query = (
        f"SELECT {', '.join(columns)} FROM ({relationship_query(relationship)}) AS r "
        f"JOIN node_{relationship.start} AS a ON a.key = r.start_key "
        f"JOIN node_{relationship.end} AS b ON b.key = r.end_key"
    )
    header = [":START_ID", ":END_ID", *map(_title, relationship.properties)]
    return _copy(con, folder, relationship.name, header, query)


def _copy(con: duckdb.DuckDBPyConnection, folder: Path, name: str, header: list[str], query: str) -> int:
    (folder / f"{name}.header.csv").write_text(",".join(header) + "\n", "utf-8")
    target = str(folder / f"{name}.csv").replace("'", "''")
    copied = con.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER false)").fetchall()
    return int(copied[0][0])


def _cell(property_: Property, table: str = "") -> str:
    column = f'{table}"{property_.name}"'
    return f"array_to_string({column}, '{_IN_LISTS}')" if property_.type.endswith("[]") else column


def _title(property_: Property) -> str:
    return property_.name if property_.type == "string" else f"{property_.name}:{property_.type}"


def _files(folder: Path, name: str) -> str:
    return f"{folder / f'{name}.header.csv'},{folder / f'{name}.csv'}"
