"""Local rules about the subjects of new documents alone: they say what a full run would say of these."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, select

from app.casebook.canonical import canonical
from app.casebook.derived import Derived, of_findings, of_rows
from app.casebook.models import DerivedNode, DerivedRelationship, Finding, Run
from app.casebook.protections import periods
from app.casebook.store import Casebook, Change
from app.detection.ask import Asked, ask, findings_of, names_of
from app.detection.catalogue import STEPS
from app.detection.fold import Folded, fold
from app.detection.rule import Rule
from app.detection.rulebook import closure, load_rules
from app.detection.run import last_day_of_sales, meta_of, run_of
from app.detection.steps import Scope
from app.detection.strata import Strata
from app.graph.driver import Graph
from loaders.ledger.ledger import Ledger

_LABELS = {"Platform": "Enterprise", "Merchant": "Enterprise", "Agent": "Enterprise"}
"""Subject of a rule → the label that carries its key, where that is another."""


class Publish(Protocol):
    """Brings the graph's derived layer up to the casebook: all of it, or what one change wrote."""

    def __call__(self) -> object:
        """All of it."""

    def part(self, before: Derived, after: Derived, *, seq: int, shown_before: int) -> object:
        """What the change `seq` wrote, which turned `before` into `after`."""


@dataclass(frozen=True)
class LocalReport:
    """What local rules said of some subjects, by rule."""

    ledger_version: int
    as_of: date
    subjects: int
    rules: dict[str, Folded]
    seconds: dict[str, float]


def local_rules(casebook: Casebook) -> dict[str, Rule]:
    """Rules whose answer about a subject depends on that subject alone, drafts left out."""
    return _local(load_rules(STEPS, None, casebook.maturities()))


def _local(every: Mapping[str, Rule]) -> dict[str, Rule]:
    return {
        name: rule
        for name, rule in every.items()
        if rule.front.scope == "local" and rule.front.maturity != "draft"
    }


def rules_that_run(casebook: Casebook) -> set[tuple[str, str, str]]:
    """Id, version and maturity of every rule that a whole run asks."""
    every = load_rules(STEPS, None, casebook.maturities()).values()
    return {
        (rule.id, rule.front.version, rule.front.maturity) for rule in every if rule.front.maturity != "draft"
    }


def held_for(casebook: Casebook, rules: Mapping[str, Rule], as_of: date) -> int | None:
    """The ledger version up to which all these rules were asked, as they are now and as of this day.

    None: they were not, and must be asked about everybody.
    """
    runs = {run["rule"]: run for run in casebook.runs()}
    held = []
    for name, rule in rules.items():
        run = runs.get(name)
        now = (rule.front.version, rule.front.maturity, canonical(rule.parameters), as_of)
        compared = ("rule_version", "maturity", "parameters", "as_of")
        if run is None or tuple(run[column] for column in compared) != now:
            return None
        held.append(int(run["ledger_version"]))
    return min(held, default=None)


