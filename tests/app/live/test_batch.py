"""Small batches: local rules about whom new documents touched say what a full run says of these."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from ledger_documents import Document
from live_desk import desk_of, settings_for, written
from quota_documents import buys
from shops import check, cleared, person, sale

from app.casebook.findings import FindingRecord
from app.casework.outcomes import decide
from app.clues.status import readiness
from app.detection.local import local_rules
from app.detection.run import detect
from app.graph.server import EmbeddedServer
from app.live.batch import BroughtUp, Desk
from app.projection import Publisher, write_increment
from app.supervision.protection import consumer_key, protect
from loaders.projection.derived import keyed, read_shown

AT = datetime(2024, 6, 30, 8, tzinfo=UTC)
LOCKED, BIG, NEARLY = 700, 701, 702


def first_documents() -> list[Document]:
    documents: list[Document] = []
    for index, shop in enumerate(("FINE", "FAILED", "NEVER", "QUIET")):
        for no in range(6):
            documents += sale(shop, no, 10 * index + no, day=no)
    # The last day of sales stays the same when more arrive.
    documents += sale("LATE", 1, 900, day=60)
    for who, times in ((BIG, 7), (NEARLY, 6)):
        for no in range(times):
            documents += buys("FINE", 100 * who + no, who, day=no)
    documents += [check("FINE", "pass"), check("QUIET", "pass")]
    return documents


def later_documents() -> list[Document]:
    return [
        *buys("FINE", 100 * NEARLY + 50, NEARLY, day=20),
        *sale("FINE", 777, LOCKED, day=20),
        *sale("OTHER", 1, 901, day=20),
        check("FAILED", "fail"),
        check("QUIET", "fail", at="2024-02-20T10:00:00", what="traffic_match", observed="0"),
        *(cleared("QUIET", no) for no in range(6)),
    ]


@pytest.fixture
def desk(neo4j_server: EmbeddedServer, tmp_path: Path) -> Iterator[Desk]:
    with desk_of(settings_for(neo4j_server, tmp_path / "data")) as desk:
        arrive(desk, tmp_path, first_documents())
        all_rules(desk)
        key = consumer_key(desk.keys, person(LOCKED)[0])
        protect(
            desk.casebook, key, "locked", since=date(2024, 1, 1), until=None, why="lost", by="X", on=AT.date()
        )
        yield desk


def arrive(desk: Desk, folder: Path, documents: list[Document]) -> BroughtUp:
    desk.take(written(folder, documents), AT)
    done = desk.bring_up()
    assert done is not None
    return done


def all_rules(desk: Desk) -> None:
    graph, publish = desk.graph()
    detect(desk.ledger, desk.casebook, graph, publish=publish)


def of_local_rules(desk: Desk) -> dict[str, FindingRecord]:
    return {
        one.id: one for one in desk.casebook.findings(present=None) if one.rule in local_rules(desk.casebook)
    }


def failed_checks(desk: Desk) -> dict[str, FindingRecord]:
    return {one.subject["key"]: one for one in desk.casebook.findings(rule="platform-failed-checks")}


def said(one: FindingRecord) -> tuple[object, ...]:
    parts = (one.subject, one.members, one.severity, one.score, one.reason, one.numbers)
    return (*parts, one.denominator, one.evidence, one.query, one.present)


def test_local_rules_about_some_say_what_a_full_run_says(desk: Desk, tmp_path: Path) -> None:
    before = of_local_rules(desk)
    done = arrive(desk, tmp_path, later_documents())
    assert done.way == "increment"
    assert done.subjects is not None
    assert done.found >= 4
    local = of_local_rules(desk)
    new = {one.rule for one in local.values() if one.id not in before}
    assert new == {"consumer-quota", "consumer-locked", "platform-failed-checks", "platform-unverified"}
    fresh = {key for key, one in local.items() if key not in before or said(one) != said(before[key])}

    all_rules(desk)
    full = of_local_rules(desk)
    assert {key: said(full[key]) for key in fresh} == {key: said(local[key]) for key in fresh}
    assert {key: one.present for key, one in full.items()} == {key: one.present for key, one in local.items()}


def test_the_graph_shows_what_the_casebook_says(desk: Desk, tmp_path: Path) -> None:
    arrive(desk, tmp_path, later_documents())
    graph, publish = desk.graph()
    assert publish() == 0
    wanted, shown = keyed(desk.casebook.derived()[0]), read_shown(graph.driver)
    nodes = {node: told for node, told in wanted.nodes.items() if told}
    assert {node: told for node, told in shown.nodes.items() if told} == nodes
    assert shown.relationships == wanted.relationships


def test_what_no_longer_holds_goes(desk: Desk, tmp_path: Path) -> None:
    arrive(desk, tmp_path, later_documents())
    failed = failed_checks(desk)["FAILED"]
    done = arrive(desk, tmp_path, [check("FAILED", "pass", at="2024-03-01T10:00:00")])
    assert (done.gone, done.found) == (1, 0)
    assert not desk.casebook.finding(failed.id).present
    graph, _ = desk.graph()
    [row] = graph.read("MATCH (f:Finding {id: $id}) RETURN f.present AS present", id=failed.id)
    assert row["present"] is False


def test_the_service_is_ready_while_other_rules_wait_for_their_schedule(desk: Desk, tmp_path: Path) -> None:
    graph, _ = desk.graph()
    desk.bring_up()
    assert readiness(desk.ledger, desk.casebook, graph)["ready"]
    desk.take(written(tmp_path, later_documents()), AT)
    assert not readiness(desk.ledger, desk.casebook, graph)["ready"]
    desk.bring_up()
    told = readiness(desk.ledger, desk.casebook, graph)
    assert told["ready"], told
    assert "the others follow" in told["checks"][-1]["detail"]


def test_nothing_new_is_nothing_done(desk: Desk) -> None:
    desk.bring_up()  # the lock that was set
    assert desk.bring_up() is None


def test_a_lock_finds_what_was_declared_before_it_was_known(desk: Desk, tmp_path: Path) -> None:
    arrive(desk, tmp_path, later_documents())
    (found,) = desk.casebook.findings(rule="consumer-locked")
    assert found.subject["key"] == consumer_key(desk.keys, person(LOCKED)[0])
    key = consumer_key(desk.keys, person(BIG)[0])
    protect(desk.casebook, key, "locked", since=date(2024, 1, 1), until=None, why="x", by="X", on=AT.date())
    assert desk.bring_up() is not None
    assert {one.subject["key"] for one in desk.casebook.findings(rule="consumer-locked")} == {
        found.subject["key"],
        key,
    }


def test_a_day_later_everybody_is_asked(desk: Desk, tmp_path: Path) -> None:
    done = arrive(desk, tmp_path, sale("FINE", 999, 902, day=61))
    assert done.subjects is None
    assert arrive(desk, tmp_path, sale("FINE", 998, 903, day=61)).subjects is not None


def test_what_another_process_loaded_is_looked_at_too(desk: Desk, tmp_path: Path) -> None:
    """The graph has come up to it, the local rules have not."""
    desk.take(written(tmp_path, later_documents()), AT)
    graph, _ = desk.graph()
    write_increment(desk.ledger, desk.casebook, graph, lambda *_: None)
    done = desk.bring_up()
    assert done is not None
    assert done.subjects is None
    assert failed_checks(desk).keys() == {"FAILED", "QUIET"}


def test_a_publisher_knows_when_another_has_published(desk: Desk, tmp_path: Path) -> None:
    graph, mine = desk.graph()
    arrive(desk, tmp_path, later_documents())
    other = Publisher(desk.casebook, graph)
    finding = failed_checks(desk)["FAILED"]
    said = {"why": "looked at", "by": "X", "on": AT.date()}
    decide(desk.casebook, finding.id, "confirmed", expected="open", **said)
    assert other() > 0
    decide(desk.casebook, finding.id, "open", expected="confirmed", **said)
    assert mine() > 0
    [row] = graph.read("MATCH (f:Finding {id: $id}) RETURN f.decision AS decision", id=finding.id)
    assert row["decision"] == "open"
