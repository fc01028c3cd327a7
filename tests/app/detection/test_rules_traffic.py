"""Visits against cleared orders: far too few are found; no visits and later checks are left alone."""

from collections.abc import Iterator

import pytest
from ledger_documents import Document
from shops import Office, check, cleared, opened, sale

from app.graph.server import EmbeddedServer

SALES = 20
SEEN, LATER = "2024-02-10T10:00:00", "2024-03-01T10:00:00"


def shop(platform: str, index: int, sales: int = SALES) -> list[Document]:
    """Sales on consecutive days from 8 January 2024 on, all cleared."""
    documents: list[Document] = []
    for no in range(sales):
        documents += [*sale(platform, no, 100 * index + no, day=no + 10), cleared(platform, no)]
    return documents


def traffic(platform: str, result: str, at: str = SEEN, **says: str) -> Document:
    return check(platform, result, at=at, what="traffic_match", **says)


def _documents() -> list[Document]:
    names = ("FORGED", "PASSED", "HONEST", "BLIND", "MENDED", "BUSIER", "WORDS", "REGULARS", "AMONG")
    documents = [document for index, name in enumerate(names) for document in shop(name, index)]
    # Sold before the month that the visits are told of, or never cleared.
    for no in range(SALES):
        documents += sale("UNCLEARED", no, 2000 + no, day=no + 10)
    documents += shop("TINY", 30, sales=4)
    documents += sale("LAST", 0, 3000, day=80)  # until when the ledger looks
    return [
        *documents,
        traffic("FORGED", "fail", observed="12", expected="800"),
        # Whoever wrote the number down may have thought nothing of it.
        traffic("PASSED", "pass", observed="9"),
        traffic("HONEST", "pass", observed="1,100", expected="800"),
        traffic("BLIND", "unknown"),
        traffic("MENDED", "fail", observed="12"),
        traffic("MENDED", "pass", at=LATER),
        traffic("BUSIER", "fail", observed="12"),
        traffic("BUSIER", "unknown", at=LATER, observed="900"),
        traffic("WORDS", "fail", observed="nearly none"),
        # 120 visits may be what 20 regular customers make.
        traffic("REGULARS", "fail", observed="120"),
        traffic("AMONG", "not_applicable", observed="1"),
        traffic("UNCLEARED", "fail", observed="1"),
        traffic("TINY", "fail", observed="0"),
        traffic("UNSEEN", "fail", observed="0"),
    ]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        yield office


def test_visits_far_below_what_cleared_orders_need_are_found(office: Office) -> None:
    found = office.found("platform-traffic")
    assert set(found) == {"FORGED", "PASSED"}
    finding = found["FORGED"]
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["visits"], numbers["cleared_orders"], numbers["visits_needed"]) == (12, SALES, 800.0)
    # The lower end of the orders (12.6) times ten against the upper end of the visits (20.3).
    assert numbers["visits_needed_low"] == pytest.approx(126.4, abs=0.5)
    assert numbers["visits_high"] == pytest.approx(20.3, abs=0.5)
    assert finding.severity == "medium"
    assert finding.evidence["ids"] == [f"V-FORGED-traffic_match-{SEEN}"]
    assert "was visited 12 times" in finding.reason["en"]
    assert "访问量为 12 次" in finding.reason["zh"]


def test_no_visits_and_few_orders_are_not_judgeable(office: Office) -> None:
    (run,) = (run for run in office.casebook.runs() if run["rule"] == "platform-traffic")
    # Of twelve that sold and one that only was checked: those with visits on record and enough orders.
    assert (run["looked_at"], run["judgeable"]) == (13, 5)


def test_a_finding_shows_itself_again_when_its_query_is_pasted(office: Office) -> None:
    for finding in office.found("platform-traffic").values():
        (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
        assert row["subject"] == finding.subject["key"]
        assert len(office.graph.read(finding.evidence["query"])) == 1
        assert office.graph.read(finding.picture)  # type: ignore[arg-type]


def test_an_office_without_checks_judges_nobody(
    neo4j_server: EmbeddedServer, tmp_path: pytest.TempPathFactory
) -> None:
    with opened(neo4j_server, tmp_path, shop("ALONE", 1), ["platform-traffic"]) as office:  # type: ignore[arg-type]
        (run,) = (run for run in office.casebook.runs() if run["rule"] == "platform-traffic")
        assert (run["looked_at"], run["judgeable"], run["found"]) == (1, 0, 0)