def detect_local(
    ledger: Ledger,
    casebook: Casebook,
    graph: Graph,
    touched: Mapping[str, Iterable[str]],
    *,
    publish: Publish,
    as_of: date | None = None,
    folder: Path | None = None,
) -> LocalReport:
    """Ask the local rules about the subjects that are `touched` (keys by label), and fold what they answer.

    The graph stands at the ledger's version, and the rules were asked before as of the same day (`held_for`);
    their answers about everybody else stay as they are. Raises UnavailableError where the graph is behind.
    """
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def clock(name: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[name] = round(seconds.get(name, 0.0) + now - started, 3)
        started = now

    every = load_rules(STEPS, folder, casebook.maturities())
    rules = _local(every)
    version = ledger.version
    meta = meta_of(graph, version)
    day = as_of or last_day_of_sales(ledger, version)
    publish()
    clock("publish")
    scope = _scope(casebook, touched)
    _, order = closure(rules, every, STEPS)
    with Strata(
        STEPS,
        every,
        {rule.id: rule.parameters for rule in every.values()},
        lambda: ledger.connect(version),
        casebook,
        as_of=day,
        ledger_version=version,
        scope=scope,
    ) as strata:
        for name in order:
            if name in STEPS:
                strata.run(name)
                clock(name)
        change = strata.commit()
    _publish_rows(publish, change)
    clock("publish")
    asked = []
    for name, rule in rules.items():
        asked.append(ask(graph, rule, day, _subjects(rule, scope)))
        clock(name)
    graph_version = {
        "schema_version": meta["schema_version"],
        "load_seq": version,
        "casebook_seq": casebook.seq(),
    }
    told = _fold(casebook, graph, asked, scope, day, version, graph_version, publish)
    clock("fold")
    return LocalReport(version, day, sum(map(len, scope.keys.values())), told, seconds)


def _scope(casebook: Casebook, touched: Mapping[str, Iterable[str]]) -> Scope:
    """Whom the documents touched, and everybody locked: a lock may be younger than the last documents."""
    keys = {label: frozenset(of) for label, of in touched.items() if label in ("Enterprise", "Consumer")}
    with casebook.read() as connection:
        locked = {row["key"] for row in periods(connection).to_pylist()}
    return Scope({**keys, "Consumer": keys.get("Consumer", frozenset()) | locked})


def _subjects(rule: Rule, scope: Scope) -> frozenset[str]:
    return frozenset().union(*(scope.of(_LABELS.get(kind, kind)) for kind in rule.subjects))


def _publish_rows(publish: Publish, change: Change) -> None:
    """The properties and relationships that steps wrote. Those of a local step are made by no other step, so
    that rows before and after are all there is of them."""
    if not change.written:
        return
    rows = [row for row in change.rows if row.model in (DerivedNode, DerivedRelationship)]
    before = of_rows(row.before for row in rows if row.before is not None)
    after = of_rows(row.after for row in rows if row.after is not None)
    publish.part(before, after, seq=change.seq, shown_before=change.shown_before)


def _fold(
    casebook: Casebook,
    graph: Graph,
    asked: list[Asked],
    scope: Scope,
    as_of: date,
    version: int,
    graph_version: Mapping[str, Any],
    publish: Publish,
) -> dict[str, Folded]:
    """Findings about the subjects, and the runs, in one transaction, and what of it the graph shows."""
    names = names_of(graph, asked)
    told: dict[str, Folded] = {}
    shown: list[list[dict[str, Any]]] = [[], []]
    with casebook.change() as change:
        for answer in asked:
            rule, subjects = answer.rule.id, _subjects(answer.rule, scope)
            of_others = _others_found(change.connection, rule, subjects)
            answer.denominator["found"] = of_others + len(answer.rows)
            fresh = findings_of(answer, names, as_of, version, graph_version)
            live = answer.rule.front.maturity == "live"
            before = _rows_of(change.connection, rule, subjects) if live else []
            told[rule] = fold(change, rule, fresh, version, subjects)
            if live:
                shown[0] += before
                shown[1] += _rows_of(change.connection, rule, subjects)
            change.put(Run, [run_of(answer, as_of, version)], rule=rule)
    if change.written:
        publish.part(*map(of_findings, shown), seq=change.seq, shown_before=change.shown_before)
    return told


def _others_found(connection: Connection, rule: str, subjects: Collection[str]) -> int:
    """How many findings of a rule the data shows about others than these."""
    present = select(Finding.subject_key).where(Finding.rule == rule, Finding.present)
    return sum(key not in subjects for key in connection.execute(present).scalars())


def _rows_of(connection: Connection, rule: str, subjects: Collection[str]) -> list[dict[str, Any]]:
    """Rows of the findings of a rule about these."""
    rows = connection.execute(select(Finding.__table__).where(Finding.rule == rule)).mappings()
    return [dict(row) for row in rows if row["subject_key"] in subjects]
