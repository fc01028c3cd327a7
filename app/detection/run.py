"""Detection, stratum by stratum: tallies, base rules, significance, the other rules, findings."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from app.casebook.canonical import canonical
from app.casebook.models import Run
from app.casebook.store import Casebook
from app.detection.ask import Asked, Row, ask, findings_of, names_of
from app.detection.catalogue import STEPS
from app.detection.fold import Folded, fold
from app.detection.results import subject_of
from app.detection.rule import Rule
from app.detection.rulebook import closure, load_rules, together
from app.detection.strata import Strata
from app.errors import UnavailableError
from app.graph.driver import Graph
from loaders.ledger.ledger import Ledger

WATERMARK = "detection"
_AT_ONCE = 2
"""Rules asked at the same time: Neo4j answers each on one core."""

T = TypeVar("T")
Publish = Callable[[], object]
Progress = Callable[[str, float], object]


@dataclass(frozen=True)
class RuleReport:
    """What one rule did: subjects looked at, judgeable, found; and what that changed in the casebook."""

    maturity: str
    looked_at: int
    judgeable: int
    found: int
    new: int
    changed: int
    equal: int
    gone: int
    back: int


@dataclass(frozen=True)
class DetectReport:
    """One run of detection over one ledger version."""

    ledger_version: int
    as_of: date
    casebook_seq: int
    rules: dict[str, RuleReport]
    seconds: dict[str, float]  # of each step and rule, and of writing


@dataclass
class _Clock:
    """Seconds of each part; tells progress as a part begins."""

    parts: int
    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    def time(self, name: str, what: Callable[[], T]) -> T:
        """Do it, and add its seconds to those of `name`."""
        if self.progress is not None:
            self.progress(name, min(len(self.seconds) / max(self.parts, 1), 1.0))
        start = time.perf_counter()
        result = what()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)
        return result


def detect(
    ledger: Ledger,
    casebook: Casebook,
    graph: Graph,
    *,
    publish: Publish,
    as_of: date | None = None,
    rules: Iterable[str] | None = None,
    folder: Path | None = None,
    given: Mapping[str, Rule] | None = None,
    progress: Progress | None = None,
) -> DetectReport:
    """Work out everything that the rules ask for, ask them, and fold what they find into the casebook.

    `publish` brings the graph's derived layer up to the casebook; it is called at first, before rules ask
    and after findings are committed, and may be repeated. `as_of` is the day that rules look back from
    (default: the last day of any sale in the ledger); `rules` limits the run to these and those that they
    need, otherwise all run but drafts; `folder` holds the rules (default: those that come with cluegraph),
    unless they are `given`, by id; `progress` is told each part as it begins, with the share done. Raises
    UnavailableError where the graph is behind the ledger, NotFoundError for an unknown rule, BadInputError
    for a rule that is refused.
    """
    every = load_rules(STEPS, folder, casebook.maturities()) if given is None else together(given, STEPS)
    ready = {name: rule for name, rule in every.items() if rule.front.maturity != "draft"}
    chosen, order = closure(ready if rules is None else rules, every, STEPS)
    version = ledger.version
    meta = meta_of(graph, version)
    day = as_of or last_day_of_sales(ledger, version)
    clock = _Clock(len(order) + 3, progress)
    clock.time("publish", publish)  # a run that was killed may have left the graph behind
    asked: list[Asked] = []
    with Strata(
        STEPS,
        ready | chosen,
        {rule.id: rule.parameters for rule in every.values()},
        lambda: ledger.connect(version),
        casebook,
        as_of=day,
        ledger_version=version,
    ) as strata:
        for are_rules, names in groupby(order, chosen.__contains__):
            if not are_rules:
                for name in names:
                    clock.time(name, partial(strata.run, name))
                continue
            if strata.waiting:
                clock.time("keep", strata.commit)
                clock.time("publish", publish)
            # Rules with no step between them only read, and need nothing of each other.
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                asking = [
                    pool.submit(clock.time, name, partial(ask, graph, chosen[name], day)) for name in names
                ]
            for answer in (one.result() for one in asking):
                asked.append(answer)
                if answer.rule.front.base and answer.rule.front.maturity == "live":
                    subjects = [subject_of(answer.rule, row) for row in answer.rows]
                    strata.flags.flag(
                        answer.rule.front.risk, [key for kind, key in subjects if kind == "Platform"]
                    )
        if strata.waiting:  # a step that only a rule outside this run would ask about
            clock.time("keep", strata.commit)
    graph_version = {
        "schema_version": meta["schema_version"],
        "load_seq": version,
        "casebook_seq": casebook.seq(),
    }
    told = clock.time(
        "fold",
        lambda: _fold_all(casebook, graph, asked, day, version, graph_version, whole=rules is None),
    )
    clock.time("publish", publish)
    reports = {
        answer.rule.id: RuleReport(
            maturity=answer.rule.front.maturity, **answer.denominator, **asdict(told[answer.rule.id])
        )
        for answer in asked
    }
    return DetectReport(version, day, casebook.seq(), reports, clock.seconds)


def meta_of(graph: Graph, version: int) -> Row:
    """What the graph says of itself; UnavailableError where it is behind this ledger version."""
    meta = graph.meta()
    if meta is None or meta["load_seq"] != version:
        at = "not built" if meta is None else f"at load {meta['load_seq']}"
        raise UnavailableError(f"The graph is {at}, the ledger at {version}: run 'cluegraph project' first.")
    return meta


def last_day_of_sales(ledger: Ledger, version: int) -> date:
    """Greatest last_date of any sale; the first of 1970 where there is none, so that nothing is judgeable."""
    with ledger.connect(version) as connection:
        row = connection.execute("SELECT max(last_date) FROM transactions").fetchone()
    return row[0] if row is not None and row[0] is not None else date(1970, 1, 1)


def _fold_all(
    casebook: Casebook,
    graph: Graph,
    asked: list[Asked],
    as_of: date,
    version: int,
    graph_version: Mapping[str, Any],
    *,
    whole: bool,
) -> dict[str, Folded]:
    """Findings of every rule, the runs and the watermark, in one transaction.

    A `whole` run leaves nothing of rules that it did not ask (taken out, or drafts again); one of few rules
    leaves the others as they are, and the watermark where it is.
    """
    names = names_of(graph, asked)
    fresh = {answer.rule.id: findings_of(answer, names, as_of, version, graph_version) for answer in asked}
    told: dict[str, Folded] = {}
    gone = {run["rule"] for run in casebook.runs()} - fresh.keys() if whole else set()
    with casebook.change() as change:
        for rule in sorted(gone):
            fold(change, rule, {}, version)
            change.replace(Run, [], rule=rule)
        for answer in asked:
            told[answer.rule.id] = fold(change, answer.rule.id, fresh[answer.rule.id], version)
            change.put(Run, [run_of(answer, as_of, version)], rule=answer.rule.id)
        if whole:
            versions = {answer.rule.id: answer.rule.front.version for answer in asked}
            change.set_watermark(WATERMARK, version, {"as_of": as_of.isoformat(), "rules": versions})
    return told


def run_of(answer: Asked, as_of: date, version: int) -> Row:
    """The row of the latest run of a rule."""
    return {
        "rule": answer.rule.id,
        "rule_version": answer.rule.front.version,
        "maturity": answer.rule.front.maturity,
        "parameters": canonical(answer.rule.parameters),
        "window_months": answer.rule.front.window,
        "as_of": as_of,
        "ledger_version": version,
        **answer.denominator,
    }
