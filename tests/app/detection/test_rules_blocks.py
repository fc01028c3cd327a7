"""Blocks of people who are together on the same platforms: found beside everybody else."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_documents import Document
from shops import Office, check, opened, sale

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer

SHOPS = [f"SHOP{n:02d}" for n in range(20)]
FAKE = [f"FAKE{n}" for n in range(5)]
NICHE = "NICHE"
DROP = ("waybill", "inventory")  # an office that is sent orders and payments alone
PEOPLE, BLOCK, LOYAL = range(400), range(1000, 1030), range(1100, 1120)


def _documents(*, block: bool = True) -> list[Document]:
    chance = random.Random(5)
    documents: list[Document] = []
    bought: list[tuple[int, str]] = [(who, shop) for who in PEOPLE for shop in chance.sample(SHOPS, 3)]
    bought += [(who, NICHE) for who in LOYAL for _ in range(5)]
    bought += [(who, shop) for who in LOYAL for shop in chance.sample(SHOPS, 2)]
    if block:
        bought += [(who, shop) for who in BLOCK for shop in chance.sample(FAKE, 4)]
        bought += [(who, chance.choice(SHOPS)) for who in BLOCK]
    for no, (who, shop) in enumerate(bought):
        documents += sale(shop, no, who, day=no % 90, drop=DROP)
    documents += [check(shop, "pass") for shop in (*SHOPS, NICHE)]
    documents += [check(shop, "fail") for shop in FAKE[:3]]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        yield office


def test_the_block_is_found_with_its_platforms_and_people(office: Office) -> None:
    """The loyal customers of a niche shop are no block."""
    (finding,) = office.found("ring-identities").values()
    assert [part["key"] for part in finding.members if part["kind"] == "Platform"] == FAKE
    people = {part["key"] for part in finding.members if part["kind"] == "Consumer"}
    block = {office.desk.keys.key_of("id", f"1:11010119900101{who:04d}") for who in BLOCK}
    assert people == block
    told = {name: number["value"] for name, number in finding.numbers.items()}
    assert (told["consumers"], told["platforms"], told["shared"]) == (30, 5, 120)
    assert told["lift"] > 3
    assert "30 identities are on 120 of the pairs" in finding.reason["en"]
    assert "30 个身份与 5 家平台" in finding.reason["zh"]


def test_base_flags_of_its_platforms_make_it_graver(office: Office) -> None:
    (finding,) = office.found("ring-identities").values()
    assert (finding.numbers["flagged"]["value"], finding.severity) == (3, "high")


def test_its_evidence_are_the_sales_of_its_people_on_its_platforms(office: Office) -> None:
    (finding,) = office.found("ring-identities").values()
    assert finding.evidence["count"] == 120
    assert {sale_id.split("|")[0] for sale_id in finding.evidence["ids"]} <= set(FAKE)
    assert len(office.graph.read(finding.evidence["query"])) == 120
    assert office.graph.read(finding.picture)
    assert len(office.graph.read(finding.query)) == 1


def test_more_people_are_counted_than_listed_and_the_block_keeps_its_id(office: Office) -> None:
    (before,) = office.found("ring-identities").values()
    late = [
        sale(shop, 9000 + 10 * who + no, 2000 + who, day=91, drop=DROP)
        for who in range(5)
        for no, shop in enumerate(FAKE)
    ]
    office.load([document for documents in late for document in documents])
    office.detect(rules=["ring-identities"])
    (after,) = office.found("ring-identities").values()
    assert (after.id, after.numbers["consumers"]["value"]) == (before.id, 35)
    node = office.graph.read(
        "MATCH (c:Consumer)-[m:MEMBER_OF]->(g:Community {kind: 'identities'}) "
        "RETURN g.consumers AS counted, count(m) AS linked"
    )
    assert node == [{"counted": 35, "linked": 35}]


def test_without_a_block_nothing_is_found_and_too_few_platforms_are_not_judgeable(
    graph: Graph, tmp_path: Path
) -> None:
    office = Office(tmp_path, graph)
    office.project()
    empty = office.detect(rules=["ring-identities"]).rules["ring-identities"]
    assert (empty.looked_at, empty.judgeable, empty.found) == (0, 0, 0)
    few: list[Document] = []
    for who in range(40):
        for no, shop in enumerate(FAKE):
            few += sale(shop, 100 * who + no, who, drop=DROP)
    office.load(few)
    small = office.detect(rules=["ring-identities"]).rules["ring-identities"]
    assert (small.looked_at, small.judgeable, small.found) == (5, 0, 0)
    office.load(_documents(block=False))
    honest = office.detect(rules=["ring-identities"]).rules["ring-identities"]
    assert honest.judgeable > 20
