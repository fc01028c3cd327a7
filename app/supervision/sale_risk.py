"""The risk of a sale, by which the riskiest are looked at first: one definition, told by its parts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from math import exp
from typing import Any

from sqlalchemy import Connection

from app.casebook.findings import FindingRecord, read_findings
from app.supervision.class_history import Record, letter_of, records
from app.supervision.credit import better
from app.supervision.indicators import column_of
from app.supervision.measure_table import MeasureTable
from app.supervision.risk_weights import SUBJECTS, MeasureName, RiskWeights, Sign
from app.supervision.scorecard import Letter

CLEARED = ("false alarm", "real sale on a false platform")
"""Decisions after which a finding says nothing against a sale."""

Sale = Mapping[str, Any]
"""A row of sql/declared_sales.sql, or one like it."""


@dataclass(frozen=True)
class Part:
    """One reason for a risk: `kind` (base, class, finding, difference), `what` (the class, rule or
    difference), what it adds, whether it points at goods or person (the base and a class at both), and of a
    finding its id, severity and the part of the sale that it is about."""

    kind: str
    what: str
    points: float
    sign: Sign | None = None
    about: str | None = None
    finding: str | None = None
    severity: str | None = None


@dataclass(frozen=True)
class Risk:
    """`points` are the logarithm of the odds that an inspection finds something; `letter` is the class that
    holds for the sale, None where nobody has one."""

    letter: Letter | None
    parts: tuple[Part, ...]

    @cached_property
    def points(self) -> float:
        """The sum of the parts."""
        return sum(part.points for part in self.parts)

    @property
    def chance(self) -> float:
        """The same as a probability (0 to 1)."""
        return 1.0 / (1.0 + exp(-self.points))

    def seen_by(self, measure: MeasureName, weights: RiskWeights) -> "Risk":
        """The risk of which one measure can find something."""
        sees = weights.sees[measure]
        return Risk(
            self.letter,
            tuple(
                part if part.sign is None else replace(part, points=part.points * sees[part.sign])
                for part in self.parts
            ),
        )

    def told(self) -> list[dict[str, Any]]:
        """The parts as plain values, without what does not apply."""
        return [{key: one for key, one in asdict(part).items() if one is not None} for part in self.parts]


@dataclass(frozen=True)
class Known:
    """What the casebook knows on a day by which sales are judged: findings by (label, key), classes by
    code."""

    findings: Mapping[tuple[str, str], tuple[FindingRecord, ...]] = field(default_factory=dict)
    classes: Mapping[str, Letter] = field(default_factory=dict)

    def about(self, sale: Sale, part: str) -> list[FindingRecord]:
        """Findings about a part of a sale (see SUBJECTS), each once."""
        labels, columns = SUBJECTS[part]
        keys = {sale.get(column) for column in columns} - {None}
        found = {
            one.id: one
            for label in labels
            for key in keys
            for one in self.findings.get((label, str(key)), ())
            if _meant(one, sale)
        }
        return [found[identity] for identity in sorted(found)]

    def letter(self, sale: Sale, roles: Iterable[str]) -> Letter | None:
        """The worst class among those who have these roles in the sale; None where none has one."""
        worst: Letter | None = None
        for role in roles:
            letter = self.classes.get(str(sale.get(column_of(role))))
            if letter is not None and (worst is None or better(worst, letter)):
                worst = letter
        return worst


def _meant(finding: FindingRecord, sale: Sale) -> bool:
    """Whether a sale is one of those that a finding is about: of an agent's sales those for the merchants
    that it names, of a company's those of the platforms."""
    if finding.subject["kind"] == "Community":
        return True
    for kind, column in (("Merchant", "merchant"), ("Platform", "platform")):
        named = {member["key"] for member in finding.members if member["kind"] == kind}
        if named and sale.get(column) not in named:
            return False
    return True


def known_on(connection: Connection, day: date) -> Known:
    """Present findings of live rules that nobody has cleared, and the classes of a day."""
    found: dict[tuple[str, str], list[FindingRecord]] = defaultdict(list)
    for one in read_findings(connection, present=True):
        if one.decision in CLEARED:
            continue
        # Members of a community are meant; those of another subject are its partners.
        parts = one.members if one.subject["kind"] == "Community" else [one.subject]
        for part in parts:
            found[part["kind"], part["key"]].append(one)
    return Known({about: tuple(ones) for about, ones in found.items()}, classes_of(records(connection), day))


def classes_of(known: Mapping[str, Record], day: date) -> dict[str, Letter]:
    """The class of each enterprise that has one on a day, by code."""
    states = {code: record.state(day) for code, record in known.items()}
    return {code: letter_of(state["class"]) for code, state in states.items() if state is not None}


def risk_of(sale: Sale, known: Known, table: MeasureTable) -> Risk:
    """The risk of a sale by what is known and by the weights of a table: the sum of its parts."""
    weights = table.risk
    letter = known.letter(sale, table.class_of)
    supervised = letter or table.unrated
    parts = [Part("base", "every sale", weights.base), Part("class", supervised, weights.classes[supervised])]
    counted: set[str] = set()
    for about in SUBJECTS:
        fresh = [one for one in known.about(sale, about) if one.id not in counted]
        counted |= {one.id for one in fresh}
        parts += _of_findings(fresh, about, weights)
    parts += [
        Part("difference", name, weights.differences[name], weights.sign(name))
        for name in sale.get("differing") or ()
        if weights.differences.get(name)
    ]
    return Risk(letter, tuple(parts))


def _of_findings(found: list[FindingRecord], about: str, weights: RiskWeights) -> list[Part]:
    """What findings about one part of a sale add: findings about one subject are seldom independent."""
    severities = {str(severity): points for severity, points in weights.severities.items()}
    rated = [
        (
            severities.get(one.severity, 0.0)
            * weights.subjects.get(about, 0.0)
            * weights.rules.get(one.rule, 1.0),
            one,
        )
        for one in found
    ]
    rated = sorted((row for row in rated if row[0]), key=lambda row: (-row[0], row[1].rule, row[1].id))
    return [
        Part(
            "finding",
            one.rule,
            points * (weights.further if place else 1.0),
            weights.sign(one.rule),
            about,
            one.id,
            one.severity,
        )
        for place, (points, one) in enumerate(rated)
    ]
