"""The official credit class of an enterprise, and which classes it allows: a table by dates."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from app.errors import NotFoundError
from app.supervision.checked_yaml import Strict, WrongError, read_checked_or_own
from app.supervision.scorecard import CLASSES, Letter, check_days, holding


class Limits(Strict):
    """Which classes are allowed: none worse than `at_least`, none better than `at_best`."""

    at_least: Letter | None = None
    at_best: Letter | None = None


class CreditTable(Strict):
    """The official classes from one day to another, each with what it allows."""

    version: str
    holds_from: date
    holds_until: date | None = None
    classes: Annotated[dict[str, Limits], Field(min_length=1)]


class CreditTables(Strict):
    """The file."""

    versions: Annotated[list[CreditTable], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for days that overlap, and for a floor above its ceiling."""
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            for name, limits in version.classes.items():
                if limits.at_least and limits.at_best and better(limits.at_least, limits.at_best):
                    raise WrongError(
                        ("versions", number, "classes", name, "at_least"),
                        f"{name} cannot be at least {limits.at_least} and at best {limits.at_best}",
                    )


def read_credit_tables(path: Path | None = None) -> CreditTables:
    """The tables of a file, or those that come with cluegraph; raises as `read_checked`."""
    return read_checked_or_own(path, "credit_classes.yaml", CreditTables)


def limits_of(tables: CreditTables, credit_class: str | None, as_of: date | None) -> Limits:
    """What an official class allows, read by the table that held on the day of the register's state.

    Everything, where the class or the day is not known to the tables.
    """
    if credit_class is None or as_of is None:
        return Limits()
    try:
        table = holding(tables.versions, as_of, "the table of credit classes")
    except NotFoundError:
        return Limits()
    return table.classes.get(credit_class, Limits())


def within(letter: Letter, limits: Limits) -> Letter:
    """The class nearest to `letter` that is allowed."""
    if limits.at_best is not None and better(letter, limits.at_best):
        return limits.at_best
    if limits.at_least is not None and better(limits.at_least, letter):
        return limits.at_least
    return letter


def better(one: str, other: str) -> bool:
    """Whether a class is better than another."""
    return CLASSES.index(one) < CLASSES.index(other)
