"""Shops that sell: ledgers with planted cases, projected into a real graph and looked at by detection."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ledger_desk import Desk
from ledger_documents import Document, inventory, order, payment, raw_payment, receipt, waybill

from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.detection.run import DetectReport, detect
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import Publisher, write_increment
from loaders.contract import Keys

FIRST = date(2024, 1, 8)


def person(who: int) -> tuple[str, str, str, str]:
    """Identity number, name, phone and address of a made-up person."""
    return f"11010119900101{who:04d}", f"人{who}", f"138{who:08d}", f"广东省广州市天河区中山路{who}号"


def sale(
    platform: str,
    no: int,
    who: int,
    *,
    day: int = 0,
    merchant: str | None = None,
    agent: str = "A1",
    company: str = "WALLET",
    drop: Iterable[str] = (),
    order_says: dict[str, str] | None = None,
    payment_says: dict[str, str] | None = None,
    waybill_says: dict[str, str] | None = None,
    inventory_says: dict[str, str] | None = None,
) -> list[Document]:
    """The four documents of one sale, paid on `day` and declared the day after; what one says may differ."""
    identity, name, phone, address = person(who)
    buyer = {"buyerIdNumber": identity, "buyerName": name, "buyerTelephone": phone}
    goes = {"consignee": name, "consigneeTelephone": phone, "consigneeAddress": address}
    shop = {
        "ebpName": f"平台{platform}",
        "ebcCode": merchant or platform,
        "ebcName": f"平台{merchant or platform}",
    }
    paid, declared = FIRST + timedelta(days=day), FIRST + timedelta(days=day + 1)
    number = f"{no:05d}"
    documents = {
        "order": order(
            number, platform, **{**buyer, **goes, **shop, "payCode": company, **(order_says or {})}
        ),
        "payment": payment(
            number,
            platform,
            **{
                "payCode": company,
                "payName": f"支付{company}",
                "ebpName": shop["ebpName"],
                "payerIdNumber": identity,
                "payerName": name,
                "telephone": phone,
                "payTime": f"{paid:%Y%m%d}103000",
                **(payment_says or {}),
            },
        ),
        "waybill": waybill(number, f"W-{platform}-{number}", **{**goes, **(waybill_says or {})}),
        "inventory": inventory(
            number,
            platform,
            **{
                **buyer,
                **shop,
                "cop": f"{platform[-10:]}-{number}",
                "consigneeAddress": address,
                "agentCode": agent,
                "declTime": f"{declared:%Y%m%d}",
                **(inventory_says or {}),
            },
        ),
    }
    return [document for kind, document in documents.items() if kind not in drop]


def check(
    platform: str, result: str, *, at: str = "2024-01-15T10:00:00", what: str = "can_login", **says: str
) -> Document:
    """One check of a platform; `says` is what it saw (observed, expected, inspector)."""
    row = {
        "verificationId": f"V-{platform}-{what}-{at}",
        "ebpCode": platform,
        "checkedAt": at,
        "check": what,
        "result": result,
        **says,
    }
    return [("platform_verifications", row)]


def reply(
    platform: str,
    no: int,
    result: str,
    *,
    company: str = "WALLET",
    at: str = "2024-03-01T10:00:00",
    number: str | None = None,
    names_sale: bool = True,
    referral: str | None = None,
) -> Document:
    """What the payment authority says of a sale's payment; by its number alone unless it names the sale."""
    row = {
        "verificationId": f"R-{platform}-{no}-{at}-{result}",
        "payCode": company,
        "payTransactionId": number or f"T-{platform}-{no:05d}",
        "repliedAt": at,
        "result": result,
    }
    if names_sale:
        row |= {"ebpCode": platform, "orderNo": f"{no:05d}"}
    if referral:
        row["referralId"] = referral
    return [("payment_verifications", row)]


