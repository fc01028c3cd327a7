"""Rules about enterprises by the register: one control behind several, and who is too large too soon."""

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledger_documents import Document
from shops import Office, check, opened, sale

from app.graph.server import EmbeddedServer

RULES = ("enterprise-shared-control", "enterprise-new-and-large")
AS_OF = date(2024, 4, 1)
DROP = ("waybill", "inventory")  # an office that is sent orders and payments alone


def code(name: str) -> str:
    """A code of ten characters."""
    return f"{name:0<10}"


def firm(name: str, roles: str = "platform;merchant", **says: Any) -> Document:
    """An entry of the register."""
    row = {"code": code(name), "name": f"企业{name}", "roles": roles, "asOf": "2024-01-01"}
    return [("enterprises", {**row, **{key: str(value) for key, value in says.items()}})]


def control() -> list[Document]:
    """A chain of firms under one control, and firms that only have the same agent, park, host or namesake."""
    person = "11010119800101{:04d}".format
    at_agent = {"registeredAddress": "上海市浦东新区洋山路1号", "telephone": "02112345678"}
    in_park = {"registeredAddress": "郑州市航空港区园区路9号", "ipAddress": "198.51.100.7"}
    in_cluster = {
        "registeredAddress": "宁波市北仑区保税东路3号",
        "telephone": "057412345678",
        "ipAddress": "198.51.100.8",
    }
    return [
        # A and B share legal person and bank account, B and C telephone and website; C failed its checks.
        firm("CHA", legalRepresentative="甲", legalRepresentativeId=person(1), bankAccount="622200000000001"),
        firm("CHB", legalRepresentative="甲", legalRepresentativeId=person(1), bankAccount="622200000000001",
             telephone="02012345678", siteDomain="chain.example"),
        firm("CHC", telephone="02012345678", siteDomain="Chain.example"),
        firm("CHD", telephone="02012345678"),  # shares one kind alone
        *(check(code("CHC"), "fail", what=what) for what in ("can_login", "can_register", "goods_shipped")),
        # A family of firms without a flag.
        firm("FAA", legalRepresentativeId=person(2), bankAccount="622200000000002"),
        firm("FAB", legalRepresentativeId=person(2), bankAccount="622200000000002"),
        # An agent's clients, with its address and telephone; one failed a check.
        firm("AG", "agent", **at_agent),
        *(firm(f"CL{no}", domesticAgent=code("AG"), **at_agent) for no in range(4)),
        check(code("CL0"), "fail"),
        # A small park with its own server: address and IP address; a large one registers firms by cluster.
        *(firm(f"PK{no}", **in_park) for no in range(4)),
        check(code("PK0"), "fail"),
        *(firm(f"BIG{no}", **in_cluster) for no in range(12)),
        check(code("BIG0"), "fail"),
        # Namesakes with one IP address.
        firm("NAA", legalRepresentative="王伟", ipAddress="198.51.100.9"),
        firm("NAB", legalRepresentative="王伟", ipAddress="198.51.100.9"),
        check(code("NAA"), "fail"),
        *(check(code(name), "pass") for name in ("CHA", "CHB", "FAA", "FAB")),
    ]  # fmt: skip


def grown() -> list[Document]:
    """Thirty platforms that have sold the more the older and the larger they are, and four that differ."""
    chance = random.Random(3)
    documents: list[Document] = []
    sellers = []
    for no in range(30):
        size = no / 29
        age, capital = int(300 * math.exp(3 * size)), int(300_000 * math.exp(4 * size)) // 1000 * 1000
        sellers.append((f"G{no:02d}", round(22 * math.exp(1.2 * size + chance.gauss(0, 0.1))), age, capital))
    sellers += [
        ("YOUNG", 400, 60, 100_000),  # new, small and large
        ("OLD", 400, 9_000, 500_000),
        ("RICH", 400, 200, 900_000_000),
        ("SMALL", 21, 60, 100_000),
    ]
    for name, sales, age, capital in sellers:
        documents += [firm(name, registeredAt=AS_OF - timedelta(days=age), registeredCapital=capital)]
        for no in range(sales):
            documents += sale(code(name), no, no % 700, day=no % 80, drop=DROP)
    documents += [
        document for no in range(600) for document in sale("UNKNOWN", no, no, day=no % 80, drop=DROP)
    ]
    documents += [check(code("YOUNG"), "fail"), *(check(code(f"G{no:02d}"), "pass") for no in range(30))]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), control() + grown()) as office:
        assert office.desk.rows("SELECT reason FROM rejects") == []
        yield office


