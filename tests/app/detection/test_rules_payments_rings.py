"""Rules about payment companies and rings, and what holds for every run of detection."""

import multiprocessing
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledger_documents import Document
from shops import Office, check, opened, sale
from sqlalchemy import select

from app.casebook.canonical import canonical
from app.casebook.models import Base
from app.casebook.store import Casebook
from app.detection.rulebook import rules_folder
from app.detection.run import detect
from app.errors import UnavailableError
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import Publisher
from loaders.ledger import Ledger

RING = [f"B{n}" for n in range(8)]
PEERS = {"P0": 1, "P1": 1, "P2": 2, "P3": 2, "P4": 3, "P5": 3, "P6": 3, "P7": 4, "P8": 4, "P9": 5}
DROP = ("waybill", "inventory")  # an office that is sent orders and payments alone
STOLEN, PEOPLE = 60, 700


def ring(platforms: list[str], first: int, chance: random.Random) -> list[Document]:
    """Twenty-five forged sales on each platform, of sixty stolen identities."""
    documents: list[Document] = []
    for platform in platforms:
        for no, who in enumerate(chance.sample(range(STOLEN), 25), first):
            documents += sale(platform, no, 5000 + who, day=no % 60, company="CBAD", drop=DROP)
    return documents


def shops() -> list[Document]:
    """A ring behind one small company, honest companies with one to six captives, one with many unchecked."""
    chance = random.Random(7)
    documents = ring(RING, 0, chance)
    documents += [check(platform, "fail") for platform in RING[:5]] + [check(RING[5], "pass")]
    captives = {f"S{n}": "CHONEST" for n in range(6)}
    captives |= {f"{company}-{n}": company for company, many in PEERS.items() for n in range(many)}
    for platform, company in captives.items():
        for no in range(20):
            settled = "WALLET" if no % 5 < 2 else company
            documents += sale(platform, no, chance.randrange(PEOPLE), day=no, company=settled, drop=DROP)
        documents += [check(platform, "fail" if platform == "S0" else "pass")]
    for shop in range(14):
        for no in range(20):
            documents += sale(f"W{shop}", no, chance.randrange(PEOPLE), day=no, company="CWATCH", drop=DROP)
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), shops()) as office:
        yield office


def state(casebook: Casebook) -> dict[str, Any]:
    """Every row of every table of a casebook."""
    with casebook.read() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in Base.metadata.tables.items()
        }


def shown(graph: Graph) -> list[str]:
    """Everything that detection could have written into the graph, and everything else."""
    nodes = graph.read(
        "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties, "
        "coalesce(n.code, n.key, n.id, n.value) AS key ORDER BY labels, key"
    )
    links = graph.read(
        "MATCH (a)-[r]->(b) RETURN type(r) AS type, properties(r) AS properties, "
        "coalesce(a.code, a.key, a.id) AS a, coalesce(b.code, b.key, b.id, b.value) AS b ORDER BY type, a, b"
    )
    return sorted(map(repr, nodes)) + sorted(map(repr, links))


def test_the_company_behind_the_ring_is_found_and_honest_ones_are_not(office: Office) -> None:
    found = office.found("payment-captive-platforms")
    assert list(found) == ["CBAD"]
    finding = found["CBAD"]
    assert [part["key"] for part in finding.members] == RING
    assert finding.numbers["flagged"]["value"] == 5
    assert finding.evidence["count"] == 8 * 25
    assert finding.severity == "critical"


def test_a_company_with_more_captives_than_its_peers_is_watched(office: Office) -> None:
    found = office.found("payment-watchlist")
    assert list(found) == ["CWATCH"]
    assert (found["CWATCH"].severity, len(found["CWATCH"].members)) == ("low", 14)


