"""Rules about the personal limit and about locked names: planted cases found, look-alikes left alone."""

from collections.abc import Iterator
from datetime import date

import pytest
from ledger_documents import Document
from quota_documents import buys, cancels, returns
from shops import Office, opened, person, sale

from app.graph.server import EmbeddedServer
from app.supervision.protection import consumer_key, lift, protect

SHOPS = [f"HONEST{index}" for index in range(8)]
BIG, CANCELLED, RETURNED, PARTLY, LATE, REFUSED, SINGLE, ONE_ITEM, PENDING = range(900, 909)
SPREAD, ONE_SHOP, ONE_MERCHANT, LOCKED, WATCHED = range(950, 955)
OVER_ANNUAL = "1313,订购人购买超过年度限额,超过个人年度购买额度;totalPrice：26,114.44 > limitPrice: 26,000;"


def _seven(who: int, **last: object) -> list[Document]:
    """Seven sales of CNY 4,000 on seven shops; the seventh may differ."""
    documents: list[Document] = []
    for no in range(7):
        documents += buys(SHOPS[no], who, who, day=no, **(last if no == 6 else {}))  # type: ignore[arg-type]
    return documents


def _documents() -> list[Document]:
    documents: list[Document] = []
    for index, shop in enumerate(SHOPS):
        for no in range(30):
            documents += sale(shop, no, 30 * index + no, day=no)
    for who in (BIG, CANCELLED, RETURNED, PARTLY, LATE):
        documents += _seven(who)
    documents += _seven(REFUSED, status="100")
    documents += _seven(PENDING, status=None)
    documents += cancels(SHOPS[6], CANCELLED)
    documents += returns(SHOPS[6], RETURNED, 2)
    documents += returns(SHOPS[6], PARTLY, 1)
    documents += returns(SHOPS[6], LATE, 2, when="20240601100000")
    documents += buys(SHOPS[0], SINGLE, SINGLE, price="3000")
    documents += buys(SHOPS[0], ONE_ITEM, ONE_ITEM, price="6000", lines=1)
    # Twenty-five people, each driven near the limit by one platform; the same, a third taken back; too few.
    for shop, people, taken_back in (("DRIVER", 25, 0), ("TAKESBACK", 25, 2), ("SMALLDRIVER", 9, 0)):
        for index in range(people):
            who = {"DRIVER": 1000, "TAKESBACK": 1100, "SMALLDRIVER": 1200}[shop] + index
            for part in range(6):
                no = 100 * index + part
                documents += buys(shop, no, who, day=part, price="2050")
                documents += cancels(shop, no) if part < taken_back else []
    # Refused because of the limit: ten people once, one on seven shops, one in one shop, one by one merchant.
    refused = {"status": "100", "info": OVER_ANNUAL, "price": "50"}
    for index in range(10):
        documents += buys(SHOPS[index % 8], 500 + index, 500 + index, **refused)  # type: ignore[arg-type]
    for no in range(7):
        documents += buys(SHOPS[no], SPREAD, SPREAD, day=no, **refused)  # type: ignore[arg-type]
        documents += buys(SHOPS[0], 600 + no, ONE_SHOP, day=no, **refused)  # type: ignore[arg-type]
        documents += buys(SHOPS[no], ONE_MERCHANT, ONE_MERCHANT, day=no, merchant="CHAIN", **refused)  # type: ignore[arg-type]
    for no in range(6):
        documents += buys(SHOPS[no], 700, LOCKED, day=10 * no, price="50")
        documents += buys(SHOPS[no], 701, WATCHED, day=10 * no, price="50")
    documents += buys(SHOPS[6], 702, 801, day=25, price="50", declared_for=LOCKED)
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        assert office.found("consumer-locked") == {}
        common = {"why": "asked for it at the counter", "by": "officer 7", "on": date(2024, 1, 1)}
        # Sales are declared on the day after 8 January 2024 and every tenth day from then on.
        lock = protect(
            office.casebook,
            key(office, LOCKED),
            "locked",
            since=date(2024, 1, 15),
            until=None,
            **common,  # type: ignore[arg-type]
        )
        lift(office.casebook, lock.number, day=date(2024, 2, 18), **common)  # type: ignore[arg-type]
        protect(
            office.casebook,
            key(office, WATCHED),
            "watched",
            since=date(2024, 1, 1),
            until=None,
            **common,  # type: ignore[arg-type]
        )
        office.detect()
        yield office


def key(office: Office, who: int) -> str:
    return consumer_key(office.desk.keys, person(who)[0])


def test_who_is_over_the_annual_limit_is_found_with_every_sale_that_counts(office: Office) -> None:
    finding = office.found("consumer-quota")[key(office, BIG)]
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["used"], numbers["limit"], numbers["year"]) == ("28000.00", "26000.00", 2024)
    assert (numbers["sales"], numbers["over_single"], numbers["given_back"]) == (7, 0, "0.00")
    assert finding.evidence["ids"] == [f"{shop}|{BIG:05d}" for shop in SHOPS[:7]]
    assert finding.severity == "medium"
    assert "CNY 28000.00 of CNY 26000.00 (108%)" in finding.reason["en"]
    assert "28000.00 元" in finding.reason["zh"]
    known = office.graph.read(
        "MATCH (c:Consumer {key: $key}) RETURN c.quota_years AS years, c.quota_used_e5 AS used",
        key=key(office, BIG),
    )
    assert known == [{"years": [2024], "used": [2_800_000_000]}]