def denominator(office: Office, rule: str) -> tuple[int, int, int]:
    (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
    return run["looked_at"], run["judgeable"], run["found"]


def test_firms_under_one_control_are_found_with_the_member_that_is_flagged(office: Office) -> None:
    (finding,) = office.found("enterprise-shared-control").values()
    assert [part["key"] for part in finding.members] == [code(name) for name in ("CHA", "CHB", "CHC")]
    assert {part["kind"] for part in finding.members} == {"Platform"}
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["enterprises"], numbers["attributes"], numbers["flagged_members"]) == (3, 4, 1)
    assert numbers["shared_kinds"] == "bank account × 1, legal person × 1, telephone × 1, website × 1"
    assert numbers["flagged_names"] == code("CHC")
    assert finding.severity == "low"  # one of three, where one of five failed: chance
    assert finding.evidence["ids"] == [code(name) for name in ("CHA", "CHB", "CHC")]
    assert code("CHC") in finding.reason["en"]
    assert code("CHC") in finding.reason["zh"]


def test_agents_parks_hosts_and_namesakes_join_nobody(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (e)-[:MEMBER_OF]->(g:Community {kind: 'enterprises'}) "
        "WITH g, e ORDER BY e.code WITH g, collect(e.code) AS codes "
        "RETURN codes, g.flagged AS flagged ORDER BY codes"
    )
    # A family of firms is a community without a base flag, and no finding.
    assert [(row["codes"], row["flagged"]) for row in rows] == [
        ([code("CHA"), code("CHB"), code("CHC")], 1),
        ([code("FAA"), code("FAB")], 0),
    ]


def test_two_members_with_flags_are_more_than_chance(office: Office) -> None:
    documents = [
        check(code(name), "fail", what="licence_valid", at="2024-02-01T10:00:00") for name in ("CHA", "CHB")
    ]
    office.load(documents)
    office.detect(rules=["enterprise-shared-control"])
    (finding,) = office.found("enterprise-shared-control").values()
    assert finding.numbers["flagged_members"]["value"] == 3
    assert finding.severity == "high"


def test_a_new_and_small_firm_that_sells_as_a_large_one_is_found(office: Office) -> None:
    found = office.found("enterprise-new-and-large")
    assert list(found) == [code("YOUNG")]
    finding = found[code("YOUNG")]
    assert (finding.subject["kind"], finding.severity) == ("Platform", "medium")
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["sales"], numbers["capital"], numbers["flags"]) == (400, "100000", 1)
    assert numbers["lift"] > 10
    assert finding.evidence["ids"] == [code("YOUNG")]
    assert "100000" in finding.reason["en"]
    assert "100000" in finding.reason["zh"]
    looked_at, judgeable, _ = denominator(office, "enterprise-new-and-large")
    assert looked_at > judgeable == 34  # one is in no register, and those that sell nothing


def test_without_a_register_or_with_few_firms_nothing_can_be_judged(
    neo4j_server: EmbeddedServer, tmp_path: Path
) -> None:
    documents = [document for no in range(25) for document in sale("UNKNOWN", no, no, drop=DROP)]
    with opened(neo4j_server, tmp_path / "none", documents, RULES) as office:
        assert denominator(office, "enterprise-new-and-large") == (1, 0, 0)
        assert denominator(office, "enterprise-shared-control")[1:] == (0, 0)
        office.load(
            [
                firm(
                    "ONE",
                    registeredAt="2024-01-01",
                    registeredCapital=1,
                    bankAccount="6222",
                    telephone="020111",
                )
            ]
        )
        office.detect(rules=RULES)
        assert denominator(office, "enterprise-new-and-large")[1:] == (0, 0)
        assert denominator(office, "enterprise-shared-control")[1:] == (0, 0)  # one firm shares nothing


def test_an_empty_office_has_nothing_to_judge(neo4j_server: EmbeddedServer, tmp_path: Path) -> None:
    with opened(neo4j_server, tmp_path, [check("P1", "pass")], RULES) as office:
        assert [denominator(office, rule)[1:] for rule in RULES] == [(0, 0), (0, 0)]
