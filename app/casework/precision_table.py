"""Which decisions say that a finding was right, and which precision is too low: a dated table."""

from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

from pydantic import Field

from app.casebook.models import DECISIONS
from app.detection.significance import jeffreys
from app.supervision.checked_yaml import Strict, WrongError, read_checked
from app.supervision.scorecard import check_days, check_rule, holding

Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Outcomes = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class Floor(Strict):
    """The least precision of a rule, and how many outcomes there must be before it counts."""

    floor: Share
    minimum: Outcomes


class PrecisionVersion(Strict):
    """One version; it holds from a day until another, or the version after it."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    holds_from: date
    holds_until: date | None = None
    right: Annotated[list[str], Field(min_length=1)]
    wrong: Annotated[list[str], Field(min_length=1)]
    level: Annotated[float, Field(gt=0, lt=1, strict=True)]
    floor: Share
    minimum: Outcomes
    rules: dict[str, Floor] = Field(default_factory=dict)

    def floor_of(self, rule: str) -> Floor:
        """The floor of a rule."""
        return self.rules.get(rule, Floor(floor=self.floor, minimum=self.minimum))

    def judged(self, decision: str) -> bool | None:
        """Whether a decision says that the finding was right; None where it says neither yet."""
        return True if decision in self.right else False if decision in self.wrong else None

    def estimate(self, right: int, wrong: int) -> "Estimate":
        """Precision of so many right and wrong findings, with its interval."""
        low, high = jeffreys(right, right + wrong, level=self.level)
        share = right / (right + wrong) if right + wrong else None
        empty = share is None
        return Estimate(
            right, wrong, share, 0.0 if empty else float(low), 1.0 if empty else float(high), self.level
        )


@dataclass(frozen=True)
class Estimate:
    """A precision with its interval (Jeffreys), low to high at `level`; `precision` is None without
    outcomes."""

    right: int
    wrong: int
    precision: float | None
    low: float
    high: float
    level: float

    @property
    def judged(self) -> int:
        """Findings with an outcome."""
        return self.right + self.wrong


class PrecisionTable(Strict):
    """Every version there is."""

    versions: Annotated[list[PrecisionVersion], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for what no single field shows."""
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            for name in ("right", "wrong"):
                for place, decision in enumerate(getattr(version, name)):
                    at = ("versions", number, name, place)
                    if decision not in DECISIONS:
                        raise WrongError(at, f"{decision!r} is no decision: they are {', '.join(DECISIONS)}")
                    if name == "wrong" and decision in version.right:
                        raise WrongError(at, f"{decision!r} is right and wrong")
            for rule in version.rules:
                check_rule(rule, ("versions", number, "rules", rule))


def precision_on(day: date, file: Path | None = None) -> PrecisionVersion:
    """The version that holds on a day, of a file or of the table that comes with cluegraph.

    Raises NotFoundError where there is no such file or version, BadInputError with file, line, column and
    reason for a file that is refused.
    """
    if file is not None:
        return holding(read_checked(file, PrecisionTable).versions, day, "the table of precisions")
    with as_file(files("app.casework") / "data" / "precision.yaml") as shipped:
        return holding(read_checked(shipped, PrecisionTable).versions, day, "the table of precisions")