def test_the_ring_is_found_with_its_members_and_the_company_first(office: Office) -> None:
    (finding,) = office.found("ring-platforms").values()
    assert [part["key"] for part in finding.members] == RING
    assert finding.numbers["company"]["value"] == "CBAD"
    assert finding.numbers["flagged"]["value"] == 5
    assert "CBAD" in finding.reason["en"]
    assert "CBAD" in finding.reason["zh"]
    members = office.graph.read("MATCH (p)-[:MEMBER_OF]->(g:Community) RETURN p.code AS code ORDER BY code")
    assert [row["code"] for row in members] == RING


def test_documents_that_nobody_sends_here_are_not_missing(office: Office) -> None:
    (row,) = office.graph.read(
        "MATCH (p:Platform) "
        "RETURN sum(p.platform_missing_judgeable) AS judgeable, "
        "sum(p.platform_missing_differing) AS differing"
    )
    assert row["judgeable"] > 0
    assert row["differing"] == 0
    assert office.found("document-missing") == {}


def test_findings_come_gravest_first(office: Office) -> None:
    rules = [finding.rule for finding in office.casebook.findings(severity="high")]
    assert set(rules[:2]) == {"payment-captive-platforms", "ring-platforms"}


def test_a_second_run_changes_nothing(office: Office) -> None:
    before = state(office.casebook), shown(office.graph)
    report = office.detect()
    assert (state(office.casebook), shown(office.graph)) == before
    assert {rule.new + rule.changed + rule.gone + rule.back for rule in report.rules.values()} == {0}


