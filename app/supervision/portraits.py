"""Portraits: every indicator of every enterprise against its peers, as points, groups and one score."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from app.casebook.store import Casebook
from app.detection.significance import Floats
from app.detection.strata import months_before
from app.detection.tally import Tallies
from app.errors import BadInputError, NotFoundError
from app.supervision.indicators import ROLES, indicators
from app.supervision.measures import Bools, Measured, Period, RoleMeasures, measure
from app.supervision.scorecard import Scorecard, Scoring
from app.supervision.suspicions import Suspicions, suspicions
from loaders.ledger.ledger import Ledger

_LONGEST = 60
"""Months of a period: what a whole number's bits can tell apart."""


@dataclass(frozen=True)
class Scored:
    """An indicator of the enterprises of a role: percentile among the judged (0 to 100), whether there is
    enough to judge, and points (0 to 100)."""

    percentile: Floats
    enough: Bools
    points: Floats


@dataclass(frozen=True)
class RoleScores:
    """The enterprises of a role with each indicator that has a weight, and their scores (0 to 100)."""

    measures: RoleMeasures
    scored: dict[str, Scored]
    scores: Floats


@dataclass(frozen=True)
class Portraits:
    """All enterprises, as of one ledger version and one state of the casebook."""

    period: Period
    card: Scorecard
    ledger_version: int
    found: Suspicions
    register: Mapping[str, dict[str, Any]]
    roles: Mapping[str, RoleScores]
    aliases: Mapping[str, str]

    @cached_property
    def rated_in(self) -> dict[str, dict[str, int]]:
        """Code → role → place among the role's codes: the roles that it was active in, else all it has."""
        active: dict[str, dict[str, int]] = {}
        idle: dict[str, dict[str, int]] = {}
        for role, table in self.roles.items():
            for place, code in enumerate(table.measures.codes):
                into = active if table.measures.active[place] else idle
                into.setdefault(code, {})[role] = place
        return dict(sorted({**idle, **active}.items()))

    def code(self, given: str) -> str:
        """The code that stands for the firm; raises NotFoundError for one that nothing is known of."""
        code = self.aliases.get(given, given)
        if code not in self.rated_in:
            raise NotFoundError(f"There is no enterprise {given} in the ledger or its register.")
        return code

    def score(self, code: str) -> tuple[float, str]:
        """(score, role): an enterprise is no better than its weakest role; of equal ones the first."""
        roles = self.rated_in[code]
        return min(
            ((float(self.roles[role].scores[place]), role) for role, place in roles.items()),
            key=lambda one: (one[0], list(ROLES).index(one[1])),
        )

    def name(self, code: str) -> str | None:
        """The name in the register."""
        row = self.register.get(code)
        return None if row is None else row["name"]

    def row(self, code: str) -> dict[str, Any]:
        """One line of a list: code, name, roles, score, the role that it comes from, points of its groups."""
        score, role = self.score(code)
        place = self.rated_in[code][role]
        return {
            "code": code,
            "name": self.name(code),
            "roles": list(self.rated_in[code]),
            "score": score,
            "role": role,
            "sales": int(self.roles[role].measures.measured["sales"].found[place]),
            "groups": self._groups(role, place),
        }

    def one(self, code: str) -> dict[str, Any]:
        """A whole portrait as plain values; money is text. Raises NotFoundError."""
        code = self.code(code)
        score, role = self.score(code)
        register = self.register.get(code)
        return {
            "code": code,
            "name": self.name(code),
            "from": self.period.first,
            "to": self.period.last,
            "on": self.period.on,
            "ledger_version": self.ledger_version,
            "detection_version": self.found.ledger_version,
            "scorecard_version": self.card.version,
            "score": score,
            "role": role,
            "credit_class": None if register is None else register["credit_class"],
            "register_as_of": None if register is None else register["as_of"],
            "roles": [self._role(name, place) for name, place in self.rated_in[code].items()],
        }

    def _role(self, role: str, place: int) -> dict[str, Any]:
        table = self.roles[role]
        return {
            "role": role,
            "active": bool(table.measures.active[place]),
            "peers": int(table.measures.active.sum()),
            "score": float(table.scores[place]),
            "groups": self._groups(role, place),
            "indicators": [self._indicator(role, name, place) for name in table.scored],
        }

    def _groups(self, role: str, place: int) -> dict[str, float]:
        """Points of each group (0 to 100): those of its indicators by their weights."""
        weights, table = self.card.weights[role], self.roles[role]
        sums: dict[str, tuple[float, float]] = {}
        for name, scored in table.scored.items():
            group = indicators().indicators[name].group
            points, total = sums.get(group, (0.0, 0.0))
            sums[group] = points + weights[name] * float(scored.points[place]), total + weights[name]
        return {
            group: round(sums[group][0] / sums[group][1], 2) for group in indicators().groups if group in sums
        }

    def _indicator(self, role: str, name: str, place: int) -> dict[str, Any]:
        table, one = self.roles[role], indicators().indicators[name]
        measured, scored = table.measures.measured[name], table.scored[name]
        return {
            "indicator": name,
            "group": one.group,
            "value": _number(measured.value[place]),
            "exact": str(table.measures.turnover[place]) if one.measure == "amount" else None,
            "unit": one.unit,
            "counted": int(measured.found[place]),
            "denominator": int(measured.judged[place]) if measured.judged[place] >= 0 else None,
            "low": _number(measured.low[place]) if one.has_interval else None,
            "high": _number(measured.high[place]) if one.has_interval else None,
            "percentile": _number(scored.percentile[place]),
            "weight": self.card.weights[role][name],
            "points": float(scored.points[place]),
            "enough": bool(scored.enough[place]),
        }


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(f"{value:.9g}")


