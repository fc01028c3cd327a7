"""What stands behind findings: every id of their evidence, the sales, their goods, documents and persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa
from neo4j import READ_ACCESS, Query
from neo4j.exceptions import Neo4jError

from app.casebook.findings import FindingRecord
from app.clues.evidence import documents_of
from app.errors import UnavailableError
from app.graph.driver import Graph, named
from app.handout import Rows, Table
from loaders.projection.schema import read_sql as projection_sql

TIMEOUT_SECONDS = 60.0
MOST_IDS = 100_000
"""Ids of evidence of one finding in a dossier; what is beyond is counted and said."""

_IDS = pa.schema([("id", pa.string())])


@dataclass(frozen=True)
class Evidence:
    """Ids behind one finding, sorted: those that the graph gives now, and those that the finding listed.

    `counted` is how many the finding counted; `cut` how many of them are left out here.
    """

    finding: str
    ids: tuple[str, ...]
    counted: int
    cut: int


@dataclass(frozen=True)
class Wanted:
    """Ids as the tables ask for them: every id that is no sale, the sales among and behind them (`all_sales`
    counts those left out as well), and enterprises by code."""

    others: tuple[str, ...]
    sales: tuple[str, ...]
    all_sales: int
    firms: tuple[str, ...]


def evidence_behind(graph: Graph, finding: FindingRecord) -> Evidence:
    """Every id of a finding's evidence, by its own query; UnavailableError where the graph cannot answer."""
    try:
        with graph.driver.session(default_access_mode=READ_ACCESS) as session:
            # The query is our own, stored with the finding; a read session refuses anything that writes.
            result = session.run(Query(finding.evidence["query"], timeout=TIMEOUT_SECONDS))
            found = {str(record[0]) for record in result if record[0] is not None}
    except Neo4jError as error:
        raise UnavailableError(
            f"The evidence of {finding.id} cannot be listed ({error.code}): the graph may be too busy; "
            "see `cluegraph neo4j status`."
        ) from error
    ids = sorted(found | set(finding.evidence["ids"]))
    return Evidence(finding.id, tuple(ids[:MOST_IDS]), finding.evidence["count"], len(ids[MOST_IDS:]))


def wanted(
    connection: duckdb.DuckDBPyConnection,
    graph: Graph,
    findings: Sequence[FindingRecord],
    evidence: Sequence[Evidence],
    most_sales: int,
) -> Wanted:
    """What the tables of a dossier are asked about, of sales the first `most_sales` by their ids."""
    ids = {one for part in evidence for one in part.ids}
    known = _sales_among(connection, ids)
    others = sorted(ids - known)
    behind = {row["sale"] for row in graph.read(named("sales_behind"), ids=others)}
    sales = sorted(known | behind)
    parts = [part for finding in findings for part in (finding.subject, *finding.members)]
    firms = {part["key"] for part in parts} | set(others)
    return Wanted(tuple(others), tuple(sales[:most_sales]), len(sales), tuple(sorted(firms)))


def _sales_among(connection: duckdb.DuckDBPyConnection, ids: set[str]) -> set[str]:
    connection.register("asked_ids", pa.table({"id": sorted(ids)}, schema=_IDS))
    try:
        found = connection.execute(
            "SELECT sale_id FROM transactions SEMI JOIN asked_ids ON sale_id = id"
        ).fetchall()
        return {sale for (sale,) in found}
    finally:
        connection.unregister("asked_ids")


def show(connection: duckdb.DuckDBPyConnection, asked: Wanted) -> None:
    """Make what is asked for known to the statements, and the masks that they use."""
    connection.execute(projection_sql("macros.sql"))
    for name, values in (("wanted_sales", asked.sales), ("wanted_reports", asked.others)):
        connection.register(name, pa.table({"id": list(values)}, schema=_IDS))
    connection.register("wanted_firms", pa.table({"code": pa.array(asked.firms, pa.string())}))


def table(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> Table:
    """The table of `sql/<name>.sql`; amounts as decimal text, times in ISO 8601, lists joined by `; `."""
    result = connection.execute(_sql(name), values) if values else connection.execute(_sql(name))
    columns = tuple(column[0] for column in result.description)
    return Table(name, columns, [[_cell(value) for value in row] for row in result.fetchall()])


def documents(connection: duckdb.DuckDBPyConnection, asked: Wanted) -> Table:
    """Every version of every document, those that followed a sale included, with where it came from."""
    columns = ("id", "kind", "document", "file", "message", "position", "load")
    rows: Rows = [
        [row[name] for name in columns] for row in documents_of(connection, [*asked.others, *asked.sales])
    ]
    rows += connection.execute(_sql("followed")).fetchall()
    # Of one sale the documents stand together; each part is sorted by the rest already.
    return Table("documents", columns, sorted(rows, key=lambda row: (row[0], row[1])))


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def decimal_text(value: Decimal) -> str:
    """A decimal without needless zeros, at least two places: exact, and no spreadsheet rounds it."""
    plain = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    whole, _, part = plain.partition(".")
    return f"{whole}.{part:0<2}"


@cache
def _sql(name: str) -> str:
    return files("app.clues.dossier").joinpath("sql", f"{name}.sql").read_text("utf-8")
