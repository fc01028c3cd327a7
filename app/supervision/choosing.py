"""Which of a day's sales are looked at, and why: blind draws first, then orders, then the riskiest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import floor

from app.casebook.models import SEVERITIES
from app.supervision.ceilings import Ceilings, Room
from app.supervision.drawing import share_of
from app.supervision.instructions import Instruction
from app.supervision.lanes import LANES
from app.supervision.measure_table import MEASURES, MeasureTable
from app.supervision.risk_weights import MeasureName
from app.supervision.sale_risk import Known, Risk, Sale, risk_of
from app.supervision.scopes import Scopes
from app.supervision.scorecard import CLASSES

HOLD = "hold"
NEAR = ("sale", "consumer", "phone", "address")
"""Parts of a sale about which a finding is a clue to the parcel itself; enterprises count by their class."""


@dataclass(frozen=True)
class Candidate:
    """A declared sale, its risk, and what it drew (0 to 1) on the day."""

    sale: Sale
    risk: Risk
    drew: float
    letter: str

    @property
    def id(self) -> str:
        """The sale's id."""
        return str(self.sale["sale_id"])


@dataclass(frozen=True)
class Chosen:
    """A sale that is looked at in a lane, for one reason; or left out of it, as a ceiling was reached."""

    candidate: Candidate
    lane: str
    reason: str
    left_out: bool = False
    instruction: str | None = None
    finding: str | None = None


@dataclass
class _Day:
    """The choice as it grows."""

    table: MeasureTable
    room: Room
    chosen: list[Chosen] = field(default_factory=list)
    lanes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    left_out: set[tuple[str, str]] = field(default_factory=set)

    def take(self, one: Chosen) -> bool:
        """Add a choice, or note that a ceiling left it out; holding takes no room."""
        fits = one.lane == HOLD or self.room.take(one.candidate.sale.get("site"), one.lane)
        self.chosen.append(one if fits else replace(one, left_out=True))
        if fits:
            self.lanes[one.candidate.id].add(one.lane)
        else:
            self.left_out.add((one.candidate.id, one.lane))
        return fits

    def settled(self, candidate: Candidate, lane: str) -> bool:
        """Whether a sale is looked at in this lane, or a graver one, already; or was left out of this one."""
        graver = (LANES.index(other) >= LANES.index(lane) for other in self.lanes[candidate.id])
        return (candidate.id, lane) in self.left_out or any(graver)


def candidates(
    sales: Iterable[Sale], *, day: date, seed: str, known: Known, table: MeasureTable
) -> list[Candidate]:
    """The sales with their risks and draws, the riskiest first; equal risks in the order of their draws."""
    out = []
    for sale in sales:
        risk = risk_of(sale, known, table)
        drew = share_of(seed, day, str(sale["sale_id"]))
        out.append(Candidate(sale, risk, drew, risk.letter or table.unrated))
    return _ranked(out)


def _ranked(some: Iterable[Candidate]) -> list[Candidate]:
    return sorted(some, key=lambda one: (-one.risk.points, one.drew, one.id))


def choose(
    ranked: Sequence[Candidate],
    *,
    day: date,
    seed: str,
    table: MeasureTable,
    known: Known,
    instructions: Sequence[Instruction] = (),
    ceilings: Ceilings | None = None,
) -> list[Chosen]:
    """What is looked at on a day, in the order in which it was chosen; a sale may stand in several lanes.

    `ranked` as `candidates` gives them. First the blind draws, which take what the ceilings have; then what
    instructions order, the gravest first (a hold is never cut); then clues; then of each class those in which
    a measure would most likely find something, until its rate is reached, whatever the reason for which sales
    of the class are looked at. What a
    ceiling left out is there too, `left_out`: what would have been chosen had there been none.
    """
    at = _Day(table, Room(ceilings or {}))
    for one in sorted(ranked, key=lambda one: (one.drew, one.id)):
        lane = table.random.lane(one.drew)
        if lane is not None:
            at.take(Chosen(one, lane, "random"))
    _by_instruction(at, ranked, day, seed, instructions)
    _by_clue(at, ranked, day, seed, known)
    for measure in reversed(MEASURES):
        _by_rate(at, ranked, day, seed, measure)
    return at.chosen


def _by_instruction(
    at: _Day, ranked: Sequence[Candidate], day: date, seed: str, instructions: Sequence[Instruction]
) -> None:
    scopes, orders = Scopes(instructions), []
    for place, one in enumerate(ranked):
        asked = [
            order for order in scopes.of(one.sale) if share_of(f"{seed}|{order.id}", day, one.id) < order.rate
        ]
        if asked:
            order = min(asked, key=lambda order: (-LANES.index(order.action), order.id))
            orders.append((-LANES.index(order.action), place, order))
    for _, place, order in sorted(orders, key=lambda row: row[:2]):
        one = ranked[place]
        if order.action != LANES[0] and not at.settled(one, order.action):
            at.take(Chosen(one, order.action, "instruction", instruction=order.id))


def _by_clue(at: _Day, ranked: Sequence[Candidate], day: date, seed: str, known: Known) -> None:
    clues, lane = at.table.clues, MEASURES[at.table.clues.measure]
    least = SEVERITIES.index(clues.severity)
    left = _whole(len(ranked) * clues.most, day, seed, "clues")
    for one in ranked:
        found = [
            finding
            for part in NEAR
            for finding in known.about(one.sale, part)
            if SEVERITIES.index(finding.severity) >= least
        ]
        if found and left > 0 and not at.settled(one, lane):
            gravest = min(found, key=lambda finding: (-SEVERITIES.index(finding.severity), finding.id))
            at.take(Chosen(one, lane, "clue", finding=gravest.id))
            left -= 1


def _by_rate(at: _Day, ranked: Sequence[Candidate], day: date, seed: str, measure: MeasureName) -> None:
    lane, weights = MEASURES[measure], at.table.risk
    ranked = _ranked(replace(one, risk=one.risk.seen_by(measure, weights)) for one in ranked)
    wanted = {}
    for letter in CLASSES:
        mine = [one for one in ranked if one.letter == letter]
        looked_at = sum(lane in at.lanes[one.id] for one in mine)
        rate = at.table.of(letter).rate(measure)
        wanted[letter] = _whole(len(mine) * rate, day, seed, f"{letter} {measure}") - looked_at
    left, place = dict(wanted), dict.fromkeys(CLASSES, 0)
    for one in ranked:
        if left[one.letter] <= 0 or at.settled(one, lane):
            continue
        place[one.letter] += 1
        chosen = Chosen(one, lane, "class_rate")
        # Whoever stands further down takes a free place, and is no loss where there is none.
        if place[one.letter] <= wanted[one.letter] or at.room.free(one.sale.get("site"), lane):
            left[one.letter] -= at.take(chosen)


def _whole(share: Decimal, day: date, seed: str, what: str) -> int:
    """A number of sales as a whole one: the remainder is drawn, so that over many days the rate is met."""
    whole = floor(share)
    return whole + (share_of(seed, day, what) < share - whole)
