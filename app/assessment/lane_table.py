"""Which fact and which finding asks for which lane: a file by versions, read strictly."""

from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from string import Formatter
from typing import Annotated, Final

from pydantic import Field

from app.casebook.models import SEVERITIES
from app.plain_yaml import Place
from app.supervision.checked_yaml import Strict, WrongError, read_checked
from app.supervision.lanes import LANES
from app.supervision.scorecard import check_days, holding

FACTS: Final = {
    "identity-locked": {"since"},
    "identity-watched": {"since"},
    "identity-invalid": set[str](),
    "quota-annual": {"used", "limit", "year"},
    "quota-single": {"value", "limit"},
    "document-missing": {"missing"},
    "document-payer": {"differences"},
    "document-amount": {"differences"},
    "document-payment-company": {"differences"},
    "document-items": {"differences"},
    "document-consignee": {"differences"},
    "document-order-of-time": {"differences"},
    "payment-reused": {"sales", "first"},
    "waybill-reused": {"sales", "first"},
    "goods-not-listed": {"codes"},
}
"""Every fact, and the numbers that its text may name."""
UNKNOWN: Final = ("ledger", "snapshot", "casebook")
"""What a fallback may have to do without."""

Text = Annotated[str, Field(min_length=1)]


class Fact(Strict):
    """What a fact asks for, the rule that looks for the same in batch, and what is said of it."""

    rule: Text
    lane: str
    en: Text
    zh: Text


class LaneTable(Strict):
    """One version; it holds from a day until another, or the version after it."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    holds_from: date
    holds_until: date | None = None
    reservation_days: Annotated[int, Field(ge=1, le=3650, strict=True)]
    facts: dict[str, Fact]
    findings: dict[str, str]
    rules: dict[str, str]
    unknown: dict[str, str]


class LaneTables(Strict):
    """The file."""

    versions: Annotated[list[LaneTable], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for what no single field shows."""
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            _check_version(version, ("versions", number))


def _check_version(table: LaneTable, at: Place) -> None:
    for part, wanted in (("facts", FACTS), ("findings", SEVERITIES), ("unknown", UNKNOWN)):
        named = getattr(table, part)
        for name in named:
            if name not in wanted:
                raise WrongError((*at, part, name), f"{name!r} is none of {', '.join(wanted)}")
        for name in wanted:
            if name not in named:
                raise WrongError((*at, part), f"{name!r} is missing")
    for name, fact in table.facts.items():
        here = (*at, "facts", name)
        _check_lane(fact.lane, (*here, "lane"))
        for language in ("en", "zh"):
            _check_text(getattr(fact, language), FACTS[name], (*here, language))
    if table.facts["identity-locked"].lane != LANES[-1]:
        raise WrongError((*at, "facts", "identity-locked", "lane"), "a locked identity is always held")
    for part in ("findings", "rules", "unknown"):
        for name, lane in getattr(table, part).items():
            _check_lane(lane, (*at, part, name))


def _check_lane(lane: str, at: Place) -> None:
    if lane not in LANES:
        raise WrongError(at, f"{lane!r} is no lane: they are {', '.join(LANES)}")


def _check_text(text: str, known: set[str], at: Place) -> None:
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise WrongError(at, f"the text cannot be filled: {error}") from error
    for name in sorted(named - known):
        raise WrongError(at, f"this fact has no number {name!r}: it has {', '.join(sorted(known)) or 'none'}")


def read_lanes(path: Path | None = None) -> LaneTables:
    """The tables of a file, or those that come with cluegraph; raises as `read_checked`."""
    return _shipped() if path is None else read_checked(path, LaneTables)


@cache
def _shipped() -> LaneTables:
    with as_file(files("app.assessment") / "data" / "lanes.yaml") as shipped:
        return read_checked(shipped, LaneTables)


def lanes_on(day: date, path: Path | None = None) -> LaneTable:
    """The version that holds on a day; raises as `read_lanes`, and NotFoundError where none holds."""
    return holding(read_lanes(path).versions, day, "the table of lanes")
