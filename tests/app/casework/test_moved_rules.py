"""A rule that a person has moved runs as what it is now; what was decided on findings never reaches a
rule."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cases import DAY, decided, detected
from shops import Office, check, sale

from app.casework.maturity import move
from app.casework.outcomes import decide
from app.casework.precision_table import precision_on
from app.casework.shadow import standing_shadow
from app.casework.show import show
from app.errors import BadInputError
from app.graph.driver import Graph
from loaders.ledger.lock import writer_lock

RULE = "platform-failed-checks"
SAID: dict[str, Any] = {"why": "looked into", "by": "officer 7", "on": DAY}


@pytest.fixture
def office(graph: Graph, tmp_path: Path) -> Office:
    office = Office(tmp_path, graph)
    sales = [sale(shop, no, no, day=50 * no) for shop in ("BAD", "WORSE") for no in range(3)]
    checks = [check("BAD", "fail"), check("WORSE", "fail"), check("WORSE", "fail", what="can_register")]
    office.load([*(document for one in sales for document in one), *checks])
    office.detect(rules=[RULE])
    return office


def test_a_moved_rule_runs_as_a_shadow_and_comes_back_with_its_decisions(office: Office) -> None:
    before = office.found(RULE)
    decide(office.casebook, before["BAD"].id, "confirmed", expected="open", **SAID)
    move(office.casebook, RULE, "shadow", expected="live", **SAID)
    assert set(office.found(RULE)) == {"BAD", "WORSE"}  # until the next detection
    with pytest.raises(BadInputError, match="has not run as a shadow yet"):
        standing_shadow(office.desk.ledger, office.casebook, office.graph, RULE, precision_on(DAY))

    report = office.detect(rules=[RULE])
    assert (report.rules[RULE].maturity, report.rules[RULE].found) == ("shadow", 2)
    assert office.found(RULE) == {}
    (other,) = detected(office.casebook, "BAD", rule="consumer-reports")
    decided(office.casebook, "valuable", other)
    assert {one.subject["key"] for one in office.casebook.findings(maturity="shadow")} == {"BAD", "WORSE"}
    told = standing_shadow(office.desk.ledger, office.casebook, office.graph, RULE, precision_on(DAY))
    assert told["shadow"]["found"] == 2
    (known,), (new,) = told["known"], told["new"]  # a live rule speaks of the one, none of the other
    assert (known["subject"]["key"], known["others"]) == ("BAD", {"right": 1, "wrong": 0})
    assert (new["subject"]["key"], new["others"]) == ("WORSE", {"right": 0, "wrong": 0})
    assert (told["outcomes"]["shadow"]["right"], told["outcomes"]["shadow"]["wrong"]) == (1, 0)
    assert told["cost"]["shadow"]["subject_sales"] == 2

    move(office.casebook, RULE, "live", expected="shadow", **SAID)
    office.detect(rules=[RULE])
    after = office.found(RULE)
    assert after["BAD"].decision == "confirmed"
    assert after["BAD"].first_seen == before["BAD"].first_seen


def test_a_false_alarm_is_never_another_rules_input(office: Office) -> None:
    every = office.detect()
    before = {one.id: (one.severity, one.numbers, one.evidence) for one in office.casebook.findings()}
    for one in office.casebook.findings():
        decide(office.casebook, one.id, "false alarm", expected="open", **SAID)
    seq = office.casebook.seq()
    again = office.detect()
    assert again.rules == {
        name: report for name, report in again.rules.items() if report.new + report.changed + report.gone == 0
    }
    assert {one.id: (one.severity, one.numbers, one.evidence) for one in office.casebook.findings()} == before
    assert (office.casebook.seq(), set(again.rules)) == (seq, set(every.rules))
    shown = office.graph.read("MATCH (f:Finding) RETURN collect(DISTINCT f.decision) AS told")
    assert shown == [{"told": ["false alarm"]}]


def test_the_graph_shows_a_decision_at_once_unless_somebody_is_writing(office: Office) -> None:
    before = office.found(RULE)
    data = office.desk.folder

    def shown() -> Any:
        query = "MATCH (f:Finding) RETURN f.id AS id, f.decision AS told, f.score AS score ORDER BY id"
        return {row["id"]: (row["told"], row["score"]) for row in office.graph.read(query)}

    def say(shop: str, decision: str, expected: str = "open") -> int:
        entry = decide(office.casebook, before[shop].id, decision, expected=expected, **SAID)
        return int(entry["casebook_seq"])

    seq = say("BAD", "confirmed")
    assert show(office.casebook, office.graph, data, seq, before["BAD"].id)
    assert shown() == {
        before["BAD"].id: ("confirmed", before["BAD"].score),
        before["WORSE"].id: ("open", before["WORSE"].score),
    }
    assert office.graph.meta()["casebook_seq"] == office.casebook.seq()  # type: ignore[index]
    move(office.casebook, RULE, "shadow", expected="live", **SAID)  # that the graph does not show
    assert office.casebook.shown_by(seq)

    seq = say("WORSE", "false alarm")
    with ThreadPoolExecutor(1) as pool, writer_lock(data):
        asked = pool.submit(show, office.casebook, office.graph, data, seq, before["WORSE"].id)
        assert asked.result() is False  # it does not wait for the job
    assert shown()[before["WORSE"].id][0] == "open"
    later = say("BAD", "valuable", "confirmed")
    assert not show(office.casebook, office.graph, data, later, before["BAD"].id)  # nor is the one before
    office.project()
    assert shown()[before["WORSE"].id][0] == "false alarm"
    assert not show(office.casebook, None, data, seq, before["WORSE"].id)
