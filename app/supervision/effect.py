"""What inspections found, by class and measure: the random sample is the base rate, others stand apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from app.casebook.instants import instant
from app.casebook.measure_models import SelectedSale, Selection
from app.casebook.store import Casebook
from app.detection.significance import jeffreys
from app.detection.tally import Tallies
from app.errors import BadInputError
from app.local_time import LOCAL
from app.supervision.class_history import Record, records
from app.supervision.measure_table import LANE_OF_KIND, MEASURES, MeasureTable
from app.supervision.risk_weights import MeasureName
from app.supervision.sale_risk import Known, Sale, classes_of
from app.supervision.scorecard import CLASSES
from app.supervision.verification import read_sql
from loaders.ledger.ledger import Ledger

RANDOM, UNKNOWN = "random", "unknown"
ALL = "all"
"""In place of a class: those of every class together."""
_MEASURE_OF_LANE = {lane: name for name, lane in MEASURES.items()}
_LONGEST = 1830
"""Days of a period."""


@dataclass(frozen=True)
class Yield:
    """Finds per inspection: their share with its interval (0 to 1); None and (0, 1) without an inspection."""

    inspections: int
    found: int
    share: float | None
    low: float
    high: float

    @classmethod
    def of(cls, found: Iterable[bool], level: float) -> "Yield":
        """The yield of some inspections, with an interval (Jeffreys) of this level."""
        results = list(found)
        n, k = len(results), sum(results)
        low, high = jeffreys(k, n, level=level) if n else (0.0, 1.0)
        return cls(n, k, k / n if n else None, float(low), float(high))


@dataclass(frozen=True)
class ClassYield:
    """One class (or all) and measure: what the random sample found, and by reason what others found."""

    letter: str
    measure: MeasureName
    random: Yield
    others: Mapping[str, Yield]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values; a reason's `times` is its share over that of the random sample."""
        base = self.random.share
        others = {
            reason: {**asdict(one), "times": one.share / base if base and one.share is not None else None}
            for reason, one in self.others.items()
        }
        return {
            "class": self.letter,
            "measure": self.measure,
            "random": asdict(self.random),
            "others": others,
        }


@dataclass(frozen=True)
class Effect:
    """What the inspections of some days (both included) found.

    `rows` by class and measure, then of all classes. `without_sale`: inspections of no known sale, which
    count nowhere; `otherwise`: those of which our selections tell another reason than their row: ours counts.
    `declared` counts the sales of these days by the class that they have now.
    """

    first: date
    last: date
    ledger_version: int
    level: float
    rows: tuple[ClassYield, ...]
    without_sale: int
    otherwise: int
    declared: Mapping[str, int]

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    def of(self, letter: str, measure: str) -> ClassYield:
        """The row of a class and measure."""
        return next(row for row in self.rows if (row.letter, row.measure) == (letter, measure))

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "from": self.first,
            "to": self.last,
            "ledger_version": self.ledger_version,
            "level": self.level,
            "without_sale": self.without_sale,
            "otherwise": self.otherwise,
            "declared": dict(self.declared),
            "data": [row.as_dict() for row in self.rows],
        }


def effect(
    ledger: Ledger,
    casebook: Casebook,
    *,
    first: date,
    last: date,
    table: MeasureTable,
    version: int | None = None,
) -> Effect:
    """Yields of the inspections of some days. What a discrepancy is, the tally `inspected_sales` says.

    A sale's class is that of the day on which it was chosen. Raises BadInputError for days in the wrong order
    or far apart, and for an unknown version.
    """
    if not 0 <= (last - first).days < _LONGEST:
        raise BadInputError(f"Give a period of 1 to {_LONGEST} days in order, not {first} to {last}.")
    pinned = ledger.version if version is None else version
    with ledger.connect(pinned) as connection:
        tallies = Tallies(connection, since=first - date.resolution, until=last)
        tallies.keep("inspected_sales")
        rows = tallies.query(read_sql("inspected")).to_pylist()
        told = tallies.query(read_sql("inspections_told"), {"first": first, "last": last}).to_pylist()
        volume = tallies.query(read_sql("declared_volume"), {"first": first, "last": last}).to_pylist()
    with casebook.read() as read:
        ours = _our_reasons(read, last)
        classes = _Classes(records(read), table)
    found: dict[tuple[str, MeasureName], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    otherwise = 0
    for row in rows:
        measure = _MEASURE_OF_LANE[LANE_OF_KIND[row["kind"]]]
        said = row["selection"] or UNKNOWN
        reason = _reason(ours.get((row["sale_id"], LANE_OF_KIND[row["kind"]]), ()), row["day"]) or said
        otherwise += reason != said and said != UNKNOWN
        letter = classes.of(row, row["chosen_on"] or row["day"])
        for one in (letter, ALL):
            found[one, measure][reason].append(row["found"])
    level = table.adjusting.level
    return Effect(
        first,
        last,
        pinned,
        level,
        tuple(
            _row(letter, measure, found[letter, measure], level)
            for letter in (*CLASSES, ALL)
            for measure in MEASURES
        ),
        told[0]["inspections"] - len(rows),
        otherwise,
        classes.volume(volume, last),
    )


def _row(letter: str, measure: MeasureName, found: Mapping[str, list[bool]], level: float) -> ClassYield:
    others = {reason: Yield.of(found[reason], level) for reason in sorted(found) if reason != RANDOM}
    return ClassYield(letter, measure, Yield.of(found.get(RANDOM, ()), level), others)


def _our_reasons(connection: Connection, last: date) -> dict[tuple[str, str], list[tuple[date, str]]]:
    """Why our own selections up to a day name a sale in a lane: (sale, lane) → (day they were made, reason).

    One that is made later, to try something, did not send anybody.
    """
    query = (
        select(SelectedSale.sale, SelectedSale.lane, Selection.at, SelectedSale.reason)
        .join(Selection, Selection.id == SelectedSale.selection)
        .where(SelectedSale.left_out.is_(False), Selection.day <= last)
    )
    out: dict[tuple[str, str], list[tuple[date, str]]] = defaultdict(list)
    for sale, lane, at, reason in connection.execute(query):
        out[sale, lane].append((instant(at).astimezone(LOCAL).date(), reason))
    return out


def _reason(ours: Iterable[tuple[date, str]], inspected: date) -> str | None:
    """Our reason for an inspection of a day; who was drawn blindly was so, whatever else was asked."""
    reasons = {reason for made, reason in ours if made <= inspected}
    return RANDOM if RANDOM in reasons else min(reasons, default=None)


class _Classes:
    """The class of a sale on a day, each day worked out once."""

    def __init__(self, known: Mapping[str, Record], table: MeasureTable) -> None:
        self._records, self._table = known, table
        self._days: dict[date, Known] = {}

    def of(self, sale: Sale, day: date) -> str:
        """The class whose measures hold for a sale."""
        if day not in self._days:
            self._days[day] = Known(classes=classes_of(self._records, day))
        return self._days[day].letter(sale, self._table.class_of) or self._table.unrated

    def volume(self, rows: Iterable[Mapping[str, Any]], day: date) -> dict[str, int]:
        """Sales by class, as the classes are on a day."""
        counts: dict[str, int] = dict.fromkeys(CLASSES, 0)
        for row in rows:
            counts[self.of(row, day)] += row["sales"]
        return counts
