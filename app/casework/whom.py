"""Whom findings are about, and the sales that they therefore speak of."""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files

import duckdb
import pyarrow as pa

from app.casebook.findings import FindingRecord
from app.detection.tally import Tallies

_GROUPS = ("Community", "BankAccount")
"""Subjects that stand for their members: a finding about one is about those."""

ABOUT = pa.schema([(name, pa.string()) for name in ("finding", "kind", "key", "beside")])
_TOLD_SALES = files("app.casework").joinpath("told_sales.sql").read_text("utf-8")


def parties(finding: FindingRecord) -> list[tuple[str, str, str | None]]:
    """(kind, key, merchant beside it) of whom a finding is about.

    The members of a group; else the subject, an agent together with the merchants for whom it declares.
    """
    if finding.subject["kind"] in _GROUPS:
        return [(part["kind"], part["key"], None) for part in finding.members]
    kind, key = finding.subject["kind"], finding.subject["key"]
    merchants = [part["key"] for part in finding.members if part["kind"] == "Merchant"]
    if kind == "Agent" and merchants:
        return [(kind, key, merchant) for merchant in merchants]
    return [(kind, key, None)]


def about(findings: Iterable[FindingRecord]) -> pa.Table:
    """Columns of ABOUT: whom each finding is about, sorted."""
    rows = sorted((one.id, kind, key, beside or "") for one in findings for kind, key, beside in parties(one))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table(
        [pa.array([value or None for value in column], pa.string()) for column in columns], schema=ABOUT
    )


def show_sales(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection of the ledger every view that tallies read, of all sales there are."""
    Tallies(connection, since=None, until=date.max)


def show_told_sales(
    connection: duckdb.DuckDBPyConnection,
    findings: Iterable[FindingRecord],
    *,
    since: date | None = None,
    among: Iterable[str] | None = None,
) -> None:
    """Give a connection that shows sales the tables `about` (ABOUT) and `told_sales` (finding, sale_id,
    merchant, last_date, invt_no): the sales that findings speak of, after a day or among some where these
    are given."""
    sales = pa.table({"sale_id": pa.array(sorted(set(among or ())), pa.string())})
    for name, rows in (("about", about(findings)), ("among", sales)):
        connection.register("at_hand", rows)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM at_hand")
        connection.unregister("at_hand")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE told_sales AS {_TOLD_SALES}",
        {"since": since, "among": among is not None},
    )