def test_who_returned_too_late_or_waits_for_an_answer_is_over_it_too(office: Office) -> None:
    found = office.found("consumer-quota")
    assert found[key(office, LATE)].numbers["used"]["value"] == "28000.00"
    assert found[key(office, PENDING)].numbers["used"]["value"] == "28000.00"


@pytest.mark.parametrize("who", [CANCELLED, RETURNED, PARTLY, REFUSED, ONE_ITEM])
def test_what_was_given_back_or_never_accepted_is_left_alone(office: Office, who: int) -> None:
    assert key(office, who) not in office.found("consumer-quota")


def test_several_items_above_the_single_limit_are_told_low(office: Office) -> None:
    finding = office.found("consumer-quota")[key(office, SINGLE)]
    assert finding.severity == "low"
    assert finding.numbers["over_single"]["value"] == 1
    assert finding.evidence["ids"] == [f"{SHOPS[0]}|{SINGLE:05d}"]


def test_nobody_else_is_over_a_limit(office: Office) -> None:
    assert office.found("consumer-quota").keys() == {key(office, who) for who in (BIG, LATE, PENDING, SINGLE)}
    finding = office.found("consumer-quota")[key(office, BIG)]
    declared = "SELECT DISTINCT coalesce(declared_consumer_key, consumer_key) FROM transactions"
    people = office.desk.rows(declared)
    assert finding.denominator["judgeable"] == len(people)
    assert finding.denominator["found"] == 4


def test_a_platform_that_drives_people_to_the_limit_is_found(office: Office) -> None:
    found = office.found("consumer-quota-exhausted")
    finding = found["DRIVER"]
    assert finding.subject["kind"] == "Platform"
    assert finding.numbers["exhausted"]["value"] == finding.numbers["identities"]["value"] == 25
    assert (finding.evidence["count"], len(finding.evidence["ids"])) == (150, 50)
    assert finding.severity == "low"  # nothing from outside the graph speaks against it
    assert "25 of 25 people (100.0 %)" in finding.reason["en"]
    assert "25 人中 25 人" in finding.reason["zh"]


def test_a_person_refused_on_platforms_that_are_nothing_to_each_other_is_found(office: Office) -> None:
    finding = office.found("consumer-quota-exhausted")[key(office, SPREAD)]
    assert finding.subject["kind"] == "Consumer"
    assert finding.numbers["platforms"]["value"] == finding.numbers["refusals"]["value"] == 7
    assert finding.evidence["ids"] == [f"{shop}|{SPREAD:05d}" for shop in SHOPS[:7]]
    assert "7 sales were refused" in finding.reason["en"]
    assert "7 单" in finding.reason["zh"]


def test_cancels_one_shop_one_merchant_and_few_people_are_left_alone(office: Office) -> None:
    """Platforms whose goods were taken back, who tries again where he was, a chain, nine people."""
    assert office.found("consumer-quota-exhausted").keys() == {"DRIVER", key(office, SPREAD)}
    (small,) = office.graph.read(
        "MATCH (p:Platform {code: 'SMALLDRIVER'}) "
        "RETURN p.quota_identities AS people, p.quota_exhausted AS at"
    )
    assert small == {"people": 9, "at": 9}
    finding = office.found("consumer-quota-exhausted")["DRIVER"]
    assert finding.denominator["judgeable"] == finding.denominator["looked_at"] - 1


def test_what_is_declared_in_a_locked_name_is_found_at_once(office: Office) -> None:
    found = office.found("consumer-locked")
    assert found.keys() == {key(office, LOCKED)}  # one that is only watched is not among them
    finding = found[key(office, LOCKED)]
    # On days 10, 20 and 30, and once more where the order named somebody else; not before, not once lifted.
    assert finding.evidence["ids"] == ["HONEST1|00700", "HONEST2|00700", "HONEST3|00700", "HONEST6|00702"]
    assert finding.severity == "high"
    assert finding.numbers["last_day"]["value"] == "2024-02-08"
    assert "2024-01-15" in finding.reason["en"]
    assert "2024-01-15" in finding.reason["zh"]


def test_protection_stands_in_the_graph(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (c:Consumer) WHERE c.locked_from IS NOT NULL OR c.watched_from IS NOT NULL "
        "RETURN c.key AS key, c.locked_from AS locked, c.locked_to AS last, c.watched_to AS watched"
    )
    assert {row["key"]: (row["locked"], row["last"], row["watched"]) for row in rows} == {
        key(office, LOCKED): (["2024-01-15"], ["2024-02-17"], None),
        key(office, WATCHED): (None, None, ["9999-12-31"]),
    }


def test_the_query_of_a_finding_shows_the_same(office: Office) -> None:
    for rule in ("consumer-quota", "consumer-quota-exhausted", "consumer-locked"):
        for finding in office.found(rule).values():
            (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
            assert row["subject"] == finding.subject["key"]
            assert len(office.graph.read(finding.evidence["query"])) == finding.evidence["count"]
            assert office.graph.read(finding.picture)  # type: ignore[arg-type]


def test_a_second_run_changes_nothing(office: Office) -> None:
    seq = office.casebook.seq()
    office.detect()
    assert office.casebook.seq() == seq


def test_nobody_is_judgeable_where_nothing_was_declared(
    neo4j_server: EmbeddedServer, tmp_path: object
) -> None:
    only_orders = [document for no in range(3) for document in sale("EMPTY", no, no, drop=["inventory"])]
    rules = ("consumer-quota", "consumer-quota-exhausted", "consumer-locked")
    with opened(neo4j_server, tmp_path, only_orders, rules) as empty:  # type: ignore[arg-type]
        report = empty.detect(rules=rules).rules
    for rule in rules:
        assert (report[rule].judgeable, report[rule].found) == (0, 0)
