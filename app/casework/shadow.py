"""A changed rule beside the one that runs, at the same ledger version: what differs, how right, at what
cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.casebook.findings import FindingRecord
from app.casebook.models import Finding
from app.casebook.store import Casebook
from app.casework.cost import checked_rate, cost
from app.casework.maturity import hears_flags
from app.casework.precision_table import Estimate, PrecisionVersion
from app.casework.then import copy_past
from app.casework.trial import Tell, Tried, documents_of, rules_with, scratch, trial
from app.casework.whom import parties
from app.detection.catalogue import STEPS
from app.detection.cypher_text import tokens
from app.detection.rule import Rule
from app.detection.rulebook import load_rules
from app.errors import BadInputError, NotFoundError
from app.graph.driver import Graph
from app.settings import Settings
from loaders.ledger.ledger import Ledger, PastLedger

Row = dict[str, Any]


def shadow_run(
    settings: Settings,
    ledger: Ledger,
    casebook: Casebook,
    file: str,
    table: PrecisionVersion,
    *,
    rate: Decimal = Decimal(1),
    tell: Tell = lambda *_: None,
) -> Row:
    """Ask a changed rule (`rules_with`) and the one that runs of the ledger as it stands now.

    Both run in a scratch graph, steps included: nothing that is in use changes. Gives new, gone and kept
    findings with their outcomes, the precision of each set where outcomes are known, and what each would
    cost in inspections at `rate`. Raises as `rules_with` and `detect` do, BadInputError for a rate outside 0
    to 1.
    """
    checked_rate(rate)
    identity, rules, running = rules_with(file, casebook.maturities())
    with scratch(settings) as own:
        now = PastLedger(ledger, ledger.version, own.data / "work")
        with trial(own, now, lambda book: copy_past(casebook, book, None), tell) as tried:
            before = tried.ask(running, identity, tell) if identity in running else None
            after = tried.ask(rules, identity, tell)
        tell("comparing")
        former = [] if before is None else before.findings
        sets = _difference(former, after.findings)
        # Each by its own documents: what was found by both may rest on others now.
        had = {"running": former, "gone": sets["gone"]}
        has = {"changed": after.findings, "new": sets["new"], "kept": sets["kept"]}
        costs = {
            **cost(now, had, before.extent if before else {}, as_of=after.as_of, rate=rate),
            **cost(now, has, after.extent, as_of=after.as_of, rate=rate),
        }
    decided = _decisions(casebook, table)
    severities = {one.id: one.severity for one in former}
    return {
        "rule": identity,
        "ledger_version": now.version,
        "as_of": after.as_of.isoformat(),
        "running": before and _told(before),
        "changed": _told(after),
        **{name: [_line(one, decided, severities) for one in found] for name, found in sets.items()},
        "outcomes": {
            name: asdict(_estimate(found, decided, table)) for name, found in {**had, **has}.items()
        },
        "cost": costs,
        "others_touched": [] if before is None else touched(before, after, running),
        "seconds": tried.seconds,
        "megabytes": tried.megabytes,
    }


def _difference(before: list[FindingRecord], after: list[FindingRecord]) -> dict[str, list[FindingRecord]]:
    was, now = ({one.id for one in found} for found in (before, after))
    return {
        "new": [one for one in after if one.id not in was],
        "gone": [one for one in before if one.id not in now],
        "kept": [one for one in after if one.id in was],
    }


def _told(tried: Tried) -> Row:
    report = tried.report
    return {
        "version": tried.rule.front.version,
        "looked_at": report.looked_at,
        "judgeable": report.judgeable,
        "found": report.found,
    }


def _line(one: FindingRecord, decided: "_Decided", severities: Mapping[str, str]) -> Row:
    return {
        "finding": one.id,
        "subject": one.subject,
        "severity": one.severity,
        "severity_before": severities.get(one.id),
        "reason": one.reason,
        "decision": decided.by_id.get(one.id, "open"),
        "others": decided.of_others(one),
    }


@dataclass(frozen=True)
class _Decided:
    """Decisions by finding; and for whom findings are about, (finding, whether it was right) of each
    outcome."""

    by_id: dict[str, str]
    about: dict[tuple[str, str], set[tuple[str, bool]]]

    def of_others(self, finding: FindingRecord) -> dict[str, int]:
        """Outcomes of other findings about the same: what is known where nobody decided on this one yet."""
        said = {told for part in parties(finding) for told in self.about.get(part[:2], ())}
        right = [judged for identity, judged in said if identity != finding.id]
        return {"right": right.count(True), "wrong": right.count(False)}


def _decisions(casebook: Casebook, table: PrecisionVersion) -> _Decided:
    with casebook.read() as connection:
        rows = connection.execute(select(Finding.id, Finding.decision))
        by_id = {row.id: row.decision for row in rows}
    about: dict[tuple[str, str], set[tuple[str, bool]]] = defaultdict(set)
    for one in casebook.findings(present=None):
        judged = table.judged(one.decision)
        if judged is not None:
            for kind, key, _ in parties(one):
                about[kind, key].add((one.id, judged))
    return _Decided(by_id, about)


def _estimate(found: Iterable[FindingRecord], decided: _Decided, table: PrecisionVersion) -> Estimate:
    said = [table.judged(decided.by_id.get(one.id, "open")) for one in found]
    return table.estimate(said.count(True), said.count(False))


def touched(before: Tried, after: Tried, rules: Mapping[str, Rule]) -> list[str]:
    """Other rules that would find something else as well.

    Those whose statement reads something of the graph that came out differently, and, where platforms are
    flagged differently by a base rule, all that hear flags.
    """
    changed = _changed(before.derived.nodes, after.derived.nodes)
    changed |= _changed(before.derived.relationships, after.derived.relationships)
    others = {one.id for one in rules.values() if not changed.isdisjoint(_words(one))}
    if after.rule.front.base and _platforms(before) != _platforms(after):
        others |= {one.id for one in rules.values() if hears_flags(one)}
    return sorted(others - {after.rule.id})


def _changed(before: Mapping[Any, Mapping[str, Any]], after: Mapping[Any, Mapping[str, Any]]) -> set[str]:
    """Names of properties that differ; of a relationship that came or went and says nothing, its type."""
    names: set[str] = set()
    for identity in before.keys() | after.keys():
        if "Finding" in identity:
            continue
        was, now = before.get(identity), after.get(identity)
        if (was is None or now is None) and not was and not now:
            names.add(identity[0])
        was, now = was or {}, now or {}
        names |= {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    return names


def _words(rule: Rule) -> set[str]:
    return {word for kind, word, _ in tokens(rule.cypher) if kind == "word"}


def _platforms(tried: Tried) -> set[str]:
    return {one.subject["key"] for one in tried.findings if one.subject["kind"] == "Platform"}


def standing_run(casebook: Casebook, rule: str) -> Row:
    """The last run of a rule that runs as a shadow.

    Raises NotFoundError for an unknown rule, BadInputError for one that is no shadow or has not run as one.
    """
    rules = load_rules(STEPS, moved=casebook.maturities())
    if rule not in rules:
        raise NotFoundError(f"There is no rule {rule!r}: `cluegraph rules list` lists them.")
    if rules[rule].front.maturity != "shadow":
        raise BadInputError(
            f"The rule {rule!r} is {rules[rule].front.maturity}, no shadow: give a file with the changed "
            "rule, to run it beside."
        )
    run = next((one for one in casebook.runs() if one["rule"] == rule and one["maturity"] == "shadow"), None)
    if run is None:
        raise BadInputError(f"The rule {rule!r} has not run as a shadow yet: `cluegraph detect` runs it.")
    return run


def standing_shadow(
    ledger: Ledger,
    casebook: Casebook,
    graph: Graph,
    rule: str,
    table: PrecisionVersion,
    *,
    rate: Decimal = Decimal(1),
) -> Row:
    """What a rule that runs as a shadow found in the last detection, beside what live rules say.

    `new` are findings about somebody of whom no live rule speaks, `known` the others; the rest is as in
    `shadow_run`. Raises as `standing_run` does, BadInputError for a rate outside 0 to 1.
    """
    checked_rate(rate)
    run = standing_run(casebook, rule)
    found = casebook.findings(rule=rule, maturity="shadow")
    spoken = {part[:2] for one in casebook.findings() for part in parties(one)}
    sets = {
        "new": [one for one in found if not any(part[:2] in spoken for part in parties(one))],
        "known": [one for one in found if any(part[:2] in spoken for part in parties(one))],
    }
    extent = {one.id: documents_of(graph, one) for one in found}
    decided = _decisions(casebook, table)
    every = {**sets, "shadow": found}
    return {
        "rule": rule,
        "ledger_version": run["ledger_version"],
        "as_of": run["as_of"].isoformat(),
        "shadow": {name: run[name] for name in ("looked_at", "judgeable", "found")}
        | {"version": run["rule_version"]},
        **{name: [_line(one, decided, {}) for one in rows] for name, rows in sets.items()},
        "outcomes": {name: asdict(_estimate(rows, decided, table)) for name, rows in every.items()},
        "cost": cost(ledger, every, extent, as_of=run["as_of"], rate=rate),
    }
