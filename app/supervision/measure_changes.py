"""The measures in force on a day: the table that holds, with the changes of rates that a person accepted."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, select

from app.casebook.canonical import canonical
from app.casebook.measure_models import MeasureProposal
from app.supervision.measure_table import MeasureTable, measures_on


@dataclass(frozen=True)
class InForce:
    """The table of a day as it is used, and the proposals whose rates stand in it, by id."""

    table: MeasureTable
    changes: tuple[str, ...]

    def canonical(self) -> str:
        """The same as canonical JSON."""
        return canonical({"table": self.table.model_dump(mode="json"), "changes": self.changes})


def in_force_on(connection: Connection, day: date, file: Path | None = None) -> InForce:
    """The measures of a day; raises as `measures_on`.

    Of a rate the last accepted change that holds by then; a newer version of the table sets all rates anew.
    """
    table = measures_on(day, file)
    accepted = (
        select(MeasureProposal.__table__)
        .where(
            MeasureProposal.state == "accepted",
            MeasureProposal.holds_from >= table.holds_from,
            MeasureProposal.holds_from <= day,
        )
        .order_by(MeasureProposal.holds_from, MeasureProposal.decided_at, MeasureProposal.id)
    )
    latest = {(row["letter"], row["measure"]): row for row in connection.execute(accepted).mappings()}
    for (letter, measure), row in latest.items():
        table = with_rate(table, letter, measure, Decimal(row["rate_after"]))
    return InForce(table, tuple(sorted(row["id"] for row in latest.values())))


def with_rate(table: MeasureTable, letter: str, measure: str, rate: Decimal) -> MeasureTable:
    """The table with another rate of a measure of a class."""
    changed = table.measures[letter].model_copy(update={measure: rate})
    return table.model_copy(update={"measures": {**table.measures, letter: changed}})
