"""What inspections found against the random sample, and proposals from it: decided by a person, all kept."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from firms import District
from ledger_documents import Document
from shops import sale

from app.casebook.class_models import ClassAdjustment
from app.casebook.store import Casebook
from app.errors import BadInputError, NotFoundError
from app.supervision.effect import Effect, effect
from app.supervision.measure_changes import in_force_on
from app.supervision.measure_table import measures_on
from app.supervision.proposals import decide, proposal, proposals, propose
from app.supervision.selections import make_selection, sales_of

FIRST, LAST = date(2024, 1, 1), date(2024, 3, 31)
AT = datetime(2024, 4, 1, 2, tzinfo=UTC)
TODAY = date(2024, 4, 1)
TABLE = measures_on(LAST)


def inspected(
    sale_id: str, result: str, kind: str, why: str, at: str = "2024-02-01", **says: str
) -> Document:
    platform, _, no = sale_id.partition("|")
    row = {"inspectionId": f"{kind}-{sale_id}-{why}", "ebpCode": platform, "orderNo": no, "kind": kind}
    row |= {"inspectedAt": f"{at}T10:00:00", "result": result, **({"selection": why} if why else {}), **says}
    return [("inspections", row)]


def documents() -> list[Document]:
    """A bad platform (class D from 10 January on) of whose parcels half are wrong, and a good one."""
    out: list[Document] = []
    for no in range(90):
        for at, platform in enumerate(("BAD", "GOOD")):
            out += sale(platform, no, 100 * at + no, day=no // 2)
            wrong = "discrepancy" if platform == "BAD" and no % 2 else "ok"
            why = "random" if no < 60 else ("clue", "class_rate", "")[no % 3]
            out += [inspected(f"{platform}|{no:05d}", wrong, "physical", why)]
    out += [inspected("BAD|00001", "discrepancy", "machine", "random", at="2024-01-09")]
    out += [inspected("BAD|00002", "seized", "physical", "random", at="2024-05-01", inspectionId="later")]
    return [*out, inspected("NOBODY|1", "seized", "physical", "random")]


def adjusted(casebook: Casebook, code: str, letter: str, since: date) -> None:
    row: dict[str, Any] = {
        "id": f"{code}-{letter}", "code": code, "letter": letter, "since": since, "until": date(2025, 1, 1),
        "event": None, "event_version": None, "reason": "test", "evidence": "[]", "made_by": "K01",
        "ended_on": None, "ended_by": None, "ended_why": None,
    }  # fmt: skip
    with casebook.change() as change:
        change.put(ClassAdjustment, [row], id=row["id"])


@pytest.fixture
def district(tmp_path: Path) -> District:
    district = District(tmp_path, documents())
    adjusted(district.casebook, "BAD", "D", date(2024, 1, 10))
    adjusted(district.casebook, "GOOD", "A", date(2024, 1, 1))
    return district


def seen(district: District) -> Effect:
    return effect(district.ledger, district.casebook, first=FIRST, last=LAST, table=TABLE)


def test_only_the_random_sample_is_a_base_rate(district: District) -> None:
    told = seen(district)
    bad = told.of("D", "physical_inspection")
    assert (bad.random.inspections, bad.random.found, bad.random.share) == (60, 30, 0.5)
    assert 0.37 < bad.random.low < 0.4 < 0.6 < bad.random.high < 0.63
    assert {reason: (one.inspections, one.found) for reason, one in bad.others.items()} == {
        "clue": (10, 5), "class_rate": (10, 5), "unknown": (10, 5),
    }  # fmt: skip
    good = told.of("A", "physical_inspection")
    assert (good.random.inspections, good.random.found, good.random.low) == (60, 0, 0.0)
    assert 0.02 < good.random.high < 0.06
    # Before it was D it was nothing, and those are supervised as C.
    assert told.of("C", "machine_inspection").random.found == 1
    nobody = told.of("D", "machine_inspection").random
    assert (nobody.inspections, nobody.share, nobody.low, nobody.high) == (0, None, 0.0, 1.0)
    assert told.of("all", "physical_inspection").random.inspections == 120
    assert (told.without_sale, told.otherwise) == (1, 0)
    assert told.declared == {"A": 90, "B": 0, "C": 0, "D": 90}
    assert told.as_dict()["data"][-1]["others"]["clue"]["times"] == pytest.approx(0.25 / 0.25)


def test_our_own_record_of_why_goes_before_what_a_row_says(district: District) -> None:
    day = date(2024, 1, 9)
    table = district.data / "all.yaml"
    text = files("app.supervision").joinpath("data/measures.yaml").read_text("utf-8")
    rates = "machine_inspection: 0.005, physical_inspection: 0.003}"
    assert rates in text
    all_drawn = "machine_inspection: 0, physical_inspection: 0.5}"
    table.write_text(text.replace(rates, all_drawn, 1), "utf-8")
    now = datetime(2024, 1, 9, 9, tzinfo=UTC)
    made = make_selection(
        district.ledger, district.casebook, day=day, seed="s", by="K01", at=now, table=table
    )
    # One that somebody tries afterwards sent nobody.
    make_selection(district.ledger, district.casebook, day=day, seed="t", by="K01", at=AT)
    rows = sales_of(district.casebook, made.id)[0]
    reasons = {row["sale"]: row["reason"] for row in rows if row["lane"] == "physical inspection"}
    (drawn, *_) = (sale_id for sale_id, reason in reasons.items() if reason == "random")
    district.desk.load(
        inspected(drawn, "seized", "physical", "clue", at="2024-03-30", inspectionId="ours"),
        inspected(drawn, "ok", "physical", "clue", at="2024-01-08", inspectionId="before it was drawn"),
        inspected(drawn, "ok", "manual_review", "clue", at="2024-03-30", inspectionId="another measure"),
    )
    told = seen(district)
    assert told.otherwise == 1
    assert told.of("all", "physical_inspection").random.inspections == 121
    assert told.of("all", "physical_inspection").others["clue"].inspections == 21
    assert told.of("all", "manual_review").others["clue"].inspections == 1


def test_the_effect_proposes_within_bounds_and_says_what_is_expected(district: District) -> None:
    rows = propose(district.casebook, seen(district), by="K01", at=AT)
    assert [
        (row["id"], row["class"], row["measure"], row["rate_before"], row["rate_after"]) for row in rows
    ] == [
        ("MP-2024-00001", "D", "physical_inspection", "0.1", "0.15"),
    ]
    told = rows[0]["effect"]
    assert told["inspections"] == pytest.approx(0.05 * 90 * 30 / 91)
    assert told["finds"] == pytest.approx(told["inspections"] / 2)
    assert told["inspections_low"] < told["inspections"] < told["inspections_high"]
    assert told["finds_low"] < told["finds"] < told["finds_high"]
    assert rows[0]["why"].startswith("30 of 60 random inspections found something; even the lower end (")
    # The same is proposed once, whatever becomes of it.
    assert propose(district.casebook, seen(district), by="K02", at=AT) == rows
    decide(district.casebook, rows[0]["id"], "reject", by="K02", why="not now", at=AT)
    assert propose(district.casebook, seen(district), by="K01", at=AT) == []


def test_who_finds_nothing_is_looked_at_less_down_to_the_lowest_rate(district: District) -> None:
    told = seen(district)
    clean = tuple(
        replace(row, random=replace(row.random, inspections=400, found=0, share=0.0, low=0.0, high=0.01))
        if (row.letter, row.measure) == ("A", "physical_inspection")
        else row
        for row in told.rows
    )
    rows = propose(district.casebook, replace(told, rows=clean), by="K01", at=AT)
    lowered = next(row for row in rows if row["class"] == "A")
    assert (lowered["rate_before"], lowered["rate_after"]) == ("0.003", "0.002")
    assert lowered["effect"]["inspections"] < 0
    assert lowered["effect"]["finds_low"] < 0 == lowered["effect"]["finds"]
    # At the lowest rate nothing is proposed any more.
    for expected in ("0.001333", "0.001"):
        decide(district.casebook, lowered["id"], "accept", by="K02", why="clean", at=AT)
        rows = propose(district.casebook, replace(told, rows=clean), by="K01", at=AT)
        lowered = next(row for row in rows if row["class"] == "A")
        assert lowered["rate_after"] == expected
    decide(district.casebook, lowered["id"], "accept", by="K02", why="clean", at=AT)
    assert "A" not in {
        row["class"] for row in propose(district.casebook, replace(told, rows=clean), by="K01", at=AT)
    }


def rate_on(district: District, day: date, file: Path | None = None) -> tuple[Decimal, tuple[str, ...]]:
    with district.casebook.read() as connection:
        measures = in_force_on(connection, day, file)
    return measures.table.of("D").physical_inspection, measures.changes


def test_what_is_accepted_is_in_force_from_its_day_until_a_newer_table(
    district: District, tmp_path: Path
) -> None:
    (row,) = propose(district.casebook, seen(district), by="K01", at=AT)
    later = TODAY + timedelta(days=7)
    told = decide(district.casebook, row["id"], "accept", by="K02", why="it pays", at=AT, holds_from=later)
    assert (told["state"], told["decided_by"], told["decided_why"], told["holds_from"]) == (
        "accepted", "K02", "it pays", later,
    )  # fmt: skip
    assert rate_on(district, later - timedelta(days=1)) == (Decimal("0.1"), ())
    assert rate_on(district, later) == (Decimal("0.15"), ("MP-2024-00001",))
    # A selection of that day honours it, and keeps it.
    district.desk.load(*sale("BAD", 700, 700, day=100))
    made = make_selection(
        district.ledger, district.casebook, day=date(2024, 4, 18), seed="s", by="K01", at=AT
    )
    assert sales_of(district.casebook, made.id)[1] >= 0
    # The office sets all rates anew.
    text = files("app.supervision").joinpath("data/measures.yaml").read_text("utf-8")
    version = text[text.index("  - version:") :]
    newer = tmp_path / "newer.yaml"
    newer.write_text(text + version.replace("1.0.0", "2.0.0").replace("2019-01-01", "2024-05-01"), "utf-8")
    assert rate_on(district, date(2024, 4, 30), newer) == (Decimal("0.15"), ("MP-2024-00001",))
    assert rate_on(district, date(2024, 5, 1), newer) == (Decimal("0.1"), ())
    # The next proposal starts from the rate that is in force by then.
    (after,) = propose(district.casebook, seen(district), by="K01", at=AT + timedelta(days=10))
    assert (after["rate_before"], after["rate_after"]) == ("0.15", "0.225")


def test_a_newer_proposal_supersedes_an_open_one(district: District) -> None:
    (row,) = propose(district.casebook, seen(district), by="K01", at=AT)
    district.desk.load(inspected("BAD|00003", "seized", "physical", "random", inspectionId="more"))
    (newer,) = propose(district.casebook, seen(district), by="K01", at=AT)
    assert newer["id"] == "MP-2024-00002"
    old = proposal(district.casebook, row["id"])
    assert (old["state"], old["decided_why"]) == ("superseded", "superseded by MP-2024-00002")
    assert [one["id"] for one in proposals(district.casebook)] == ["MP-2024-00002", "MP-2024-00001"]
    with pytest.raises(BadInputError, match="was superseded already"):
        decide(district.casebook, row["id"], "accept", by="K02", why="late", at=AT)


def test_an_accepted_rate_that_was_proposed_for_another_is_refused(district: District) -> None:
    (row,) = propose(district.casebook, seen(district), by="K01", at=AT)
    text = files("app.supervision").joinpath("data/measures.yaml").read_text("utf-8")
    other = district.data / "other.yaml"
    other.write_text(text.replace("physical_inspection: 0.1\n", "physical_inspection: 0.2\n", 1), "utf-8")
    seq = district.casebook.seq()
    with pytest.raises(BadInputError, match=r"the rate is 0\.2, and MP-2024-00001 was made for 0\.1"):
        decide(district.casebook, row["id"], "accept", by="K02", why="late", at=AT, file=other)
    assert district.casebook.seq() == seq
    assert proposal(district.casebook, row["id"])["state"] == "proposed"


def test_of_two_who_decide_at_once_one_does(district: District) -> None:
    (row,) = propose(district.casebook, seen(district), by="K01", at=AT)
    done: list[str] = []
    refused: list[str] = []

    def decided(decision: str) -> None:
        try:
            done.append(decide(district.casebook, row["id"], decision, by="K02", why="now", at=AT)["state"])
        except BadInputError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=decided, args=(how,)) for how in ("accept", "reject") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 3)
    assert proposal(district.casebook, row["id"])["state"] == done[0]


@pytest.mark.parametrize(
    ("wrong", "error", "why"),
    [
        ({"identity": "MP-2024-99999"}, NotFoundError, "no proposal 'MP-2024-99999'"),
        ({"decision": "perhaps"}, BadInputError, "'perhaps' is no decision"),
        ({"by": " "}, BadInputError, "who does it"),
        ({"why": ""}, BadInputError, "Say why"),
        ({"why": "ask 13800000001"}, BadInputError, "identity or telephone number"),
        ({"holds_from": TODAY - timedelta(days=1)}, BadInputError, "from today"),
        ({"holds_from": TODAY + timedelta(days=400)}, BadInputError, "within a year"),
        ({"decision": "reject", "holds_from": TODAY}, BadInputError, "holds from no day"),
    ],
)
def test_decisions_that_are_none_change_nothing(
    district: District, wrong: dict[str, Any], error: type[Exception], why: str
) -> None:
    (row,) = propose(district.casebook, seen(district), by="K01", at=AT)
    seq = district.casebook.seq()
    given = {"identity": row["id"], "decision": "accept", "by": "K02", "why": "it pays", "at": AT} | wrong
    do: Callable[..., Any] = decide
    with pytest.raises(error, match=why):
        do(district.casebook, given.pop("identity"), given.pop("decision"), **given)
    assert district.casebook.seq() == seq


@pytest.mark.parametrize(("first", "last"), [(LAST, FIRST), (date(2001, 1, 1), LAST)])
def test_a_period_is_some_days_in_order(district: District, first: date, last: date) -> None:
    with pytest.raises(BadInputError, match="period of 1 to 1830 days"):
        effect(district.ledger, district.casebook, first=first, last=last, table=TABLE)
