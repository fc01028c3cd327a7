"""Emergency adjustments: by events and by persons, at once, until a day, an end, or the next rating."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from firms import BAD, FORGER, HONEST, District, documents, finding, firm, shop
from ledger_documents import Document
from shops import inspection, reported

from app.errors import BadInputError, NotFoundError
from app.supervision.class_history import classes_on, decision_day, history_of
from app.supervision.classes import rate
from app.supervision.emergency import adjust, apply_events, end
from app.supervision.emergency import firm as canonical_firm

JANUARY = date(2025, 1, 5)


def district(folder: Path, extra: Iterable[Document] = ()) -> District:
    return District(
        folder, [*shop(HONEST[0], 1), *shop(HONEST[1], 2), firm(HONEST[0]), firm(HONEST[1]), *extra]
    )


def decided(of: District, code: str = HONEST[0], to: str = "D", **changed: Any) -> dict[str, Any]:
    given = {
        "on": JANUARY,
        "until": date(2025, 6, 30),
        "reason": "Goods seized",
        "evidence": ["I1"],
        "by": "K02",
    }
    return adjust(of.ledger, of.casebook, code, to, **{**given, **changed})


def state(of: District, day: date, code: str = HONEST[0]) -> tuple[str, str] | None:
    found = {row["code"]: (row["class"], row["source"]) for row in classes_on(of.casebook, day)}
    return found.get(code)


def rated(of: District, on: date) -> None:
    rate(of.ledger, of.casebook, on=on, first=date(2024, 1, 1), last=date(2024, 12, 31), by="K01")


def applied(of: District, on: date) -> dict[tuple[str, str], str]:
    told = apply_events(of.ledger, of.casebook, on=on)
    return {(row["code"], row["event"]): row["class"] for row in told["applied"]}


def test_a_person_adjusts_at_once_and_it_expires(tmp_path: Path) -> None:
    office = district(tmp_path)
    rated(office, JANUARY - timedelta(days=3))
    before = state(office, JANUARY)
    row = decided(office)
    assert state(office, JANUARY) == ("D", "person")
    assert office.derived()[HONEST[0]]["class"] == "D"
    assert state(office, date(2025, 6, 30)) == ("D", "person")
    assert state(office, date(2025, 7, 1)) == before
    (told,) = history_of(office.casebook, HONEST[0], date(2025, 7, 1))["adjustments"]
    assert (told["id"], told["ended_why"], told["by"], told["evidence"]) == (
        row["id"],
        "expired",
        "K02",
        ["I1"],
    )
    # The graph is told when events are looked at.
    apply_events(office.ledger, office.casebook, on=date(2025, 7, 1))
    assert office.derived()[HONEST[0]]["class"] == before[0]  # type: ignore[index]


def test_the_same_decision_twice_is_one(tmp_path: Path) -> None:
    office = district(tmp_path)
    assert decided(office) == decided(office)
    assert office.casebook.seq() == 1
    assert len(history_of(office.casebook, HONEST[0], JANUARY)["adjustments"]) == 1


def test_the_next_regular_rating_ends_it_and_history_stays(tmp_path: Path) -> None:
    office = district(tmp_path)
    decided(office)
    rated(office, JANUARY)  # of the same day: it is not after it
    assert state(office, JANUARY) == ("D", "person")
    rated(office, date(2025, 4, 1))
    assert state(office, date(2025, 3, 31)) == ("D", "person")
    assert state(office, date(2025, 4, 1))[1] == "rating"  # type: ignore[index]
    (told,) = history_of(office.casebook, HONEST[0], date(2025, 4, 1))["adjustments"]
    assert (told["in_force"], told["ended_on"]) == (False, date(2025, 4, 1))
    assert told["ended_why"].startswith("regular rating ")


def test_a_person_ends_it(tmp_path: Path) -> None:
    office = district(tmp_path)
    decided(office)
    decided(office, to="C", reason="Also reported", evidence=["R1"])
    assert state(office, JANUARY) == ("D", "person")  # the gravest of those that hold
    assert len(end(office.casebook, HONEST[0], on=date(2025, 2, 1), by="K03", reason="Cleared up")) == 2
    assert state(office, date(2025, 1, 31)) == ("D", "person")
    assert state(office, date(2025, 2, 1)) is None
    told = history_of(office.casebook, HONEST[0], date(2025, 2, 1))["adjustments"]
    assert {(row["ended_by"], row["ended_why"]) for row in told} == {("K03", "Cleared up")}
    with pytest.raises(NotFoundError, match="No adjustment"):
        end(office.casebook, HONEST[0], on=date(2025, 2, 1), by="K03", reason="Again")
    assert HONEST[0] not in office.derived()
    # What was decided stays: who ended it, when and why is not written over.
    with pytest.raises(BadInputError, match="was ended on 2025-02-01 already"):
        end(office.casebook, HONEST[0], on=date(2025, 1, 20), by="K04", reason="Earlier")
    assert history_of(office.casebook, HONEST[0], JANUARY)["adjustments"][0]["by"] == "K02"
    assert state(office, date(2025, 1, 31)) == ("D", "person")


def test_a_person_cannot_pass_the_official_ceiling_but_may_go_below_the_floor(tmp_path: Path) -> None:
    bad = firm(HONEST[0], creditClass="失信", as_of="2024-06-01")
    good = firm(HONEST[1], creditClass="高级认证", as_of="2024-06-01")
    office = district(tmp_path, [bad, good])
    rated(office, JANUARY)
    assert state(office, JANUARY) == ("D", "rating")
    with pytest.raises(BadInputError, match="allows D at best"):
        decided(office, to="B")
    decided(office, HONEST[1], to="D")
    assert state(office, JANUARY, HONEST[1]) == ("D", "person")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"to": "E"}, "'E' is no class"),
        ({"until": date(2025, 1, 4)}, "before it begins"),
        ({"until": date(9999, 12, 31)}, "an expiry within 3660 days"),
        ({"reason": " "}, "Say why"),
        ({"evidence": []}, "Name the evidence"),
        ({"by": ""}, "Say who decides"),
        ({"code": "NOBODY"}, "no enterprise NOBODY"),
    ],
)
def test_a_decision_that_is_none_changes_nothing(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    office = district(tmp_path)
    with pytest.raises((BadInputError, NotFoundError), match=why):
        decided(office, **changed)
    assert office.casebook.seq() == 0


def test_refuted_payments_and_bursts_of_reports_are_events(tmp_path: Path) -> None:
    many = [reported(f"B{no}", f"{BAD}|{no + 10:05d}", at="2024-11-25") for no in range(4)]
    office = District(tmp_path, [*documents(), *many])
    found = applied(office, date(2024, 12, 1))
    assert found == {
        (BAD, "refuted-payments"): "D",
        (FORGER, "refuted-payments"): "D",
        (BAD, "burst-of-reports"): "C",
    }
    assert state(office, date(2024, 12, 1), BAD) == ("D", "event")
    told = history_of(office.casebook, BAD, date(2024, 12, 1))["adjustments"]
    refuted = next(row for row in told if row["event"] == "refuted-payments")
    assert refuted["evidence"] == [f"Q{no}" for no in range(5)]
    assert "5 within 180 days, of 6" in refuted["reason"]
    assert (refuted["since"], refuted["until"]) == (
        date(2024, 12, 1),
        date(2024, 12, 1) + timedelta(days=179),
    )


def test_reports_that_come_as_ever_are_no_burst(tmp_path: Path) -> None:
    steady = [
        reported(f"S{no}", f"{HONEST[0]}|{no:05d}", at=f"2024-{1 + no // 3:02d}-{5 + 8 * (no % 3):02d}")
        for no in range(36)
    ]
    office = District(tmp_path, [*shop(HONEST[0], 1, sales=400), *steady])
    assert applied(office, date(2024, 12, 20)) == {}


def test_a_fact_acts_once_and_a_new_one_acts_anew(tmp_path: Path) -> None:
    seized = [inspection("I1", f"{HONEST[0]}|00001", "seized", at="2024-12-20", why="clue")]
    office = district(tmp_path, seized)
    assert applied(office, JANUARY) == {(HONEST[0], "seizure"): "C"}
    seq = office.casebook.seq()
    assert applied(office, JANUARY) == {}
    assert applied(office, JANUARY + timedelta(days=1)) == {}
    assert office.casebook.seq() == seq
    office.desk.load(inspection("I2", f"{HONEST[0]}|00002", "transferred", at="2025-01-10", why="clue"))
    assert applied(office, date(2025, 1, 12)) == {(HONEST[0], "seizure"): "C"}
    told = history_of(office.casebook, HONEST[0], date(2025, 1, 12))["adjustments"]
    assert [row["evidence"] for row in told] == [["I1"], ["I2"]]


def test_old_facts_and_single_ones_are_no_event(tmp_path: Path) -> None:
    office = district(
        tmp_path,
        [
            inspection("I1", f"{HONEST[0]}|00001", "seized", at="2024-02-20", why="clue"),
            reported("R1", f"{HONEST[0]}|00001", at="2024-12-20"),
        ],
    )
    assert applied(office, JANUARY) == {}


def test_a_finding_is_an_event_from_its_severity_on(tmp_path: Path) -> None:
    office = district(tmp_path)
    office.found(finding(HONEST[0], "high"), finding(HONEST[1], "medium"))
    assert applied(office, JANUARY) == {(HONEST[0], "failed-checks"): "C"}
    assert applied(office, JANUARY) == {}


def test_an_event_never_raises_a_class(tmp_path: Path) -> None:
    office = district(tmp_path, [firm(HONEST[0], creditClass="失信", as_of="2024-06-01")])
    rated(office, JANUARY)
    office.found(finding(HONEST[0], "high"))
    assert applied(office, date(2025, 1, 6)) == {(HONEST[0], "failed-checks"): "C"}
    assert state(office, date(2025, 1, 6)) == ("D", "rating")


def test_a_firm_is_known_by_each_of_its_codes(tmp_path: Path) -> None:
    office = district(tmp_path, [firm(HONEST[0], uscc="91350100M000100Y43", as_of="2024-06-01")])
    assert canonical_firm(office.ledger, "91350100M000100Y43") == HONEST[0]
    assert canonical_firm(office.ledger, f" {HONEST[1]} ") == HONEST[1]


def test_nothing_is_decided_for_a_day_to_come() -> None:
    today = date(2025, 1, 5)
    assert decision_day(today, today) == today
    with pytest.raises(BadInputError, match="after today"):
        decision_day(date(2025, 1, 6), today)
