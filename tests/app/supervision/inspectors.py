"""A small office without a graph: platforms in every state, findings put down by hand."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from ledger_desk import Desk
from ledger_documents import Document, raw_payment
from shops import check, cleared, sale

from app.casebook.models import Finding
from app.casebook.store import Casebook
from app.detection.results import finding_id
from app.supervision.verification import CHECKS
from loaders.contract import Keys
from loaders.ledger import Ledger

DAY = date(2024, 6, 30)
ENTRY = {"name": "Registered", "roles": "merchant; platform", "asOf": "2024-01-01"}


@dataclass
class Office:
    """A data folder as commands find it."""

    folder: Path
    desk: Desk
    casebook: Casebook

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    def find(self, rule: str, platform: str, severity: str, **more: Any) -> str:
        """Put a finding about a platform into the casebook; returns its id."""
        identity = finding_id(rule, "Platform", platform)
        subject = {"kind": "Platform", "key": platform, "name": platform}
        result = {
            "subject": subject,
            "members": [],
            "severity": severity,
            "score": 1.0,
            "numbers": {},
            "reason": {"en": "", "zh": ""},
            "denominator": {},
            "evidence": {"ids": [], "count": 0},
        }
        row = {
            "id": identity, "rule": rule, "rule_version": "1.0.0", "maturity": "live", "parameters": "{}",
            "window_months": None, "as_of": DAY, "ledger_version": 1, "graph_version": "{}",
            "subject_kind": "Platform", "subject_key": platform, "severity": severity, "score": 1.0,
            "result": orjson.dumps(result).decode(), "query": "", "picture": "", "first_seen": 1,
            "last_seen": 1, "present": True, "decision": "open", "snoozed_until": None, "baseline": None,
        } | more  # fmt: skip
        with self.casebook.change() as change:
            change.put(Finding, [row], id=identity)
        return identity


def documents() -> list[Document]:
    """NEVER, OLD, FRESH, FAILED and MENDED sell six, BIG twelve, QUIET long ago; UNSEEN was only checked."""
    out: list[Document] = []
    sells = {"NEVER": 6, "OLD": 6, "FRESH": 6, "FAILED": 6, "MENDED": 6, "BIG": 12}
    for at, (name, count) in enumerate(sells.items()):
        for no in range(count):
            out += sale(name, no, 50 * at + no, day=100 + no)
    out += sale("QUIET", 1, 900, day=-500)
    out += sale("LAST", 1, 901, day=(DAY - date(2024, 1, 8)).days - 1)
    for name, day in (("OLD", "2023-01-01"), ("FRESH", "2024-06-29"), ("BIG", "2024-06-29")):
        out += [check(name, "pass", at=f"{day}T10:00:00", what=what, inspector="Li") for what in CHECKS]
    out += [
        check("FAILED", "fail", at="2024-03-01T10:00:00", selection="random", observed="no form"),
        check("FAILED", "unknown", at="2024-04-01T10:00:00"),
        check("FAILED", "not_applicable", what="licence_valid", at="2024-03-01T10:00:00"),
        check("MENDED", "fail", at="2024-03-01T10:00:00"),
        check("MENDED", "pass", at="2024-04-01T23:30:00"),
        check("UNSEEN", "fail"),
        [("enterprises", {"code": "4401960001", **ENTRY, "siteDomain": "shop.example",
                          "uscc": "91350100M000100Y43"})],
        [("enterprises", {"code": "4401960002", **ENTRY, "roles": "merchant"})],
    ]  # fmt: skip
    # Goods of BIG: two of its sales cleared, one of them with a link.
    out += [cleared("BIG", 0), cleared("BIG", 1)]
    payment = raw_payment("T-BIG-00000", [("BIG", "00000")], "100")
    payment[1][1].update(itemLink="https://big.example/1", gname="奶粉")
    return [*out, payment]


def open_office(folder: Path) -> Office:
    """The office after it has loaded these documents."""
    data = folder / "data"
    desk = Desk(data, Keys.open(folder / "data" / "key"))
    desk.load(*documents())
    assert desk.rows("SELECT reason FROM rejects") == []
    return Office(folder, desk, Casebook.open(f"sqlite:///{data / 'casebook.sqlite'}"))