def portray(
    ledger: Ledger,
    casebook: Casebook,
    card: Scorecard,
    first: date,
    last: date,
    *,
    on: date | None = None,
    version: int | None = None,
) -> Portraits:
    """Portraits of every enterprise for the days `first` to `last`, both included.

    `on` is the day from which the register is looked at (default: the last), `version` the ledger version
    (default: the present one). Raises BadInputError for a period that ends before it begins, lasts longer
    than 60 months, or ends after `on`.
    """
    period = Period(first, last, on or last)
    _check(period)
    version = ledger.version if version is None else version
    found = suspicions(casebook, card.findings_left_out)
    with ledger.connect(version) as connection:
        tallies = Tallies(connection, since=period.since, until=period.last)
        measures, register = measure(tallies, period, found, card.grave_from, card.interval_level)
        aliases = {row["code"]: row["canonical"] for row in tallies.query("FROM code_map").to_pylist()}
    roles = {role: score_role(card, role, table) for role, table in measures.items()}
    return Portraits(period, card, version, found, register, roles, aliases)


def ranked(portraits: Portraits, role: str | None = None) -> tuple[list[dict[str, Any]], int]:
    """Lines of all enterprises, or of those that have a role, the lowest score first; and how many there are.

    Raises BadInputError for a role that there is not.
    """
    if role is not None and role not in ROLES:
        raise BadInputError(f"There is no role {role!r}: the roles are {', '.join(ROLES)}.")
    rows = [
        portraits.row(code) for code, roles in portraits.rated_in.items() if role is None or role in roles
    ]
    rows.sort(key=lambda row: (row["score"], row["code"]))
    return rows, len(rows)


def usual_period(ledger: Ledger, first: date | None, last: date | None) -> tuple[date, date]:
    """The days that were asked for; else the twelve months to `last`, else to the last day of any sale."""
    if last is None:
        with ledger.connect() as connection:
            row = connection.execute("SELECT max(last_date) FROM transactions").fetchone()
        if row is None or row[0] is None:
            raise BadInputError("The ledger has no sale: load files first, or give the period's last day.")
        last = row[0]
    return first or months_before(last, 12) + date.resolution, last


def _check(period: Period) -> None:
    if period.last < period.first:
        raise BadInputError(f"The period ends on {period.last}, before it begins on {period.first}.")
    if (period.last.year - period.first.year) * 12 + period.last.month - period.first.month >= _LONGEST:
        raise BadInputError(f"A portrait looks at no more than {_LONGEST} months: give a later first day.")
    if period.on < period.last:
        raise BadInputError(f"The period ends on {period.last}, after {period.on}: nobody knows that yet.")


def score_role(card: Scorecard, role: str, measures: RoleMeasures) -> RoleScores:
    """Points of every indicator that has a weight in this role, and the scores: Σ weight · points / 100."""
    weights = card.weights[role]
    names = [name for name in indicators().indicators if name in weights]
    scored = {
        name: score_one(
            measures.measured[name], measures.active, card.indicators[name], card.neutral_points(name)
        )
        for name in names
    }
    total = np.zeros(len(measures.codes))
    for name in names:
        total += weights[name] / 100.0 * scored[name].points
    return RoleScores(measures, scored, np.round(total, 2))


def score_one(measured: Measured, active: Bools, scoring: Scoring, neutral: float) -> Scored:
    """Percentiles and points of one indicator (arrays of the enterprises of a role).

    Percentile: share of the judged active peers below, and half of those equal. Of an interval the end that
    gives most points counts . With fewer cases than the scoring's minimum: neutral points, no percentile.
    """
    enough = (measured.judged >= max(scoring.minimum, 0)) & ~np.isnan(measured.value)
    peers = np.sort(measured.value[enough & active])
    percentile = np.full(len(measured.value), np.nan)
    if peers.size:
        below = np.searchsorted(peers, measured.value, side="left")
        up_to = np.searchsorted(peers, measured.value, side="right")
        percentile = np.where(enough, 100.0 * (below + up_to) / (2.0 * peers.size), np.nan)
    if scoring.by == "percentile":
        points = _points(scoring, percentile, percentile)
    else:
        points = _points(scoring, measured.low, measured.high)
    said = enough & ~np.isnan(points)
    given = np.asarray(np.round(np.where(said, points, neutral), 2), dtype=np.float64)
    return Scored(percentile, said, given)


def _points(scoring: Scoring, low: Floats, high: Floats) -> Floats:
    """Most points that the scale gives between `low` and `high`: at an end, or at a bend between them."""
    at, given = np.array(scoring.scale).T
    best = np.maximum(np.interp(low, at, given), np.interp(high, at, given))
    for bend, points in zip(at, given, strict=True):
        best = np.where((low < bend) & (bend < high), np.maximum(best, points), best)
    return np.asarray(best, dtype=np.float64)
