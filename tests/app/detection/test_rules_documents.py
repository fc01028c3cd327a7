"""Rules about documents and checks: planted cases are found, honest look-alikes are left alone."""

from collections.abc import Iterator

import pytest
from ledger_documents import Document, alias, cancel, raw_payment, receipt
from shops import Office, check, opened, person, sale

from app.graph.server import EmbeddedServer

SALES, DIFFERING = 30, 9


def shop(
    platform: str, index: int, differing: dict[str, object] | None = None, **always: object
) -> list[Document]:
    """Thirty sales of one shop; the first nine of them differ by what is given."""
    documents: list[Document] = []
    for no in range(SALES):
        changes = {**always, **(differing or {})} if no < DIFFERING else dict(always)
        documents += sale(platform, no, 100 * index + no, day=no, agent=f"A{index % 4}", **changes)  # type: ignore[arg-type]
    return documents


_STRANGER = person(9999)
_PLANTED: dict[str, dict[str, object]] = {
    "document-missing": {"drop": ["payment"]},
    "document-payer": {"payment_says": {"payerIdNumber": _STRANGER[0], "payerName": _STRANGER[1]}},
    "document-amount": {"payment_says": {"amountPaid": "70"}},
    "document-payment-company": {"order_says": {"payCode": "OTHER"}},
    "document-items": {"inventory_says": {"lines": 2, "price": "50"}},
    "document-consignee": {"waybill_says": {"consignee": _STRANGER[1], "consigneeTelephone": _STRANGER[2]}},
    "document-order-of-time": {"payment_says": {"payTime": "20240401103000"}},
}
_LOOK_ALIKE: dict[str, tuple[str, dict[str, object]]] = {
    "ROUND": ("document-amount", {"payment_says": {"amountPaid": "100.60"}}),
    "FRIENDSHOP": (
        "document-payer",
        {"payment_says": {"payerIdNumber": _STRANGER[0], "payerName": _STRANGER[1]}},
    ),
    "MERGED": ("document-payment-company", {"order_says": {"payCode": "OLDPAY"}, "company": "NEWPAY"}),
    "GIFT": (
        "document-consignee",
        {
            "order_says": {"consignee": _STRANGER[1], "consigneeTelephone": _STRANGER[2]},
            "waybill_says": {"consignee": _STRANGER[1], "consigneeTelephone": _STRANGER[2]},
        },
    ),
    "CUTOFF": ("document-order-of-time", {"order_says": {"appTime": "20240302000000"}}),
    # Paid ten minutes before midnight of the day it was declared, submitted the day after.
    "MIDNIGHT": (
        "document-order-of-time",
        {
            "order_says": {"appTime": "20240302002000"},
            "payment_says": {"payTime": "20240301235000", "appTime": "20240302002000"},
            "inventory_says": {"declTime": "20240301"},
        },
    ),
    "DOLLARS": (
        "document-amount",
        {"order_says": {"currency": "502"}, "payment_says": {"amountPaid": "710"}},
    ),
    # Two of three declarations of one order are here.
    "PARTS": (
        "document-items",
        {
            "order_says": {"lines": 3, "price": "50"},
            "payment_says": {"amountPaid": "150"},
            "inventory_says": {"price": "50"},
        },
    ),
    "WITHDRAWN": ("document-missing", {"drop": ["payment"]}),
}


