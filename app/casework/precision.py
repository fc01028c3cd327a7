"""How often each rule is right, by the outcomes of its findings, with the interval that so few allow."""

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, select

from app.casebook.models import Finding
from app.casebook.rule_life_models import FindingDecision
from app.casebook.store import Casebook
from app.casework.precision_table import Estimate, PrecisionVersion
from app.detection.catalogue import STEPS
from app.detection.rule import Rule
from app.detection.rulebook import load_rules
from app.errors import NotFoundError

Row = dict[str, Any]


def outcomes_by_rule(connection: Connection) -> dict[str, list[Row]]:
    """Findings of each rule with what became of them: id, present, decision, and the version of the rule that
    it was decided on (that of the finding where nothing was)."""
    last = (
        select(FindingDecision.finding, func.max(FindingDecision.number).label("number"))
        .group_by(FindingDecision.finding)
        .subquery()
    )
    decided = (
        select(FindingDecision.finding, FindingDecision.rule_version)
        .join(
            last,
            (last.c.finding == FindingDecision.finding) & (last.c.number == FindingDecision.number),
        )
        .subquery()
    )
    columns = (Finding.id, Finding.rule, Finding.present, Finding.decision)
    version = func.coalesce(decided.c.rule_version, Finding.rule_version).label("rule_version")
    query = select(*columns, version).join(decided, decided.c.finding == Finding.id, isouter=True)
    out: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(query.order_by(Finding.rule, Finding.id)).mappings():
        out[row["rule"]].append(dict(row))
    return dict(out)


def estimate_of(rows: list[Row], table: PrecisionVersion) -> Estimate:
    """Precision by the decisions of some findings; those that say neither right nor wrong do not count."""
    said = [table.judged(row["decision"]) for row in rows]
    return table.estimate(said.count(True), said.count(False))


def precisions(casebook: Casebook, table: PrecisionVersion) -> list[Row]:
    """Every rule by id: its precision with the interval, in all and by version.

    `undecided` counts present findings without an outcome, `gone` those that the data no longer shows.
    `below` says that the precision of the version that runs now is surely under the floor: the interval lies
    under it, with `minimum` outcomes. What an earlier version got wrong is not held against it.
    """
    with casebook.read() as connection:
        found = outcomes_by_rule(connection)
    rules = load_rules(STEPS, moved=casebook.maturities())
    return [_precision(rule, found.get(name, []), table) for name, rule in sorted(rules.items())]


def precision_of(casebook: Casebook, rule: str, table: PrecisionVersion) -> Row:
    """The same of one rule; raises NotFoundError."""
    for row in precisions(casebook, table):
        if row["rule"] == rule:
            return row
    raise NotFoundError(f"There is no rule {rule!r}: `cluegraph rules list` lists them.")


def _precision(rule: Rule, rows: list[Row], table: PrecisionVersion) -> Row:
    floor, running = table.floor_of(rule.id), rule.front.version
    open_ones = [row for row in rows if table.judged(row["decision"]) is None]
    by_version = {
        version: estimate_of([row for row in rows if row["rule_version"] == version], table)
        for version in sorted({running, *(row["rule_version"] for row in rows)}, key=_numbers)
    }
    now = by_version[running]
    return {
        "rule": rule.id,
        "version": running,
        "maturity": rule.front.maturity,
        **_told(estimate_of(rows, table)),
        "undecided": sum(row["present"] for row in open_ones),
        "gone": sum(not row["present"] for row in open_ones),
        "floor": floor.floor,
        "minimum": floor.minimum,
        "below": now.judged >= floor.minimum and now.high < floor.floor,
        "versions": [{"version": version, **_told(one)} for version, one in by_version.items()],
    }


def _told(estimate: Estimate) -> Row:
    return {**asdict(estimate), "judged": estimate.judged}


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
