"""The day's selection over a real ledger and casebook: made once, kept, read and handed out."""

import csv
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from firms import District, finding
from ledger_documents import Document, receipt
from shops import sale

from app.errors import BadInputError, NotFoundError
from app.supervision.ceilings import ceilings_on
from app.supervision.drawing import office_seed
from app.supervision.measure_table import measures_on
from app.supervision.selections import (
    declared_on,
    export_selection,
    make_selection,
    sales_of,
    selection,
    selections,
)
from loaders.contract.keys import Keys

DAY = date(2024, 1, 9)  # what is paid on day 0 is declared on it
AT = datetime(2024, 1, 9, 10, tzinfo=UTC)
SITE = "0100-L1"
PHYSICAL = "physical inspection"


def site(capacity: int, *, since: str = "2024-01-01", code: str = SITE, **says: str) -> Document:
    row = {"siteCode": code, "class": "A", "machineCapacity": "9", "physicalCapacity": str(capacity)}
    return [("business_sites", {**row, "validFrom": since, **says})]


def documents() -> list[Document]:
    """Two hundred sales of a day at one site, forty of them of a bad platform; some of the day after."""
    out: list[Document] = []
    for no in range(200):
        platform = "BAD" if no % 5 == 0 else "GOOD"
        wrong = {"payment_says": {"amountPaid": "60"}} if no == 5 else {}
        out += sale(platform, no, no, inventory_says={"loctNo": "L1"}, **wrong)  # type: ignore[arg-type]
    for no in range(200, 210):
        out += sale("GOOD", no, no, day=1)
    # One was refused, one names no place of clearance but the warehouse.
    out += [*sale("GOOD", 300, 300), receipt("GOOD-00300", "100", agentCode="A1"), *sale("GOOD", 301, 301)]
    return [*out, site(3), site(50, since="2023-01-01"), site(1, since="2024-02-01"),
            site(7, code="OLD", since="2023-01-01", validTo="2023-12-31")]  # fmt: skip


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    district = District(tmp_path_factory.mktemp("district"), documents())
    district.found(finding("BAD", "critical"))
    return district


def make(district: District, *, day: date = DAY, seed: str = "s", version: int | None = None) -> str:
    return make_selection(
        district.ledger, district.casebook, day=day, seed=seed, by="K01", at=AT, version=version
    ).id


def test_a_day_is_what_was_declared_on_it_and_not_refused(district: District) -> None:
    with district.ledger.connect() as connection:
        rows = {row["sale_id"]: row for row in declared_on(connection, DAY, goods=True)}
        assert declared_on(connection, DAY - timedelta(days=9)) == []
    assert len(rows) == 201
    assert "GOOD|00300" not in rows
    assert (rows["BAD|00005"]["site"], rows["GOOD|00301"]["site"]) == (SITE, "0100-Q1")
    assert rows["BAD|00005"]["differing"] == ["amount"]
    assert not rows["BAD|00010"]["differing"]
    assert rows["BAD|00005"]["goods"]


def test_ceilings_are_those_of_the_day_and_the_lower_of_site_and_class(district: District) -> None:
    table = measures_on(DAY)
    of_class = table.model_validate({**table.model_dump(), "ceilings": {"A": {"physical": 2, "machine": 20}}})
    with district.ledger.connect() as connection:
        own = ceilings_on(connection, DAY, table)
        assert own == {(SITE, PHYSICAL): 3, (SITE, "machine inspection"): 9}
        lower = ceilings_on(connection, DAY, of_class)
        assert lower == {(SITE, PHYSICAL): 2, (SITE, "machine inspection"): 9}
        later = ceilings_on(connection, date(2024, 2, 1), table)
        assert later[SITE, PHYSICAL] == 1


def test_a_selection_is_made_once_and_the_same_is_the_answer(district: District) -> None:
    first = make_selection(district.ledger, district.casebook, day=DAY, seed="s", by="K01", at=AT)
    rows = sales_of(district.casebook, first.id)
    seq = district.casebook.seq()
    again = make_selection(
        district.ledger, district.casebook, day=DAY, seed="s", by="K02", at=AT + timedelta(hours=1)
    )
    assert (again.id, again.known) == (first.id, True)
    assert sales_of(district.casebook, first.id) == rows
    assert district.casebook.seq() == seq
    told = selection(district.casebook, first.id)
    assert (told["made_by"], told["declared"], told["ledger_version"]) == ("K01", 201, 1)
    assert told["table"]["version"] == "1.0.0"
    others = {make(district, seed="t"), make(district, day=DAY + timedelta(days=1))}
    assert first.id not in others
    (after,), count = selections(district.casebook, DAY + timedelta(days=1))
    assert (after["id"] in others, count) == (True, 1)
    assert selections(district.casebook, limit=1)[0] == [after]  # the newest day first
    skipped, whole = selections(district.casebook, skip=1)
    assert len(skipped) == whole - 1