def _documents() -> list[Document]:
    documents: list[Document] = []
    for index in range(8):
        documents += shop(f"HONEST{index}", index)
        documents += [check(f"HONEST{index}", "pass")]
    for index, (rule, differing) in enumerate(_PLANTED.items(), 10):
        documents += shop(rule.upper().replace("-", "")[:18], index, differing)
    for index, (name, (_, differing)) in enumerate(_LOOK_ALIKE.items(), 20):
        documents += shop(name, index, differing)
    documents += [alias("OLDPAY", "NEWPAY")]
    documents += [[("enterprises", {"code": "FRIENDSHOP", "name": "平台FRIENDSHOP", "roles": "platform",
                                    "identityAuthenticated": "yes", "asOf": "2024-01-01"})]]  # fmt: skip
    # One payment for two orders: the payment says the sum, the 179 data says why.
    for no in range(DIFFERING):
        two = [("TOGETHER", f"{no:05d}"), ("TOGETHER", f"{no + 50:05d}")]
        documents += [raw_payment(f"T-TOGETHER-{no:05d}", two, "200")]
    documents += shop("TOGETHER", 30, {"payment_says": {"amountPaid": "200"}})
    index = [*_LOOK_ALIKE].index("PARTS") + 20
    for no in range(DIFFERING):
        part = {"price": "50", "cop": f"PARTS-{no:05d}-2"}
        others = ["order", "payment", "waybill"]
        documents += sale("PARTS", no, 100 * index + no, day=no, inventory_says=part, drop=others)
    # Sales that were taken back before anybody paid: customs accepted.
    for no in range(DIFFERING):
        documents += [cancel(f"{no:05d}", "WITHDRAWN")]
        documents += [receipt(f"X-WITHDRAWN-{no:05d}", "899", kind="CEB624")]
    # Payments and declarations that were wrong at first are no difference.
    for no, row in enumerate(sale("CHANGED", 900 + n, 3100 + n, day=n) for n in range(SALES)):
        if no < DIFFERING:
            says = {"payment_says": {"amountPaid": "7"}, "inventory_says": {"lines": 2}}
            wrong = sale("CHANGED", 900 + no, 3100 + no, day=no, **says)  # type: ignore[arg-type]
            documents += [_versioned(document, "1", "20240101000000") for document in wrong]
            documents += [_versioned(document, "2", "20240102000000") for document in row]
        else:
            documents += row
    # A merchant on three honest platforms, and one whom only one of two agents serves badly.
    for no in range(SALES):
        bad = {"inventory_says": {"lines": 2, "price": "50"}} if no < DIFFERING else {}
        documents += sale(
            f"HONEST{no % 3}", 500 + no, 3200 + no, day=no, merchant="BADMERCHANT", agent=f"A{no % 4}", **bad
        )  # type: ignore[arg-type]
        documents += sale(
            f"HONEST{3 + no % 3}", 600 + no, 3300 + no, day=no, merchant="SERVED", agent="BADAGENT", **bad
        )  # type: ignore[arg-type]
        documents += sale(f"HONEST{3 + no % 3}", 700 + no, 3400 + no, day=no, merchant="SERVED", agent="A1")
    # A shop of nineteen sales, all bad: too few to be judged.
    for no in range(19):
        documents += sale("TINY", no, 3500 + no, day=no, payment_says={"amountPaid": "1"})
    # Not long before the last day of the ledger: new, young, and with payments that may still come.
    for no in range(SALES):
        documents += sale("NEWSHOP", no, 3600 + no, day=80, drop=["payment"] if no < DIFFERING else [])
    documents += [
        check("ROUND", "fail"),
        check("ROUND", "fail", what="goods_shipped"),
        check("ROUND", "pass", what="licence_valid"),
        check("GIFT", "fail"),
        check("GIFT", "pass", at="2024-03-01T10:00:00"),
        check("CUTOFF", "unknown"),
        check("CUTOFF", "not_applicable", what="licence_valid"),
        check("CUTOFF", "pass", what="can_purchase"),
        check("MERGED", "pass", at="2021-01-01T10:00:00"),
        check("TOGETHER", "fail"),
        check("TOGETHER", "unknown", at="2024-03-01T10:00:00"),
    ]
    return documents


def _versioned(document: Document, kind: str, at: str) -> Document:
    return [(name, {**row, "appType": kind, "appTime": at}) for name, row in document]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        yield office


def planted(rule: str) -> str:
    return rule.upper().replace("-", "")[:18]


