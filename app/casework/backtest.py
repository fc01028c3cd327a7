"""A rule over the past: what it would have found as the ledger stood then, and what became known since."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from app.casebook.findings import FindingRecord
from app.casebook.models import Finding
from app.casebook.store import Casebook
from app.casework.precision_table import PrecisionVersion
from app.casework.then import copy_past, day_of
from app.casework.trial import Tell, rules_with, scratch, trial
from app.casework.whom import parties, show_sales, show_told_sales
from app.settings import Settings
from loaders.ledger.ledger import Ledger, PastLedger

_LATER = files("app.casework").joinpath("later.sql").read_text("utf-8")

Row = dict[str, Any]


def backtest(
    settings: Settings,
    ledger: Ledger,
    casebook: Casebook,
    named: str,
    version: int,
    table: PrecisionVersion,
    tell: Tell = lambda *_: None,
) -> Row:
    """Ask a rule (`rules_with`) of the ledger as it stood at a version; gives what it would have found.

    Each finding says whether a live rule had it then, its outcome, and what came later: findings of live
    rules about the same, and documents against it. Protections are those that had been recorded by the day
    of the load. Raises as `rules_with` and `detect` do.
    """
    moved = casebook.maturities()
    identity, rules, _ = rules_with(named, moved)
    day = day_of(ledger, version)
    with scratch(settings) as own:
        past = PastLedger(ledger, version, own.data / "work")
        with trial(own, past, lambda book: copy_past(casebook, book, day), tell) as tried:
            answer = tried.ask(rules, identity, tell)
            seconds, megabytes = tried.seconds, tried.megabytes
    tell("looking at what became known since")
    told = known_since(ledger, casebook, answer.findings, version, table)
    said = [one["outcome"] for one in told]
    return {
        "rule": identity,
        "version": answer.rule.front.version,
        "ledger_version": version,
        "day": day and day.isoformat(),
        "as_of": answer.as_of.isoformat(),
        "looked_at": answer.report.looked_at,
        "judgeable": answer.report.judgeable,
        "found": len(told),
        "known_then": sum(one["known_then"] for one in told),
        "later_known": sum(one["later_known"] for one in told),
        "outcomes": asdict(table.estimate(said.count("right"), said.count("wrong"))),
        "without_outcome": said.count(None),
        "findings": told,
        "seconds": seconds,
        "megabytes": megabytes,
    }


def known_since(
    ledger: Ledger, casebook: Casebook, found: list[FindingRecord], version: int, table: PrecisionVersion
) -> list[Row]:
    """Of each finding of a trial: what the casebook knew of it at a version, and what came after it.

    `outcome` is right, wrong or null, by the decision on the finding of the same rule and subject; `later`
    has rules with findings first seen later about the same, and documents against it by kind.
    """
    decided, afterwards = _casebook_of(casebook, version)
    documents = documents_since(ledger, found, version)
    rows = []
    for one in found:
        decision, first_seen = decided.get(one.id, ("open", None))
        judged = table.judged(decision)
        rules = sorted({rule for part in parties(one) for rule in afterwards.get(part[:2], ())})
        later = {"rules": rules, **documents.get(one.id, {})}
        outcome = None if judged is None else "right" if judged else "wrong"
        rows.append(
            {
                "finding": one.id,
                "subject": one.subject,
                "severity": one.severity,
                "reason": one.reason,
                "known_then": first_seen is not None and first_seen <= version,
                "outcome": outcome,
                "later": later,
                "later_known": outcome == "right" or any(later.values()),
            }
        )
    return rows


def _casebook_of(
    casebook: Casebook, version: int
) -> tuple[dict[str, tuple[str, int]], dict[tuple[str, str], set[str]]]:
    """Decision and first version of every finding, by id; and by (kind, key) the live rules that found it
    after a version."""
    with casebook.read() as connection:
        rows = connection.execute(select(Finding.id, Finding.decision, Finding.first_seen))
        decided = {row.id: (row.decision, row.first_seen) for row in rows}
    afterwards: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in casebook.findings(present=None):
        if one.first_seen > version:
            for kind, key, _ in parties(one):
                afterwards[kind, key].add(one.rule)
    return decided, afterwards


def documents_since(ledger: Ledger, found: Iterable[FindingRecord], version: int) -> dict[str, Row]:
    """Documents first loaded after a version that speak against whom a finding is about, by its id.

    Inspections with a discrepancy, refuting replies and reports about sales, failed checks of platforms.
    """
    out: dict[str, Row] = defaultdict(dict)
    with ledger.connect() as connection:
        show_sales(connection)
        show_told_sales(connection, found)
        for finding, what, count in connection.execute(_LATER, {"version": version}).fetchall():
            out[finding][f"{what}s" if what != "reply" else "replies"] = count
    return dict(out)