def test_two_who_make_it_at_once_make_one(district: District) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(make(district, seed="at once"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert len(set(made)) == 1
    rows, count = sales_of(district.casebook, made[0])
    assert [row["number"] for row in rows] == list(range(1, count + 1))


def test_every_row_says_why_and_what_its_risk_is_made_of(district: District) -> None:
    rows, count = sales_of(district.casebook, make(district))
    assert count == len(rows) > 5
    riskiest = next(row for row in rows if row["reason"] == "class_rate")
    assert (riskiest["sale"], riskiest["lane"], riskiest["letter"]) == ("BAD|00005", PHYSICAL, "C")
    assert {part["what"] for part in riskiest["parts"]} == {
        "every sale",
        "C",
        "platform-failed-checks",
        "amount",
    }
    # Everybody else who is looked at by rate is of the bad platform, but for who takes a place that is free
    # elsewhere.
    by_rate = [row for row in rows if row["reason"] == "class_rate"]
    assert {row["sale"] for row in by_rate if row["site"] != SITE} == {"GOOD|00301"}
    assert {row["sale"].partition("|")[0] for row in by_rate if row["site"] == SITE} == {"BAD"}
    chosen = [row for row in rows if row["lane"] == PHYSICAL and row["site"] == SITE]
    assert sum(not row["left_out"] for row in chosen) == 3
    left, many = sales_of(district.casebook, make(district), left_out=True)
    assert left == [row for row in rows if row["left_out"]]
    told = selection(district.casebook, make(district))
    assert (told["left_out"], many) == (len(left), len(left))
    assert told["risk_taken"] == pytest.approx(sum(row["chance"] for row in left))
    page, whole = sales_of(district.casebook, make(district), after=2, limit=2)
    assert (page, whole) == (rows[2:4], count)


def test_a_selection_of_the_ledger_as_it_stood(district: District) -> None:
    before = district.ledger.version
    first = make(district, seed="pinned", version=before)
    district.desk.load(*sale("BAD", 900, 900, inventory_says={"loctNo": "L1"}))
    assert make(district, seed="pinned", version=before) == first
    later = make(district, seed="pinned")
    assert later != first
    declared = [selection(district.casebook, one)["declared"] for one in (first, later)]
    assert declared == [201, 202]


def test_the_file_for_the_clearance_system_says_what_results_say_back(
    district: District, tmp_path: Path
) -> None:
    identity = make(district)
    out = tmp_path / "selection.csv"
    count = export_selection(district.casebook, identity, out)
    with out.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    chosen, _ = sales_of(district.casebook, identity, left_out=False)
    assert count == len(rows) == len(chosen)
    assert {row["kind"] for row in rows} <= {"manual_review", "machine", "physical"}
    assert [f"{row['ebpCode']}|{row['orderNo']}" for row in rows] == [row["sale"] for row in chosen]
    assert [row["selection"] for row in rows] == [row["reason"] for row in chosen]
    with pytest.raises(BadInputError, match="there already"):
        export_selection(district.casebook, identity, out)


def test_mistakes_change_nothing(district: District) -> None:
    seq = district.casebook.seq()
    with pytest.raises(NotFoundError, match="no sale declared on 2023"):
        make(district, day=date(2023, 1, 1))
    with pytest.raises(BadInputError, match="no version 99"):
        make(district, version=99)
    with pytest.raises(BadInputError, match="who does it"):
        make_selection(district.ledger, district.casebook, day=DAY, seed="x", by=" ", at=AT)
    with pytest.raises(NotFoundError, match="no selection 'none'"):
        selection(district.casebook, "none")
    with pytest.raises(BadInputError, match="'luck' is no reason"):
        sales_of(district.casebook, make(district), reason="luck")
    assert district.casebook.seq() == seq


def test_the_seed_of_an_office_stays_and_is_no_other_offices(district: District, tmp_path: Path) -> None:
    own = Keys.open(district.data / "key")
    assert office_seed(own) == office_seed(Keys.open(district.data / "key"))
    assert office_seed(own) != office_seed(Keys.open(tmp_path / "key"))
