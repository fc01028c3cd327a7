"""Rules about documents pushed in bulk: planted cases are found, honest look-alikes are left alone."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from ledger_documents import Document, cancel, raw_payment, receipt
from shops import FIRST, Office, opened, person, sale

from app.graph.server import EmbeddedServer

SALES = 40
HONEST = [f"HONEST{n}" for n in range(8)]
PEOPLES_HOURS = [10, 12, 14, 16, 18, 19, 19, 20, 20, 20, 21, 21, 21, 22, 22, 23]
RULES = (
    "platform-accounts",
    "platform-bulk-documents",
    "document-one-sender",
    "document-reused",
    "document-identity-swapped",
)


def sender(code: str) -> dict[str, str]:
    """Who transmits a document."""
    return {"copCode": code, "dxpId": f"DXP{code}"}


def sender_id(code: str) -> str:
    return f"DXP{code} {code}"


def at(day: int, hour: int, minute: int, second: int = 0) -> str:
    return f"{FIRST + timedelta(days=day):%Y%m%d}{hour:02d}{minute:02d}{second:02d}"


def paid(platform: str, no: int, who: int, **changes: Any) -> list[Document]:
    """One sale as honest people make it: own account, people's hours, each document by who issues it."""
    chance = random.Random(f"{platform} {no}")
    day = changes.pop("day", no)
    says = {kind: changes.pop(f"{kind}_says", {}) for kind in ("order", "payment", "waybill", "inventory")}
    company = changes.get("company", "C0")
    return sale(
        platform,
        no,
        who,
        day=day,
        order_says={"buyerRegNo": f"u{who}", **sender(platform), **says["order"]},
        payment_says={
            "payTime": at(day, chance.choice(PEOPLES_HOURS), chance.randrange(60)),
            "payTransactionId": f"T{chance.randrange(10**12):012d}",
            **sender(company),
            **says["payment"],
        },
        waybill_says={**sender("L1"), **says["waybill"]},
        inventory_says={**sender("A1"), **says["inventory"]},
        **changes,
    )


def shop(
    platform: str, first: int, sales: int = SALES, people: int = 20, *, says: Callable[[int], dict[str, Any]]
) -> list[Document]:
    """Sales of one shop to some people in turn; `says` gives what is particular about each."""
    return [
        one
        for no in range(sales)
        for one in paid(platform, no, first + no % people, **{"day": no, **says(no)})
    ]


def accounts() -> list[Document]:
    documents = shop("FRESH", 1000, people=15, says=lambda no: {"order_says": {"buyerRegNo": f"new{no}"}})
    documents += shop(
        "SHARED", 1100, people=SALES, says=lambda no: {"order_says": {"buyerRegNo": f"{no % 2}"}}
    )
    for n in range(4):  # shops of one builder: who does not want an account gets a new one each time
        documents += shop(
            f"GUEST{n}",
            1200 + 20 * n,
            says=lambda no: {
                "order_says": {"buyerRegNo": f"guest{no}" if no % 5 else "u", **sender("BUILDER")}
            },
        )
    documents += shop(
        "FAMILY", 1300, people=SALES, says=lambda no: {"order_says": {"buyerRegNo": f"f{no // 5}"}}
    )
    documents += shop(
        "SECOND",
        1400,
        says=lambda no: {"order_says": {"buyerRegNo": "second"}} if no == 25 else {},
    )
    return documents


