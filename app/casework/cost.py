"""What acting on findings would cost: the sales of the last month that they would select for inspection."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pyarrow as pa

from app.casebook.findings import FindingRecord
from app.casework.whom import show_sales, show_told_sales
from app.detection.strata import months_before
from app.errors import BadInputError
from loaders.ledger.ledger import Ledger

_SELECTED = files("app.casework").joinpath("selected_sales.sql").read_text("utf-8")

Row = dict[str, Any]


def checked_rate(rate: Decimal) -> Decimal:
    """A share of what is selected that is inspected; raises BadInputError outside 0 to 1."""
    if not 0 <= rate <= 1:
        raise BadInputError(f"{rate} is no rate of inspection: give a share from 0 to 1.")
    return rate


def cost(
    ledger: Ledger,
    sets: Mapping[str, Iterable[FindingRecord]],
    extent: Mapping[str, list[str]],
    *,
    as_of: date,
    rate: Decimal,
) -> dict[str, Row]:
    """Of each set of findings by name: the sales of the month to `as_of` that it selects, and inspections.

    `evidence_sales` are those among the documents behind the findings (`extent`, by finding), `subject_sales`
    all of whom they are about; inspections are those at `rate`, as text.
    """
    every = {one.id: one for found in sets.values() for one in found}
    wanted = sorted((name, one.id) for name, found in sets.items() for one in found)
    behind = sorted((one, sale) for one in every for sale in extent.get(one, ()))
    with ledger.connect() as connection:
        show_sales(connection)
        show_told_sales(connection, every.values(), since=months_before(as_of, 1))
        for name, columns, rows in (
            ("wanted", ("name", "finding"), wanted),
            ("extent", ("finding", "sale_id"), behind),
        ):
            table = [pa.array([row[at] for row in rows], pa.string()) for at in (0, 1)]
            connection.register(name, pa.table(table, names=columns))
        told = connection.execute(_SELECTED, {"since": months_before(as_of, 1), "until": as_of}).fetchall()
    selected = {name: (evidence, subjects) for name, evidence, subjects in told}
    return {name: _priced(*selected.get(name, (0, 0)), rate) for name in sets}


def _priced(evidence: int, subjects: int, rate: Decimal) -> Row:
    return {
        "evidence_sales": evidence,
        "subject_sales": subjects,
        "rate": str(rate),
        "evidence_inspections": str((evidence * rate).quantize(Decimal("0.1"))),
        "subject_inspections": str((subjects * rate).quantize(Decimal("0.1"))),
    }
