"""Casebooks with findings in them, as a detection leaves them."""

from datetime import date
from pathlib import Path
from typing import Any

from app.casebook.canonical import canonical
from app.casebook.engine import casebook_url
from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.casework.outcomes import decide
from app.detection.fold import fold

RULE = "platform-traffic"
DAY = date(2025, 6, 2)


def found(key: str, **changed: Any) -> dict[str, Any]:
    """The machine's columns of one finding about a platform."""
    result = {
        "subject": {"kind": "Platform", "key": key, "name": key},
        "members": [],
        "severity": "medium",
        "score": 1.0,
        "reason": {"en": "because", "zh": "因为"},
        "numbers": {},
        "denominator": {"looked_at": 3, "judgeable": 2, "found": 1},
        "evidence": {"ids": [], "count": 0, "query": "RETURN 1"},
    }
    row = {
        "rule": RULE,
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "window_months": 12,
        "as_of": DAY,
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": "Platform",
        "subject_key": key,
        "severity": "medium",
        "score": 1.0,
        "result": canonical(result),
        "query": "RETURN 1",
        "picture": "RETURN 1",
    }
    return row | changed


def detected(casebook: Casebook, *keys: str, rule: str = RULE, version: int = 1, **changed: Any) -> list[str]:
    """Findings of a rule about these platforms and no others; gives their ids."""
    fresh = {f"{rule}-{key}": found(key, rule=rule, ledger_version=version, **changed) for key in keys}
    with casebook.change() as change:
        fold(change, rule, fresh, version)
    return list(fresh)


def decided(casebook: Casebook, decision: str, *identities: str) -> None:
    """A decision on findings that were open."""
    for identity in identities:
        decide(casebook, identity, decision, expected="open", why="looked into", by="officer 7", on=DAY)


def new_casebook(folder: Path) -> Casebook:
    """An empty casebook."""
    return Casebook.open(casebook_url(folder))


def finding(identity: str, kind: str, key: str, members: tuple[tuple[str, str], ...] = ()) -> FindingRecord:
    """A finding of a trial: whom it is about is all that matters."""
    empty: Any = {}
    return FindingRecord(
        identity, "a-rule", "1.0.0", empty, 12, date(2025, 1, 1), 1, empty, {"kind": kind, "key": key},
        [{"kind": what, "key": one} for what, one in members], "low", 1.0, empty, empty, empty, empty,
        "", "", 1, 1, [], True, "open", None, False,
    )  # fmt: skip