def bulk() -> list[Document]:
    night = random.Random(3)
    hours = [night.randrange(24) for _ in range(120)]

    def pushed(no: int) -> dict[str, Any]:
        """Running numbers at any hour of the day, half of them ten a minute."""
        day = no // 10 if no < 60 else no % 30
        when = at(day, hours[no // 10 if no < 60 else no], 7, no % 10)
        return {"day": day, "payment_says": {"payTime": when, "payTransactionId": f"B{no + 500:012d}"}}

    def dropped(hour: int) -> Callable[[int], dict[str, Any]]:
        """Every second payment within two minutes of the drop of a day, the others at people's hours."""
        return lambda no: (
            {"day": no // 20, "payment_says": {"payTime": at(no // 20, hour, no % 2, no % 20)}}
            if no % 20 < 12
            else {"day": no // 20}
        )

    documents = shop("BULK", 2000, sales=120, people=120, says=pushed)
    documents += shop("LIVE", 2200, sales=100, people=100, says=dropped(20))
    documents += shop("PRESALE", 2400, sales=100, people=100, says=dropped(0))
    documents += shop(
        "SEQUEL", 2600, people=SALES, says=lambda no: {"payment_says": {"payTransactionId": f"S{no:012d}"}}
    )
    # Submitted in one batch at the cut-off: when it was paid is what counts.
    documents += shop("BATCH", 2700, says=lambda _: {"payment_says": {"appTime": "20240301000000"}})
    # Five shops, each too small to be judged; the company that pushes their payments is not.
    for n in range(5):
        for no in range(20):
            number = 100 * (no // 4) + 4 * n + no % 4
            documents += paid(
                f"SMALL{n}", no, 2800 + 20 * n + no, day=no // 4, company="CBULK",
                payment_says={"payTime": at(no // 4, 3, 5, n), "payTransactionId": f"K{number:012d}"},
            )  # fmt: skip
    return documents


def senders() -> list[Document]:
    documents = shop(
        "SELF", 3000, sales=30, says=lambda _: {
            "company": "C1", "payment_says": sender("SELF"), "waybill_says": sender("SELF")
        },
    )  # fmt: skip
    for n in range(4):
        documents += shop(
            f"FORGED{n}", 3100 + 20 * n, sales=25,
            says=lambda _, n=n: {"company": f"C{n + 2}", "payment_says": sender("FORGER")},  # type: ignore[misc]
        )  # fmt: skip
        # A company and a carrier that have handed their documents to a gateway.
        documents += shop(
            f"HANDED{n}", 3300 + 20 * n, sales=25, says=lambda _: {
                "company": "CDEL",
                "order_says": sender("GATEWAY"),
                "payment_says": sender("GATEWAY"),
                "waybill_says": {**sender("GATEWAY"), "logisticsCode": "L2"},
                "inventory_says": {"logisticsCode": "L2"},
            },
        )  # fmt: skip
    documents += shop(
        "TINY", 3500, sales=19, says=lambda _: {"company": "C5", "payment_says": sender("ELSE")}
    )
    return documents


def numbered(payment: str | None = None, waybill: str | None = None) -> dict[str, Any]:
    """A sale with a number of its own choice."""
    says: dict[str, Any] = {}
    if payment:
        says["payment_says"] = {"payTransactionId": payment}
    if waybill:
        says["waybill_says"] = {"logisticsNo": waybill}
        says["inventory_says"] = {"logisticsNo": waybill}
    return says


def sent_on(day: int, waybill: str) -> dict[str, Any]:
    """A sale whose parcel went on its way that day."""
    says = numbered(waybill=waybill)
    says["waybill_says"]["appTime"] = at(day + 1, 9, 0)
    return {"day": day, **says}


def reused() -> list[Document]:
    documents = []
    for n, day in ((0, 10), (1, 12), (2, 11)):
        documents += paid(HONEST[n], 800, 4000 + n, day=day, **numbered(payment="AGAIN"))
    for n, day in ((3, 10), (4, 90)):
        documents += paid(HONEST[n], 801, 4010 + n, **sent_on(day, "PARCEL"))
        documents += paid(HONEST[n], 802, 4020 + n, **sent_on(day + 120 * (n == 4), "LATER"))
    for no in (803, 804):
        documents += paid(HONEST[5], no, 4030, day=20, **numbered(payment="TWOORDERS"))
    documents += [raw_payment("OTHERNUMBER", [(HONEST[5], "00803"), (HONEST[5], "00804")], "200")]
    for no in (805, 806):  # the first was taken back: its numbers are free
        documents += paid(HONEST[6], no, 4040, day=20, **numbered(payment="BACK", waybill="BACK"))
    documents += [cancel("00805", HONEST[6]), receipt(f"X-{HONEST[6]}-00805", "899", kind="CEB624")]
    return documents


_X, _Y = 5000, 5500
REFUSED_AT = "20240207120000000"


def cop(platform: str, no: int) -> str:
    return f"{platform[-10:]}-{no:05d}"


def buyer(who: int, **changes: str) -> dict[str, str]:
    identity, name, phone, _ = person(who)
    return {"buyerIdNumber": identity, "buyerName": name, "buyerTelephone": phone, **changes}


def refusal(platform: str, no: int, code: str = "1313") -> Document:
    """Customs refuses a declaration over its buyer."""
    info = f"[Code:{code};Desc:订购人购买超过年度限额]"
    return receipt(cop(platform, no), "100", REFUSED_AT, returnInfo=info)


def version(platform: str, no: int, who: int, when: str, kind: str, **of_buyer: str) -> list[Document]:
    """Order and declaration of a sale, submitted at a time, for a buyer."""
    says = {**buyer(who, **of_buyer), "appTime": when, "appType": kind}
    both = paid(
        platform, no, _Y + no, day=25, order_says=says, inventory_says=says, drop=["payment", "waybill"]
    )
    return both if kind == "2" else both + paid(platform, no, _Y + no, day=25, drop=["order", "inventory"])


def again(platform: str, no: int, first: dict[str, Any], then: dict[str, Any]) -> list[Document]:
    """Declared, refused, declared again; what differs between the two versions is the buyer."""
    documents = version(platform, no, when="20240207090000", kind="1", **first)
    return [
        *documents,
        refusal(platform, no),
        *version(platform, no, when="20240208090000", kind="2", **then),
    ]


def identities() -> list[Document]:
    documents: list[Document] = []
    for no in range(900, 906):
        second = _Y if no < 905 else _X
        documents += again("SWAPPER", no, {"who": _X + no}, {"who": second + no})
    for platform in HONEST:  # refused, and given up
        for no in (910, 911, 912):
            documents += [
                *version(platform, no, _X + no, "20240207090000", "1"),
                refusal(platform, no, "1327"),
            ]
    documents += again(HONEST[1], 920, {"who": _X}, {"who": _Y})
    slip = person(_X)[0][:-1] + "X"
    documents += again(HONEST[2], 921, {"who": _X, "buyerIdNumber": slip}, {"who": _X})
    # The wife orders what her husband was refused; somebody else orders the same at the same locker.
    home = {"consigneeTelephone": "13900000001", "consigneeAddress": "广东省广州市天河区某路9号"}
    locker = {"consigneeAddress": "广东省广州市天河区某路10号丰巢柜"}
    for platform, place in ((HONEST[3], home), (HONEST[4], locker)):
        to_place = {"order_says": place, "inventory_says": {"consigneeAddress": place["consigneeAddress"]}}
        documents += paid(platform, 930, _X + 1, day=25, **to_place)
        documents += [refusal(platform, 930)]
        later = {**to_place, "order_says": {**place, "appTime": "20240210090000"}}
        documents += paid(platform, 931, _X + 2, day=32, **later)
    for no in range(940, 945):
        documents += paid(HONEST[4], no, _X + no, day=30, order_says=locker)
    return documents


def _documents() -> list[Document]:
    documents: list[Document] = []
    for n, platform in enumerate(HONEST):
        documents += shop(platform, 100 * n, says=lambda _, n=n: {"company": f"C{n % 6}"})  # type: ignore[misc]
    return documents + accounts() + bulk() + senders() + reused() + identities()


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        assert office.desk.rows("SELECT reason FROM rejects") == []
        yield office


def test_accounts_that_are_not_those_of_people(office: Office) -> None:
    found = office.found("platform-accounts")
    assert set(found) == {"FRESH", "SHARED"}  # not the guests of a builder, a family, a second account
    fresh, shared = found["FRESH"], found["SHARED"]
    assert (fresh.numbers["sales"]["value"], fresh.numbers["differing"]["value"]) == (25, 25)
    assert (shared.numbers["sales"]["value"], shared.numbers["differing"]["value"]) == (SALES, SALES)
    assert (fresh.severity, shared.severity) == ("low", "low")
    assert "fresh account" in fresh.reason["en"]
    assert "新账号" in fresh.reason["zh"]
    assert "众多身份" in shared.reason["zh"]
    assert fresh.evidence["count"] == shared.evidence["count"] == SALES
    assert fresh.evidence["ids"] == [f"FRESH|{no:05d}" for no in range(SALES)]


def test_payments_made_in_bulk(office: Office) -> None:
    """A platform shows it; so does a company over shops that are too small; one sign alone does not count."""
    found = office.found("platform-bulk-documents")
    assert set(found) == {"BULK", sender_id("CBULK")}
    platform, company = found["BULK"], found[sender_id("CBULK")]
    assert (platform.subject["kind"], company.subject["kind"]) == ("Platform", "Sender")
    assert platform.numbers["payments"]["value"] == platform.evidence["count"] == 120
    assert platform.numbers["burst_share"]["value"] == 0.5
    assert platform.numbers["rhythm"]["value"] < 0
    assert "3 of three signs (bursts, no rhythm of the day, running numbers)" in platform.reason["en"]
    assert "集中爆发、无昼夜规律、流水号连续" in platform.reason["zh"]
    assert [part["key"] for part in company.members] == [f"SMALL{n}" for n in range(5)]
    assert company.evidence["count"] == 100
    assert (platform.severity, company.severity) == ("medium", "low")


def test_one_sign_alone_has_an_honest_reason(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (p:Platform) WHERE p.bulk_signs IS NOT NULL RETURN p.code AS code, p.bulk_signs AS s"
    )
    signs = {row["code"]: row["s"] for row in rows}
    assert signs["LIVE"] == signs["PRESALE"] == ["bursts"]
    assert signs["SEQUEL"] == ["numbers"]
    assert "BATCH" not in signs


def test_documents_pushed_by_who_did_not_issue_them(office: Office) -> None:
    found = office.found("document-one-sender")
    assert set(found) == {"SELF", sender_id("FORGER")}  # not the gateway, not nineteen sales
    alone, forger = found["SELF"], found[sender_id("FORGER")]
    assert alone.numbers["three"]["value"] == alone.numbers["differing"]["value"] == 30
    assert [part["key"] for part in alone.members] == [sender_id("SELF")]
    assert forger.numbers["three"]["value"] == 0
    assert [part["key"] for part in forger.members] == [f"FORGED{n}" for n in range(4)]
    assert forger.evidence["count"] == forger.numbers["differing"]["value"] == 100
    assert (alone.severity, forger.severity) == ("medium", "medium")
    assert "on 4 platforms" in forger.reason["en"]
    assert "涉及 4 家平台" in forger.reason["zh"]


def test_numbers_behind_several_sales(office: Office) -> None:
    found = office.found("document-reused")
    assert set(found) == {"HONEST0|00800", "HONEST3|00801"}
    three, two = found["HONEST0|00800"], found["HONEST3|00801"]
    assert [part["key"] for part in three.members] == ["HONEST1|00800", "HONEST2|00800"]
    assert three.evidence["ids"] == ["HONEST0|00800", "HONEST1|00800", "HONEST2|00800"]
    assert (three.severity, two.severity) == ("medium", "low")
    assert "payment number" in three.reason["en"]
    assert "运单号" in two.reason["zh"]


def test_declared_again_with_another_person(office: Office) -> None:
    """A merchant who does it, and single sales; not a slip of the pen, nor a parcel at the same locker."""
    found = office.found("document-identity-swapped")
    assert {key: (one.subject["kind"], one.severity) for key, one in found.items()} == {
        "SWAPPER": ("Merchant", "medium"),
        "HONEST1|00920": ("Transaction", "medium"),
        "HONEST3|00931": ("Transaction", "low"),
    }
    assert found["SWAPPER"].evidence["ids"] == [f"SWAPPER|{no:05d}" for no in range(900, 905)]
    assert "declared 5 of 6 sales" in found["SWAPPER"].reason["en"]
    assert "更换身份" in found["SWAPPER"].reason["zh"]
    assert "1313" in found["HONEST1|00920"].reason["en"]
    assert [part["key"] for part in found["HONEST3|00931"].members] == ["HONEST3|00930"]
    assert found["SWAPPER"].denominator["judgeable"] == 6 + 24 + 2 + 2


def test_the_query_of_a_finding_shows_the_same(office: Office) -> None:
    findings = [one for one in office.casebook.findings() if one.rule in RULES]
    assert len(findings) == 11
    for finding in findings:
        (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
        for name, number in finding.numbers.items():
            value = number["value"]
            same = value if isinstance(value, str) else pytest.approx(value, rel=1e-8)
            assert row[name] == same, (finding.rule, name)
        every = office.graph.read(finding.evidence["query"])
        assert len(every) == finding.evidence["count"], finding.rule
        assert office.graph.read(finding.picture), finding.rule  # type: ignore[arg-type]


def test_no_personal_value_is_in_what_detection_writes(office: Office) -> None:
    derived, _ = office.casebook.derived()
    text = repr(derived) + repr(office.casebook.findings())
    for who in (_X, _Y, _X + 1, _X + 2):
        identity, _, phone, address = person(who)
        assert not any(value in text for value in (identity, phone, address))
