"""What follows from a class: rates of review and inspection, and checks required; a file by versions."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from app.detection.rule import Severity
from app.plain_yaml import Place
from app.supervision.checked_yaml import Strict, WrongError, check_names, read_checked_or_own
from app.supervision.class_history import letter_of
from app.supervision.indicators import ROLES
from app.supervision.risk_weights import MeasureName, RiskWeights
from app.supervision.scorecard import CLASSES, Letter, check_days, holding
from app.supervision.verification import CHECKS

MEASURES: Final[dict[MeasureName, str]] = {
    "manual_review": "manual review",
    "machine_inspection": "machine inspection",
    "physical_inspection": "physical inspection",
}
"""The measures of a class, the lightest first, and the lane of each (app.supervision.lanes)."""
LANE_OF_KIND: Final = {
    "manual_review": "manual review",
    "machine": "machine inspection",
    "physical": "physical inspection",
}
"""Kind of an inspection, as the contract of `inspections` names it → its lane."""
PAYMENT_VERIFICATION: Final = "payment_verification"
AUTHENTICITY: Final = (*CHECKS, PAYMENT_VERIFICATION)
"""The checks that a class may require: those of platforms, and the payment authority's word on payments."""

Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=6)]
Capacity = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class Rates(Strict):
    """A share (0 to 1) of each measure."""

    manual_review: Rate
    machine_inspection: Rate
    physical_inspection: Rate

    def rate(self, measure: MeasureName) -> Decimal:
        """The share of a measure."""
        shares = self.manual_review, self.machine_inspection, self.physical_inspection
        return dict(zip(MEASURES, shares, strict=True))[measure]


class Random(Rates):
    """What is drawn blindly of all sales."""

    def lane(self, share: float) -> str | None:
        """The lane of a sale that drew `share` (see drawing.share_of); None where it was not drawn.

        One draw decides: the lowest go to physical inspection, the next to the machine, the next to review.
        """
        edge = Decimal(0)
        for name, lane in reversed(MEASURES.items()):
            edge += self.rate(name)
            if share < edge:
                return lane
        return None


class OfClass(Rates):
    """The measures of a class as they stand in the file."""

    checks: tuple[str, ...]


class Measure(OfClass):
    """The measures of the class `letter`."""

    letter: Letter


class Ceiling(Strict):
    """Most inspections a day at a site; None: as many as the site can."""

    machine: Capacity | None = None
    physical: Capacity | None = None


class Clues(Strict):
    """Sales that a finding about their person, telephone, address or documents themselves points at.

    From `severity` on, at most the share `most` of the day's sales, the riskiest first, for `measure`.
    """

    severity: Severity
    measure: MeasureName
    most: Rate


class Adjusting(Strict):
    """How rates are proposed to move, by what random inspections found in a class.

    From `least` of them on: `factor` times the rate where even the lower end of their yield's interval (of
    `level`) reaches `raise_from`, the rate by `factor` where even the upper end is not above `lower_to`;
    within `bounds` (lowest, highest) of the measure. Effects are told for `days` days.
    """

    least: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    level: Annotated[float, Field(gt=0, lt=1, strict=True)]
    raise_from: Annotated[float, Field(ge=0, le=1, strict=True)]
    lower_to: Annotated[float, Field(ge=0, le=1, strict=True)]
    factor: Annotated[Decimal, Field(gt=1, le=10, max_digits=6, decimal_places=3)]
    bounds: dict[MeasureName, tuple[Rate, Rate]]
    days: Annotated[int, Field(ge=1, le=366, strict=True)]

    def check_at(self, at: Place) -> None:
        """Raises WrongError for bounds that are missing or crossed, and for yields that raise and lower."""
        for name in MEASURES:
            if name not in self.bounds:
                raise WrongError((*at, "bounds"), f"there are no bounds for {name}")
        for name, (lowest, highest) in self.bounds.items():
            if lowest > highest:
                raise WrongError((*at, "bounds", name), f"the lowest rate, {lowest}, is above the highest")
        if self.lower_to >= self.raise_from:
            raise WrongError((*at, "lower_to"), f"a yield of {self.lower_to:g} would lower and raise a rate")


class MeasureTable(Strict):
    """One version; it holds from a day until another, or the version after it."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    holds_from: date
    holds_until: date | None = None
    random: Random
    unrated: Letter
    class_of: Annotated[tuple[str, ...], Field(min_length=1)]
    measures: dict[str, OfClass]
    ceilings: dict[str, Ceiling]
    clues: Clues
    adjusting: Adjusting
    risk: RiskWeights

    def of(self, letter: str | None) -> Measure:
        """The measures of a class, or of who has none; BadInputError for a class that is none."""
        known = self.unrated if letter is None else letter_of(letter)
        return Measure(letter=known, **self.measures[known].model_dump())


class MeasureTables(Strict):
    """The file."""

    versions: Annotated[list[MeasureTable], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for what no single field shows."""
        for number, (before, after) in enumerate(pairwise(self.versions), 1):
            if after.holds_from < before.holds_from:
                raise WrongError(
                    ("versions", number, "holds_from"),
                    f"it holds from {after.holds_from}, before the version above it: the oldest comes first",
                )
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            _check_version(version, ("versions", number))


def _check_version(table: MeasureTable, at: Place) -> None:
    _check_sum(table.random, (*at, "random"))
    check_names(table.measures, CLASSES, "class", (*at, "measures"))
    for letter, measure in table.measures.items():
        here = (*at, "measures", letter)
        _check_sum(measure, here)
        check_names(measure.checks, AUTHENTICITY, "check", (*here, "checks"))
    for letter in CLASSES:
        if letter not in table.measures:
            raise WrongError((*at, "measures"), f"there are no measures for class {letter}")
    check_names(table.class_of, ROLES, "role", (*at, "class_of"))
    table.risk.check_at((*at, "risk"))
    table.adjusting.check_at((*at, "adjusting"))


def _check_sum(rates: Rates, at: Place) -> None:
    """By draw or by rate a sale is in one measure at most: the shares of a class are parts of one whole."""
    total = sum(rates.rate(name) for name in MEASURES)
    if total > 1:
        raise WrongError(at, f"the rates add up to {total}, more than all sales")


def read_measures(path: Path | None = None) -> MeasureTables:
    """The tables of a file, or those that come with cluegraph; raises as `read_checked`."""
    return read_checked_or_own(path, "measures.yaml", MeasureTables)


def measures_on(day: date, file: Path | None = None) -> MeasureTable:
    """The version that holds on a day; raises as `read_measures`, and NotFoundError where none holds."""
    return holding(read_measures(file).versions, day, "the table of measures")
