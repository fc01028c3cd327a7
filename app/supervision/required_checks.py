"""Which authenticity checks the class of a platform requires, and which of them are outstanding."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.casebook.store import Casebook
from app.supervision.class_history import records
from app.supervision.measure_table import PAYMENT_VERIFICATION, MeasureTable
from app.supervision.sale_risk import classes_of
from app.supervision.scorecard import CLASSES, Letter
from app.supervision.verification import Platform, read_register, read_sql, tallies_on
from loaders.ledger.ledger import Ledger

SETTLED = ("pass", "not_applicable")
"""Results of a check after which it is not asked for again."""


@dataclass(frozen=True)
class Required:
    """A platform that sells: its class, what that requires, and of it what is outstanding, by its state
    (never, fail, unknown)."""

    code: str
    name: str | None
    letter: Letter
    sales: int
    required: tuple[str, ...]
    outstanding: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        plain = asdict(self)
        return {"class": plain.pop("letter"), **plain, "required": list(self.required)}


def required_checks(ledger: Ledger, casebook: Casebook, day: date, table: MeasureTable) -> list[Required]:
    """Every platform with sales in the year up to a day, the worst class first, then the largest.

    A check is settled by its latest result, `payment_verification` by any answer of the payment authority
    about a payment of that year.
    """
    with ledger.connect() as connection:
        tallies = tallies_on(connection, day)
        platforms = read_register(tallies, casebook.findings(), day).platforms
        tallies.keep("answered_payments")
        answered = set(tallies.query(read_sql("answered_platforms"))["platform"].to_pylist())
    with casebook.read() as read:
        classes = classes_of(records(read), day)
    out = []
    for one in platforms.values():
        if one.window_sales:
            letter = classes.get(one.code, table.unrated)
            required = table.of(letter).checks
            states = _states(one, one.code in answered)
            left = {name: states[name] for name in required if states[name] not in SETTLED}
            out.append(Required(one.code, one.name, letter, one.window_sales, required, left))
    return sorted(out, key=lambda one: (-CLASSES.index(one.letter), -one.sales, one.code))


def _states(platform: Platform, answered: bool) -> dict[str, str]:
    states = {check.check: check.state for check in platform.checks}
    return states | {PAYMENT_VERIFICATION: "pass" if answered else "never"}
