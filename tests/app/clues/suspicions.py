"""Findings as a run leaves them in the casebook, without a run."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from app.casebook.canonical import canonical
from app.casebook.engine import casebook_url
from app.casebook.store import Casebook
from app.detection.fold import fold
from loaders.ledger.ledger import Ledger

RULE = "platform-failed-checks"


def suspicion(
    key: str, severity: str = "medium", documents: int = 4, members: Iterable[str] = (), **more: Any
) -> dict[str, Any]:
    """Columns of a finding about the platform `key`."""
    result = {
        "subject": {"kind": "Platform", "key": key, "name": f"平台{key}"},
        "members": [{"kind": "Platform", "key": member, "name": member} for member in members],
        "severity": severity,
        "score": 1.0,
        "reason": {"en": f"{documents} checks failed.", "zh": f"{documents} 项核查未通过。"},
        "numbers": {"failed": {"value": documents, "unit": "checks"}},
        "denominator": {"looked_at": 30, "judgeable": 20, "found": 2},
        "evidence": {"ids": [f"{key}|{no}" for no in range(min(documents, 50))], "count": documents},
    }
    return {
        "rule": RULE,
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "window_months": None,
        "as_of": date(2024, 6, 30),
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": "Platform",
        "subject_key": key,
        "severity": severity,
        "score": 1.0,
        "result": canonical(result),
        "query": "RETURN 1",
        "picture": "RETURN 1",
        **more,
    }


class Desk:
    """A ledger, and a casebook of its own in `folder` into which runs are folded."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger, self.folder = ledger, folder
        self.casebook = Casebook.open(casebook_url(folder))

    def shows(self, *platforms: str, **changed: dict[str, Any]) -> None:
        """A run of the rule: findings f-A, f-B, … about these platforms, changed as given, and no others."""
        fresh = {f"f-{key}": suspicion(key, **changed.get(key, {})) for key in platforms}
        with self.casebook.change() as change:
            fold(change, RULE, fresh, 1)