@pytest.mark.parametrize("rule", sorted(_PLANTED))
def test_a_planted_platform_is_found_with_its_sales(office: Office, rule: str) -> None:
    finding = office.found(rule)[planted(rule)]
    assert finding.subject == {"kind": "Platform", "key": planted(rule), "name": f"平台{planted(rule)}"}
    assert finding.evidence["ids"] == [f"{planted(rule)}|{no:05d}" for no in range(DIFFERING)]
    assert (finding.evidence["count"], finding.numbers["differing"]["value"]) == (DIFFERING, DIFFERING)
    assert finding.severity in ("medium", "high")
    assert "30.0%" in finding.reason["en"]
    assert "30.0%" in finding.reason["zh"]


def test_one_cause_gives_one_finding_and_partners_stay_silent(office: Office) -> None:
    """Of items: the planted platform, the merchant on three platforms, and the agent of one merchant."""
    found = office.found("document-items")
    assert {key: finding.subject["kind"] for key, finding in found.items()} == {
        "DOCUMENTITEMS": "Platform",
        "BADMERCHANT": "Merchant",
        "BADAGENT": "Agent",
    }
    assert [part["key"] for part in found["BADAGENT"].members] == ["SERVED"]
    for rule in sorted(_PLANTED.keys() - {"document-items"}):
        assert list(office.found(rule)) == [planted(rule)], rule


@pytest.mark.parametrize("platform", [*sorted(_LOOK_ALIKE), "TOGETHER", "CHANGED", "NEWSHOP"])
def test_look_alikes_of_documents_are_left_alone(office: Office, platform: str) -> None:
    assert [
        f.rule for f in office.casebook.findings() if f.subject["key"] == platform and "document-" in f.rule
    ] == []


def test_too_few_sales_are_not_judgeable(office: Office) -> None:
    finding = office.found("document-amount")["DOCUMENTAMOUNT"]
    assert "TINY" not in office.found("document-amount")
    tiny = office.graph.read("MATCH (p:Platform {code: 'TINY'}) RETURN p.platform_amount_differing AS n")
    assert tiny == [{"n": 19}]
    assert finding.denominator["judgeable"] < finding.denominator["looked_at"]


def test_failed_checks(office: Office) -> None:
    found = office.found("platform-failed-checks")
    assert {key: finding.severity for key, finding in found.items()} == {"ROUND": "medium", "TOGETHER": "low"}
    assert found["ROUND"].numbers["failed_checks"] == {"value": "can_login, goods_shipped", "unit": "text"}
    # Judged are those of whom a check says anything; a platform never checked is not judged.
    assert found["ROUND"].denominator == {"looked_at": 28, "judgeable": 13, "found": 2}


def test_unverified(office: Office) -> None:
    found = office.found("platform-unverified")
    assert {"FRIENDSHOP", "TINY", "CHANGED", "MERGED"} <= found.keys()
    assert not {"NEWSHOP", "ROUND", "GIFT", "HONEST0"} & found.keys()
    assert found["MERGED"].numbers["since_when"]["value"] == "since its last check"
    assert {finding.severity for finding in found.values()} == {"low"}


def test_the_query_of_a_finding_shows_the_same(office: Office) -> None:
    for finding in office.casebook.findings():
        (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
        assert row["subject"] == finding.subject["key"]
        shown = {name: number["value"] for name, number in finding.numbers.items()}
        for name, value in shown.items():
            same = value if isinstance(value, str) else pytest.approx(value, rel=1e-8)
            assert row[name] == same, (finding.rule, name)
        every = office.graph.read(finding.evidence["query"])
        assert len(every) == finding.evidence["count"], finding.rule
        assert office.graph.read(finding.picture), finding.rule  # type: ignore[arg-type]


def test_findings_stand_in_the_graph(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (f:Finding)-[:ABOUT {role: 'subject'}]->(s) "
        "RETURN f.id AS id, s.code AS subject, f.severity AS severity"
    )
    assert {(row["id"], row["subject"], row["severity"]) for row in rows} == {
        (finding.id, finding.subject["key"], finding.severity) for finding in office.casebook.findings()
    }


def test_no_personal_value_is_in_what_detection_writes(office: Office) -> None:
    derived, _ = office.casebook.derived()
    text = repr(derived) + repr(office.casebook.findings())
    for who in (0, 100, 9999):
        identity, _, phone, address = person(who)
        assert not any(value in text for value in (identity, phone, address))
