"""Casebooks of tests about what goes out: one of each engine, with findings and orders in it."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "casebook"))

from app.casebook.canonical import canonical
from app.casebook.store import Casebook
from app.detection.fold import fold
from app.supervision import instructions as orders
from app.supervision.instruction_drafts import Wanted, draft

NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
PLATFORM = "4401968001"
OTHER = "4401968002"


def found(
    key: str = PLATFORM,
    kind: str = "Platform",
    severity: str = "medium",
    documents: int = 4,
    members: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Columns of a finding as a run of a rule gives them."""
    result = {
        "subject": {"kind": kind, "key": key, "name": f"示例{key}"},
        "members": [{"kind": "Platform", "key": member, "name": member} for member in members],
        "severity": severity,
        "score": 1.5,
        "reason": {"en": f"{documents} of {key}'s documents differ.", "zh": "单证不符。"},
        "numbers": {"sales": {"value": documents, "unit": "sales"}},
        "denominator": {"looked_at": 3, "judgeable": 2, "found": 1},
        "evidence": {"ids": ["P1|1"], "count": documents, "query": "RETURN 1"},
    }
    return {
        "rule": "a-rule",
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "window_months": 12,
        "as_of": date(2026, 6, 30),
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": kind,
        "subject_key": key,
        "severity": severity,
        "score": 1.5,
        "result": canonical(result),
        "query": "RETURN 1",
        "picture": "RETURN 1",
    }


def run(casebook: Casebook, fresh: dict[str, dict[str, Any]], version: int = 1, rule: str = "a-rule") -> None:
    """A run of a rule, folded into the casebook."""
    with casebook.change() as change:
        fold(change, rule, {key: {**row, "rule": rule} for key, row in fresh.items()}, version)


def wanted(**changed: Any) -> Wanted:
    """A decision that is in order, but for what is changed."""
    fields: dict[str, Any] = {
        "action": "physical inspection",
        "rate": "0.25",
        "starts": NOW,
        "ends": NOW + timedelta(days=30),
        "scope_kind": "platform",
        "scope_key": PLATFORM,
        "reason": "Two raids.",
    }
    return Wanted(**{**fields, **changed})


def drafted(casebook: Casebook, **changed: Any) -> str:
    """Id of a new draft by K01."""
    return draft(casebook, wanted(**changed), by="K01", at=NOW).id


def approved(casebook: Casebook, **changed: Any) -> str:
    """Id of a new instruction that K02 has approved."""
    identity = drafted(casebook, **changed)
    return orders.approve(casebook, identity, by="K02", why="Checked.", at=NOW).id


def issued(casebook: Casebook, **changed: Any) -> str:
    """Id of a new instruction that K02 has issued."""
    identity = approved(casebook, **changed)
    return orders.issue(casebook, identity, by="K02", why="Go.", at=NOW).id
