"""Rules about what the payment authority replied, and about whose account payments end in."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from ledger_documents import Document
from shops import Office, check, opened, paid_into, reply, sale

from app.graph.server import EmbeddedServer

DROP = ("waybill", "inventory")
PEERS = [f"PEER{number}" for number in range(10)]
CAPTIVES = {company: [f"{company}-{n}" for n in range(6)] for company in ("CRAISED", "CLOWERED", "CPLAIN")}
SHARED = [f"SHARED{number}" for number in range(8)]
FLAGGED = [f"FLAGGED{number}" for number in range(8)]
SETTLED = {  # payment companies' own accounts: by the holder's code, by the register, by what is paid into it
    "CCODE": [f"CODE{number}" for number in range(8)],
    "CREGISTER0": [f"REGISTER{number}" for number in range(8)],
    "CUSE": [f"USE{number}" for number in range(8)],
}
MARKETS = [f"MARKET{number}" for number in range(8)]


def sells(platform: str, many: int, company: str = "WALLET", **more: str) -> list[Document]:
    """So many sales of a platform, each to somebody else."""
    return [
        document
        for no in range(many)
        for document in sale(
            platform, no, 10 * no + len(platform), day=no, company=company, drop=DROP, **more
        )
    ]


def replies(platform: str, results: list[str], company: str = "WALLET") -> list[Document]:
    """One reply a sale."""
    return [reply(platform, no, result, company=company) for no, result in enumerate(results)]


def asked() -> list[Document]:
    """Platforms that the authority was asked about: forged, honest, and those that only look forged."""
    documents = [*sells("FORGED", 5, "CFORGED"), *replies("FORGED", ["no_fund_flow"] * 4, "CFORGED")]
    for platform in PEERS:
        documents += [*sells(platform, 4), *replies(platform, ["genuine"] * 4)]
        documents += [paid_into(platform, 0, f"62170000{platform}")]
    documents += [*sells("MISTYPED", 8), *replies("MISTYPED", ["not_found", *["genuine"] * 7])]
    documents += [*sells("WRONG", 6), *replies("WRONG", ["wrong_number"] * 6)]
    documents += [*sells("ONCE", 4), *replies("ONCE", ["no_fund_flow"])]
    documents += [*sells("SUPERSEDED", 4), *replies("SUPERSEDED", ["not_found"] * 4)]
    documents += [reply("SUPERSEDED", no, "genuine", at="2024-03-09T10:00:00") for no in range(4)]
    documents += [*sells("TAKENBACK", 4), *replies("TAKENBACK", ["not_found"] * 4)]
    documents += [reply("TAKENBACK", no, "wrong_number", at="2024-03-09T10:00:00") for no in range(4)]
    documents += sells("CLEARED", 4)
    for no in range(4):  # known to the authority by the clearing institution's number alone
        number = f"CLEARING-{no}"
        documents += [
            paid_into("CLEARED", no, "62170000CLEARED", number=number),
            reply("CLEARED", no, "not_found", number=number, names_sale=False),
        ]
    return documents


def captives() -> list[Document]:
    """Three companies with six captives each, four of which failed a check; replies tell them apart."""
    documents: list[Document] = [check(f"SEEN{number:03d}", "pass") for number in range(200)]
    for company, platforms in CAPTIVES.items():
        for place, platform in enumerate(platforms):
            documents += [*sells(platform, 20, company), check(platform, "fail" if place < 4 else "pass")]
            documents += [paid_into(platform, 0, f"62170000{platform}", company=company)]
    first = CAPTIVES["CRAISED"][0]
    documents += replies(first, ["no_fund_flow"] * 12, "CRAISED")
    for platform in CAPTIVES["CLOWERED"]:
        documents += replies(platform, ["genuine"] * 6, "CLOWERED")
    return documents


def payees() -> list[Document]:
    """Accounts behind many sellers, and those that are so in honesty."""
    documents: list[Document] = []
    for account, platforms in (("62179999SHARED", SHARED), ("62179999FLAGGED", FLAGGED)):
        for platform in platforms:
            documents += [*sells(platform, 2), *(paid_into(platform, no, account) for no in range(2))]
    documents += [check(platform, "fail") for platform in FLAGGED]
    firm = {"code": "CREGISTER0", "name": "R", "roles": "payment", "bankAccount": "62178888REGISTER"}
    documents += [[("enterprises", {**firm, "asOf": "2024-01-01"})]]
    accounts = {"CCODE": "62178888CODE", "CREGISTER0": "62178888REGISTER", "CUSE": "62178888USE"}
    for company, platforms in SETTLED.items():
        through = company if company == "CUSE" else "WALLET"
        says = {"recpCode": "WALLET"} if company == "CCODE" else {}
        for platform in platforms:
            documents += sells(platform, 2, through)
            documents += [
                paid_into(platform, no, accounts[company], company=through, **says) for no in range(2)
            ]
    # A trader with one account on every market, who once is paid for what others of a market sold as well;
    # one market that collects for all its traders.
    for market in MARKETS:
        documents += [*sells(market, 1, merchant="TRADER"), paid_into(market, 0, "62177777TRADER")]
        documents += sale(market, 9, 9, merchant=f"BESIDE{market}", drop=DROP)
        documents += [paid_into(market, 9, "62177777TRADER")]
    for no in range(8):
        documents += sale("COLLECTS", no, no, merchant=f"M{no}", drop=DROP)
        documents += [paid_into("COLLECTS", no, "62177777COLLECTS")]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    documents = [*asked(), *captives(), *payees()]
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), documents) as office:
        assert office.desk.rows("SELECT reason FROM rejects") == []
        yield office


def value(office: Office, rule: str, subject: str, number: str) -> object:
    return office.found(rule)[subject].numbers[number]["value"]


def test_platforms_and_companies_whose_payments_are_refuted_are_found(office: Office) -> None:
    found = office.found("payment-refuted")
    assert set(found) == {"FORGED", "CFORGED", "CLEARED", "CRAISED", "CRAISED-0"}
    finding = found["FORGED"]
    numbers = {name: finding.numbers[name]["value"] for name in ("replies", "refuted", "genuine", "share")}
    assert numbers == {"replies": 4, "refuted": 4, "genuine": 0, "share": 1.0}
    assert finding.severity == "high"
    assert finding.evidence["count"] == 4
    assert all(identity.startswith("R-FORGED-") for identity in finding.evidence["ids"])
    assert "refutes 4" in finding.reason["en"]
    assert "4 笔不属实" in finding.reason["zh"]
    assert [part["key"] for part in found["CFORGED"].members] == ["FORGED"]


def test_mistakes_wrong_numbers_and_what_was_taken_back_stay_silent(office: Office) -> None:
    honest = {"MISTYPED", "WRONG", "ONCE", "SUPERSEDED", "TAKENBACK", "WALLET", *PEERS}
    assert honest & set(office.found("payment-refuted")) == set()
    rows = office.graph.read("MATCH (p:Platform) WHERE p.platform_replies > 0 RETURN p.code AS code")
    assert {row["code"] for row in rows} & {"WRONG", "TAKENBACK"} == set()  # nothing was said of them
    (row,) = office.graph.read(
        "MATCH (p {code: 'SUPERSEDED'}) RETURN p.platform_replies AS replies, p.platform_refuted AS refuted"
    )
    assert row == {"replies": 4, "refuted": 0}


def test_who_has_one_reply_cannot_be_judged(office: Office) -> None:
    denominator = office.found("payment-refuted")["FORGED"].denominator
    platforms = 10 + 4 + 6 + 1  # peers; mistyped, superseded, forged, cleared; CLOWERED's captives; CRAISED-0
    assert denominator["judgeable"] == platforms + 4  # WALLET, CFORGED, CRAISED, CLOWERED
    assert denominator["looked_at"] > 60


def test_a_reply_by_the_clearing_number_is_about_the_sale(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (r:PaymentReply)-[:ABOUT]->(t:Transaction)-[:ON]->({code: 'CLEARED'}) RETURN count(r) AS n"
    )
    assert rows == [{"n": 4}]


def test_replies_raise_and_lower_a_company_with_captives(office: Office) -> None:
    found = office.found("payment-captive-platforms")
    assert set(found) == set(CAPTIVES)
    severities = {company: finding.severity for company, finding in found.items()}
    assert severities == {"CRAISED": "critical", "CLOWERED": "medium", "CPLAIN": "high"}
    assert {finding.numbers["flag"]["value"] for finding in found.values()} == {"source control"}
    asked = {
        company: [finding.numbers[name]["value"] for name in ("replies", "refuted", "genuine")]
        for company, finding in found.items()
    }
    assert asked == {"CRAISED": [12, 12, 0], "CLOWERED": [36, 0, 36], "CPLAIN": [0, 0, 0]}
    scores = [found[company].score for company in ("CRAISED", "CPLAIN", "CLOWERED")]
    assert scores == sorted(scores, reverse=True)
    assert "refutes 12" in found["CRAISED"].reason["en"]
    (row,) = office.graph.read(
        "MATCH ({code: 'CRAISED-0'})-[c:CAPTIVE_TO]->() RETURN c.replies AS replies, c.flags AS flags"
    )
    assert row == {"replies": 12, "flags": ["joint management", "source control"]}


def test_one_account_behind_many_sellers_is_found_low_without_base_flags(office: Office) -> None:
    found = office.found("payment-payee-shared").values()
    members = {tuple(part["key"] for part in finding.members): finding for finding in found}
    assert set(members) == {tuple(SHARED), tuple(FLAGGED)}
    plain, flagged = members[tuple(SHARED)], members[tuple(FLAGGED)]
    assert (plain.severity, flagged.severity) == ("low", "high")
    assert plain.numbers["platforms"]["value"] == 8
    assert plain.evidence["count"] == 16
    assert plain.evidence["ids"][0] == "SHARED0|00000"
    assert flagged.numbers["flagged"]["value"] == 8


def test_the_account_itself_is_never_shown(office: Office) -> None:
    for finding in office.found("payment-payee-shared").values():
        told = repr(finding.as_dict())
        assert "62179999" not in told
        assert finding.numbers["account"]["value"].startswith("***")
        assert "同一账户" in finding.reason["zh"]


def test_settlement_accounts_traders_and_markets_are_left_alone(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (a:BankAccount) WHERE a.payee_platforms >= 8 OR a.payee_sales >= 8 "
        "RETURN a.payee_sellers AS sellers, coalesce(a.payee_settlement, false) AS settlement"
    )
    told = sorted((row["sellers"], row["settlement"]) for row in rows)
    assert told == [(1, False), (1, False), (8, False), (8, False), (8, True), (8, True), (8, True)]


def test_where_nobody_was_asked_nothing_is_judgeable(neo4j_server: EmbeddedServer, tmp_path: Path) -> None:
    few = [*sells("FEW", 3), *sells("OTHER", 3), *(paid_into("FEW", no, f"6217{no}") for no in range(3))]
    one = [reply("FEW", 0, "no_fund_flow"), reply("OTHER", 0, "wrong_number")]
    rules = ["payment-refuted", "payment-payee-shared"]
    with opened(neo4j_server, tmp_path, [*few, *one], rules) as office:
        for rule in rules:
            assert office.found(rule) == {}
            (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
            assert run["judgeable"] == 0
            assert run["looked_at"] > 0


def test_a_reply_counts_when_its_payment_comes_and_a_later_one_changes_the_finding(
    neo4j_server: EmbeddedServer, tmp_path: Path
) -> None:
    told = replies("LATE", ["no_fund_flow"] * 3, "CLATE")
    rules = ["payment-refuted"]
    with opened(neo4j_server, tmp_path, [*sells("FEW", 3), *told], rules) as office:
        assert office.found("payment-refuted") == {}
        office.load(sells("LATE", 3, "CLATE"))
        office.detect(rules=rules)
        assert set(office.found("payment-refuted")) == {"LATE", "CLATE"}
        office.load(
            [reply("LATE", no, "genuine", company="CLATE", at="2024-04-01T10:00:00") for no in range(2)]
        )
        office.detect(rules=rules)
        assert office.found("payment-refuted") == {}
        history = [
            entry["change"]
            for finding in office.casebook.findings(rule="payment-refuted", present=None)
            for entry in finding.history
        ]
        assert history == ["found", "gone"] * 2


def test_checks_after_the_last_sale_count_as_of_their_day(
    neo4j_server: EmbeddedServer, tmp_path: Path
) -> None:
    told = check("LATE", "fail", at="2025-06-01T10:00:00")
    with opened(neo4j_server, tmp_path, [*sells("LATE", 3, "CLATE"), told]) as office:
        assert office.found("platform-failed-checks") == {}
        office.detect(as_of=date(2025, 6, 1))
        assert set(office.found("platform-failed-checks")) == {"LATE"}