def test_the_same_inputs_give_the_same_results(office: Office, tmp_path: Path) -> None:
    fresh = Casebook.open(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    detect(office.desk.ledger, fresh, office.graph, publish=Publisher(fresh, office.graph))
    results = [
        [canonical({**one.as_dict(), "graph_version": None}) for one in book.findings()]
        for book in (office.casebook, fresh)
    ]
    assert results[0] == results[1]
    assert len(results[0]) > 5


def test_rules_can_be_run_alone_and_bring_what_they_need(office: Office, tmp_path: Path) -> None:
    fresh = Casebook.open(f"sqlite:///{tmp_path / 'alone.sqlite'}")
    report = detect(
        office.desk.ledger, fresh, office.graph, publish=lambda: None, rules=["platform-failed-checks"]
    )
    assert list(report.rules) == ["platform-failed-checks"]
    assert len(fresh.findings()) == 6


def test_every_rule_can_be_run_alone(office: Office) -> None:
    """What steps take from rules outside the run is there, and the others' numbers stay in the graph."""
    before = shown(office.graph)
    seq = office.casebook.seq()
    for rule in ("payment-watchlist", "document-amount"):
        report = office.detect(rules=[rule])
        assert (report.rules[rule].new, report.rules[rule].gone, report.casebook_seq) == (0, 0, seq)
    assert shown(office.graph) == before


def test_flags_of_a_rule_that_is_not_live_act_on_nothing(office: Office, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for path in rules_folder().glob("*.cypher"):
        text = re.sub(r"platform-failed-checks,? ?|  - platform-failed-checks\n", "", path.read_text("utf-8"))
        if path.stem == "platform-failed-checks":
            text = path.read_text("utf-8").replace("maturity: live", "maturity: shadow")
        (tmp_path / "rules" / path.name).write_text(text, encoding="utf-8")
    fresh = Casebook.open(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    publish = Publisher(fresh, office.graph)
    report = detect(office.desk.ledger, fresh, office.graph, publish=publish, folder=tmp_path / "rules")
    found = {name: rule.found for name, rule in report.rules.items() if rule.found}
    assert found == {
        "payment-watchlist": 1,
        "platform-failed-checks": 6,
        "ring-platforms": 1,
    }
    assert [finding.severity for finding in fresh.findings(rule="ring-platforms")] == ["low"]
    Publisher(office.casebook, office.graph)()


def _run_and_be_killed(folder: Path, uri: str, user: str, password: str) -> None:
    casebook = Casebook.open(f"sqlite:///{folder / 'killed.sqlite'}")
    with Graph.connect(uri, user, password) as graph:
        ledger = Ledger.open(folder / "ledger")
        detect(ledger, casebook, graph, publish=Publisher(casebook, graph))


def test_killed_at_any_moment_and_run_again_the_end_is_the_same(
    office: Office, neo4j_server: EmbeddedServer
) -> None:
    folder = office.desk.folder
    found = neo4j_server.start()
    spawn = multiprocessing.get_context("spawn")
    started = time.monotonic()
    killed = 0
    for share in (0.45, 0.6, 0.75, 0.9, 1.0):
        process = spawn.Process(
            target=_run_and_be_killed, args=(folder, found.uri, found.user, found.password)
        )
        process.start()
        process.join(share * 6)
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.join()
        if time.monotonic() - started > 60:
            break
    assert killed
    casebook = Casebook.open(f"sqlite:///{folder / 'killed.sqlite'}")
    Publisher(casebook, office.graph)()
    detect(office.desk.ledger, casebook, office.graph, publish=Publisher(casebook, office.graph))
    results = [
        [canonical({**one.as_dict(), "graph_version": None}) for one in book.findings()]
        for book in (office.casebook, casebook)
    ]
    assert results[0] == results[1]
    after = state(casebook), shown(office.graph)
    detect(office.desk.ledger, casebook, office.graph, publish=Publisher(casebook, office.graph))
    assert (state(casebook), shown(office.graph)) == after
    # The graph is the office's own again.
    Publisher(office.casebook, office.graph)()


def test_more_data_updates_the_same_findings(office: Office) -> None:
    """Another platform joins the ring; later nobody has sold for a year."""
    (before,) = office.found("ring-platforms").values()
    captive = office.found("payment-captive-platforms")["CBAD"]
    office.load([*ring(["B8"], 100, random.Random(8)), check("B8", "fail")])
    report = office.detect()
    assert report.rules["ring-platforms"].changed == 1
    (after,) = office.found("ring-platforms").values()
    assert (after.id, after.subject["key"]) == (before.id, before.subject["key"])
    assert [part["key"] for part in after.members] == [*RING, "B8"]
    assert after.history[-1]["detail"]["joined"] == ["B8"]
    assert (after.first_seen, after.last_seen) == (before.first_seen, report.ledger_version)
    assert office.found("payment-captive-platforms")["CBAD"].id == captive.id
    assert office.found("payment-captive-platforms")["CBAD"].numbers["captives"]["value"] == 9

    gone = office.detect(as_of=date(2026, 1, 1)).rules["ring-platforms"]
    assert (gone.found, gone.gone) == (0, 1)
    assert office.found("ring-platforms") == {}
    back = office.detect().rules["ring-platforms"]
    assert (back.found, back.back) == (1, 1)
    assert office.casebook.finding(before.id).subject["key"] == before.subject["key"]


def test_a_graph_that_is_behind_says_so(office: Office) -> None:
    office.desk.load(*sale("LATE", 1, 1, drop=DROP))
    with pytest.raises(UnavailableError, match=r"The graph is at load \d+, the ledger at \d+"):
        office.detect()
    office.project()


def test_an_empty_and_a_too_small_population_are_not_judgeable(graph: Graph, tmp_path: Path) -> None:
    office = Office(tmp_path, graph)
    office.project()
    empty = office.detect()
    assert {(rule.looked_at, rule.judgeable, rule.found) for rule in empty.rules.values()} == {(0, 0, 0)}
    few: list[Document] = []
    for platform, amount in (("ONE", "100"), ("TWO", "100"), ("THREE", "50")):
        for no in range(30):
            few += sale(platform, no, no, payment_says={"amountPaid": amount})
    office.load(few)
    report = office.detect()
    rules = report.rules
    # What a person bought, and whether a number is used twice, can be told from any sale.
    alone = {"ring-platforms", "consumer-quota", "document-reused"}
    assert {name for name, rule in rules.items() if rule.judgeable} == alone
    assert sum(rule.found for rule in rules.values()) == 0
    assert rules["document-amount"].looked_at > 0
