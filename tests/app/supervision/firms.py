"""A small district: six honest platforms, a bad one, one with few sales, one that is only registered."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from ledger_desk import Desk
from ledger_documents import Document, cancel, receipt, signed
from shops import check, inspection, replied, reported, sale

from app.casebook.canonical import canonical
from app.casebook.store import Casebook
from app.detection.fold import fold
from app.supervision.portraits import Portraits, portray
from app.supervision.scorecard import scorecard_on
from loaders.contract import Keys

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
HONEST = [f"HONEST000{n}" for n in range(6)]
BAD, SMALL, IDLE, AGENT = "BADSHOP001", "SMALLSHOP1", "IDLESHOP01", "AGENT00001"
WALLET, FORGER = "WALLETPAY1", "FORGERPAY1"
SALES = 40


def firm(code: str, *, as_of: str = "2024-01-01", roles: str = "platform", **says: str) -> Document:
    """One state of an enterprise in the register."""
    row = {"code": code, "name": f"企业{code}", "roles": roles, "asOf": as_of}
    return [("enterprises", {**row, "registeredAt": "2019-01-01", "registeredCapital": "1000000", **says})]


def shop(
    platform: str, index: int, *, sales: int = SALES, bad: int = 0, company: str = WALLET
) -> list[Document]:
    """Sales over the year, signed for and cleared; of the first `bad` the amounts differ, customs refused two
    and one was cancelled."""
    documents: list[Document] = []
    for no in range(sales):
        wrong = {"payment_says": {"amountPaid": "60"}} if no < bad else {}
        day = no * 300 // sales
        documents += sale(
            platform, no, 100 * index + no, day=day, agent=AGENT, company=company, **wrong  # type: ignore[arg-type]
        )  # fmt: skip
        refused = bad and no < 2
        cop = f"{platform[-10:]}-{no:05d}"
        documents += [receipt(cop, "100" if refused else "800", agentCode=AGENT)]
        if not refused:
            documents += [signed(f"W-{platform}-{no:05d}", f"2024{1 + day // 30:02d}28120000")]
    if bad:
        documents += [
            cancel(f"{bad:05d}", platform),
            receipt(f"X-{platform}-{bad:05d}", "899", kind="CEB624"),
        ]
    return documents


def documents() -> list[Document]:
    """The whole district."""
    out: list[Document] = [firm(AGENT, roles="agent"), firm(IDLE), firm(BAD, creditClass="高级认证")]
    for index, platform in enumerate(HONEST):
        out += [
            *shop(platform, index),
            check(platform, "pass"),
            firm(platform, registeredCapital=f"{index}00000"),
        ]
    out += [*shop(BAD, 10, bad=12, company=FORGER), *shop(SMALL, 11, sales=3)]
    out += [
        check(BAD, "fail"),
        check(BAD, "fail", what="can_purchase"),
        check(BAD, "pass", what="licence_valid"),
    ]
    out += [reported(f"R{no}", f"{BAD}|{no:05d}", at="2024-11-20") for no in range(4)]
    out += [reported("R9", f"{BAD}|00009", "other", at="2024-11-20")]
    out += [replied(f"Q{no}", FORGER, f"{BAD}|{no:05d}", "no_fund_flow", at="2024-11-10") for no in range(5)]
    out += [replied("Q8", FORGER, f"{BAD}|00008", at="2024-11-10")]
    out += [replied("Q9", FORGER, f"{BAD}|00009", "wrong_number", at="2024-11-10")]
    out += [inspection(f"I{no}", f"{BAD}|{no:05d}", "discrepancy" if no < 3 else "ok") for no in range(6)]
    out += [inspection("I9", f"{BAD}|00009", "discrepancy", why="clue")]
    return out


class District:
    """A data folder with ledger and casebook; no graph is needed."""

    def __init__(self, folder: Path, given: Iterable[Document]) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.desk = Desk(self.data, Keys.open(self.data / "key"))
        self.desk.load(*given)
        assert self.desk.rows("SELECT reason FROM rejects") == []
        self.ledger = self.desk.ledger
        self.casebook = Casebook.open(f"sqlite:///{self.data / 'casebook.sqlite'}")

    def portray(self, **options: Any) -> Portraits:
        """Portraits of the year."""
        return portray(self.ledger, self.casebook, scorecard_on(LAST), FIRST, LAST, **options)

    def found(self, *findings: dict[str, Any], rule: str = "platform-failed-checks") -> None:
        """Findings as detection would leave them: those of a rule, and that it ran."""
        rows = {f"{rule}-{number}": {**row, "rule": rule} for number, row in enumerate(findings)}
        with self.casebook.change() as change:
            fold(change, rule, rows, self.ledger.version)
            change.set_watermark("detection", self.ledger.version, {})

    def derived(self) -> dict[str, Any]:
        """What the graph is given of each enterprise."""
        nodes = self.casebook.derived()[0].nodes
        return {key: properties for (label, key), properties in nodes.items() if label == "Enterprise"}


def finding(
    key: str, severity: str = "high", kind: str = "Platform", members: Iterable[str] = ()
) -> dict[str, Any]:
    """A row of the findings table about an enterprise, or about a community of platforms."""
    result = {
        "subject": {"kind": kind, "key": key, "name": key},
        "members": [{"kind": "Platform", "key": member, "name": member} for member in members],
        "severity": severity,
        "score": 1.0,
        "reason": {"en": "because", "zh": "因为"},
        "numbers": {},
        "denominator": {"looked_at": 3, "judgeable": 2, "found": 1},
        "evidence": {"ids": [], "count": 0, "query": "RETURN 1"},
    }
    return {
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "window_months": None,
        "as_of": LAST,
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": kind,
        "subject_key": key,
        "severity": severity,
        "score": 1.0,
        "result": canonical(result),
        "query": "RETURN 1",
        "picture": "RETURN 1",
    }