def paid_into(
    platform: str,
    no: int,
    account: str,
    *,
    company: str = "WALLET",
    number: str | None = None,
    **says: str,
) -> Document:
    """The raw payment data (179) of a sale: into which account it was paid, under its clearing number."""
    says = {"payCode": company, "recpAccount": account, **says}
    document = raw_payment(number or f"T-{platform}-{no:05d}", [(platform, f"{no:05d}")], "100", **says)
    lines = [(kind, {**row, "payCode": company}) for kind, row in document[1:]]
    return [document[0], *lines]


def cleared(platform: str, no: int, *, agent: str = "A1") -> Document:
    """What customs answered to the declaration of a sale: released."""
    return receipt(f"{platform[-10:]}-{no:05d}", agentCode=agent)


def report(platform: str, no: int, who: int, kind: str = "not_my_order", **says: str) -> Document:
    """What a consumer says of one sale of a platform."""
    row = {
        "reportId": f"R-{platform}-{no}-{who}-{kind}",
        "reportedAt": "2024-03-01T10:00:00",
        "buyerIdNumber": person(who)[0],
        "ebpCode": platform,
        "orderNo": f"{no:05d}",
        "kind": kind,
        **says,
    }
    return [("consumer_reports", row)]


def inspection(
    identity: str, sale_id: str, result: str = "ok", *, at: str = "2024-02-15", why: str = "random"
) -> Document:
    """What came out when the parcel of a sale was inspected."""
    platform, no = sale_id.split("|")
    row = {
        "inspectionId": identity,
        "ebpCode": platform,
        "orderNo": no,
        "inspectedAt": at,
        "kind": "physical",
    }
    return [("inspections", {**row, "result": result, "selection": why})]


def reported(identity: str, sale_id: str, kind: str = "not_my_order", *, at: str = "2024-02-15") -> Document:
    """What a consumer says of a sale."""
    platform, no = sale_id.split("|")
    row = {"reportId": identity, "reportedAt": at, "buyerIdNumber": person(1)[0], "kind": kind}
    return [("consumer_reports", {**row, "ebpCode": platform, "orderNo": no})]


def replied(
    identity: str, company: str, about: str, result: str = "genuine", *, at: str = "2024-02-15"
) -> Document:
    """What the payment authority says of a payment, by its sale or by its number."""
    row = {"verificationId": identity, "payCode": company, "repliedAt": at, "result": result}
    platform, bar, no = about.partition("|")
    named = {"ebpCode": platform, "orderNo": no, "payTransactionId": f"T-{platform}-{no}"}
    return [("payment_verifications", {**row, **(named if bar else {"payTransactionId": about})})]


class Office:
    """A data folder with ledger and casebook, and a graph: load, project, detect."""

    def __init__(self, folder: Path, graph: Graph) -> None:
        self.desk = Desk(folder / "data", Keys.open(folder / "key"))
        self.casebook = Casebook.open(f"sqlite:///{folder / 'casebook.sqlite'}")
        self.graph = graph

    def load(self, documents: Iterable[Document]) -> None:
        """Load documents as one file and bring the graph up."""
        self.desk.load(*documents)
        self.project()

    def project(self) -> None:
        """Bring the graph up to ledger and casebook."""
        write_increment(self.desk.ledger, self.casebook, self.graph, lambda *_: None)

    def detect(self, **options: Any) -> DetectReport:
        """Run detection."""
        publish = Publisher(self.casebook, self.graph)
        return detect(self.desk.ledger, self.casebook, self.graph, publish=publish, **options)

    def found(self, rule: str) -> dict[str, FindingRecord]:
        """Present findings of a rule by the key of their subject."""
        return {finding.subject["key"]: finding for finding in self.casebook.findings(rule=rule)}


@contextmanager
def opened(
    server: EmbeddedServer, folder: Path, documents: list[Document], rules: Iterable[str] | None = None
) -> Iterator[Office]:
    """An office with an empty graph behind it, after it has loaded some documents and asked all rules about
    them, or only these and what they need."""
    found = server.start()
    with Graph.connect(found.uri, found.user, found.password) as graph:
        graph.execute("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
        office = Office(folder, graph)
        office.load(documents)
        office.detect(rules=rules)
        yield office
