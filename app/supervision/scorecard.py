"""The scorecard: points, weights and bands by version, a file that is checked as a whole when it is read."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

import orjson
from pydantic import Field, field_validator

from app.detection.rule import Severity
from app.detection.rulebook import rules_folder
from app.errors import NotFoundError
from app.plain_yaml import Place
from app.supervision.checked_yaml import Strict, WrongError, read_checked_or_own
from app.supervision.indicators import ROLES, indicators

CLASSES = ("A", "B", "C", "D")
"""The best first."""

Letter = Literal["A", "B", "C", "D"]
Points = Annotated[float, Field(ge=0, le=100, strict=True)]


class Dated(Protocol):
    """A version with the days on which it holds."""

    @property
    def version(self) -> str: ...

    @property
    def holds_from(self) -> date: ...

    @property
    def holds_until(self) -> date | None: ...


DatedVersion = TypeVar("DatedVersion", bound=Dated)


class Scoring(Strict):
    """How one indicator becomes points: `scale` as (value or percentile, points), straight lines between."""

    direction: Literal["higher", "lower", "middle"]
    by: Literal["value", "percentile"]
    minimum: Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
    neutral: Points | None = None
    scale: Annotated[list[tuple[Annotated[float, Field(strict=True)], Points]], Field(min_length=2)]

    @field_validator("scale")
    @classmethod
    def _rises(cls, scale: list[tuple[float, float]]) -> list[tuple[float, float]]:
        if any(after[0] <= before[0] for before, after in pairwise(scale)):
            raise ValueError("the values of a scale must rise from one to the next")
        return scale


class Band(Strict):
    """Scores of a class: from (inclusive) to the band above; the best band reaches 100."""

    letter: Letter = Field(alias="class")
    lower: Points = Field(alias="from")
    upper: Points = Field(alias="to")


class Scorecard(Strict):
    """One version; it holds from a day until another, or the version after it."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    holds_from: date
    holds_until: date | None = None
    neutral: Points
    interval_level: Annotated[float, Field(gt=0, lt=1, strict=True)]
    hysteresis: Annotated[float, Field(ge=0, le=20, strict=True)]
    grave_from: Severity
    findings_left_out: list[str]
    bands: list[Band]
    indicators: dict[str, Scoring]
    weights: dict[str, dict[str, Annotated[float, Field(gt=0, le=100, strict=True)]]]

    @property
    def digest(self) -> str:
        """The whole version as JSON with its keys sorted: equal texts are equal scorecards."""
        plain = self.model_dump(mode="json", by_alias=True)
        return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()

    def neutral_points(self, indicator: str) -> float:
        """Points of an indicator with too little data."""
        own = self.indicators[indicator].neutral
        return self.neutral if own is None else own


class Scorecards(Strict):
    """The file: several versions, each with its days."""

    versions: Annotated[list[Scorecard], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for what no single field shows."""
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            _check_version(version, ("versions", number))


def check_days(versions: Sequence[Dated], field: str) -> None:
    """Raises WrongError where two versions have one name or hold on one day.

    One without an end holds until the next.
    """
    order = sorted(range(len(versions)), key=lambda number: (versions[number].holds_from, number))
    for number, version in enumerate(versions):
        if any(version.version == other.version for other in versions[:number]):
            raise WrongError((field, number, "version"), f"there is a version {version.version} already")
        if version.holds_until is not None and version.holds_until < version.holds_from:
            raise WrongError((field, number, "holds_until"), "it ends before it begins")
    for before, after in pairwise(order):
        ends, begins = versions[before].holds_until, versions[after].holds_from
        if begins == versions[before].holds_from or (ends is not None and ends >= begins):
            raise WrongError(
                (field, after, "holds_from"),
                f"on {begins} the version that holds from {versions[before].holds_from} holds as well",
            )


def holding(versions: Sequence[DatedVersion], on: date, what: str) -> DatedVersion:
    """The version that holds on a day; raises NotFoundError where none does."""
    begun = [version for version in versions if version.holds_from <= on]
    latest = max(begun, key=lambda version: version.holds_from, default=None)
    if latest is None or (latest.holds_until is not None and latest.holds_until < on):
        raise NotFoundError(f"No version of {what} holds on {on}: give another date, or a file that has one.")
    return latest


def _check_version(card: Scorecard, at: Place) -> None:
    known = indicators().indicators
    for name, scoring in card.indicators.items():
        if name not in known:
            raise WrongError((*at, "indicators", name), f"there is no indicator {name!r}")
        _check_direction(scoring, (*at, "indicators", name, "scale"))
    for role, weights in card.weights.items():
        if role not in ROLES:
            raise WrongError(
                (*at, "weights", role), f"there is no role {role!r}: the roles are {', '.join(ROLES)}"
            )
        for name in weights:
            if name not in card.indicators:
                raise WrongError(
                    (*at, "weights", role, name), f"{name!r} is none of the indicators of this version"
                )
        total = sum(weights.values())
        if abs(total - 100) > 1e-9:
            raise WrongError((*at, "weights", role), f"the weights of {role} add up to {total:g}, not to 100")
    for role in ROLES:
        if role not in card.weights:
            raise WrongError((*at, "weights"), f"there are no weights for {role}")
    for number, rule in enumerate(card.findings_left_out):
        check_rule(rule, (*at, "findings_left_out", number))
    _check_bands(card.bands, (*at, "bands"))


def check_rule(rule: str, at: Place) -> None:
    """Raises WrongError for a rule that there is not."""
    if rule not in {path.stem for path in rules_folder().glob("*.cypher")}:
        raise WrongError(at, f"there is no rule {rule!r}")


def _check_direction(scoring: Scoring, at: Place) -> None:
    steps = [after[1] - before[1] for before, after in pairwise(scoring.scale)]
    rising = next((i for i, step in enumerate(steps) if step < 0), len(steps))
    falls = all(step <= 0 for step in steps[rising:])
    fits = {
        "higher": rising == len(steps),
        "lower": all(step <= 0 for step in steps),
        "middle": falls and 0 < rising < len(steps),
    }
    if not fits[scoring.direction]:
        raise WrongError(at, f"the points of this scale do not go the way of {scoring.direction!r}")


def _check_bands(bands: Sequence[Band], at: Place) -> None:
    if [band.letter for band in bands] != list(CLASSES):
        raise WrongError(at, f"the bands must be those of {', '.join(CLASSES)}, the best first")
    edge = 100.0
    for number, band in enumerate(bands):
        if band.upper != edge:
            how = "a gap" if band.upper < edge else "an overlap"
            raise WrongError((*at, number, "to"), f"there is {how} between {band.upper:g} and {edge:g}")
        if band.lower >= band.upper:
            raise WrongError((*at, number, "from"), f"the band of {band.letter} is empty")
        edge = band.lower
    if edge != 0:
        raise WrongError((*at, len(bands) - 1, "from"), f"there is a gap between 0 and {edge:g}")


def read_scorecards(path: Path | None = None) -> Scorecards:
    """The scorecards of a file, or those that come with cluegraph.

    Raises NotFoundError where there is no such file, BadInputError with file, line, column and reason for
    one that is refused.
    """
    return read_checked_or_own(path, "scorecard.yaml", Scorecards)


def scorecard_on(on: date, path: Path | None = None) -> Scorecard:
    """The version that holds on a day; raises as `read_scorecards`, and NotFoundError where none holds."""
    return holding(read_scorecards(path).versions, on, "the scorecard")
