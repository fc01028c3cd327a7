"""With the casebook away an assessment is still answered, says so, and is handed over when it is back."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from counter import NOON, Counter, buys, facts
from postgres_server import running_postgres
from shops import person

from app.assessment.journal import Journal, Journaled
from app.assessment.kept import assessment, assessments
from app.assessment.snapshot import read_snapshot, write_snapshot
from app.supervision.protection import consumer_key, protect

LOCKED, FREE = 1, 2


@pytest.fixture
def office(counter: Counter) -> Counter:
    """An office in which somebody is locked, and whose desk has seen its casebook."""
    counter.load(*buys(LOCKED, 1), *buys(FREE, 2, "20000"))
    key = consumer_key(counter.keys, person(LOCKED)[0])
    day = date(2024, 1, 10)
    protect(counter.casebook, key, "locked", since=day, until=None, why="Asked.", by="Li", on=day)
    counter.refresh()
    return counter


def away(office: Counter) -> Path:
    """Move the casebook's files away."""
    for file in office.folder.glob("casebook.sqlite*"):
        file.rename(file.with_name(f"away-{file.name}"))
    return office.folder


def back(office: Counter) -> None:
    for file in office.folder.glob("casebook.sqlite*"):
        file.unlink()
    for file in office.folder.glob("away-casebook.sqlite*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))


def test_an_answer_without_the_casebook_says_so_and_is_handed_over(office: Counter) -> None:
    office.assess(buys(FREE, 10, "1000"))
    away(office)
    told = office.assess(buys(FREE, 11, "1500"))
    assert told["fallback"] == ["casebook"]
    assert told["lane"] != "release"
    assert told["quota"]["reserved_by_others"] == "1000.00000"  # as this desk knows it
    assert office.assess(buys(FREE, 11, "1500")) == told
    second = office.assess(buys(FREE, 12, "100"))
    assert second["quota"]["reserved_by_others"] == "2500.00000"
    assert not list(office.folder.glob("casebook.sqlite"))  # none was made in its place
    office.close()
    back(office)
    after = office.assess(buys(FREE, 13, "1"))
    assert after["fallback"] == []
    assert after["quota"]["reserved_by_others"] == "2600.00000"
    kept = assessment(office.casebook, told["id"])
    assert {name: kept[name] for name in told} == told
    assert office.assess(buys(FREE, 11, "1500")) == told
    assert not Journal(office.places.journal).waiting


def test_who_is_locked_is_held_with_the_casebook_and_without_it_also_at_a_cold_start(office: Counter) -> None:
    assert office.assess(buys(LOCKED, 10))["lane"] == "hold"
    away(office)
    assert office.assess(buys(LOCKED, 11))["lane"] == "hold"
    office.close()
    cold = office.assess(buys(LOCKED, 12))
    assert (cold["lane"], cold["fallback"]) == ("hold", ["casebook"])
    assert "identity-locked" in facts(cold)
    assert office.assess(buys(FREE, 12))["lane"] != "hold"


def test_with_postgresql_stopped_in_the_midst_it_is_answered_from_the_snapshot(tmp_path: Path) -> None:
    with running_postgres() as server:
        office = Counter(tmp_path / "data", server.new_database())
        office.load(*buys(LOCKED, 1), *buys(FREE, 2))
        day, key = date(2024, 1, 10), consumer_key(office.keys, person(LOCKED)[0])
        protect(office.casebook, key, "locked", since=day, until=None, why="Asked.", by="Li", on=day)
        office.refresh()
        assert office.assess(buys(FREE, 10, "1000"))["fallback"] == []
    told = office.assess(buys(FREE, 11))
    assert told["fallback"] == ["casebook"]
    assert told["quota"]["reserved_by_others"] == "1000.00000"
    assert office.assess(buys(LOCKED, 12))["lane"] == "hold"
    office.close()


def test_an_empty_casebook_in_its_place_is_not_believed(office: Counter) -> None:
    away(office)
    office.casebook.close()  # whoever opens it makes a new one
    told = office.assess(buys(LOCKED, 11))
    assert (told["lane"], told["fallback"]) == ("hold", ["casebook"])


def test_a_lock_acts_from_the_moment_it_is_set(office: Counter) -> None:
    assert office.assess(buys(FREE, 10))["lane"] != "hold"
    key = consumer_key(office.keys, person(FREE)[0])
    day = date(2024, 1, 20)
    protect(office.casebook, key, "locked", since=day, until=None, why="Asked.", by="Li", on=day)
    assert office.assess(buys(FREE, 11))["lane"] == "hold"


def test_a_lock_acts_on_a_declaration_that_was_answered_before(office: Counter) -> None:
    first = office.assess(buys(FREE, 10))
    key = consumer_key(office.keys, person(FREE)[0])
    day = date(2024, 1, 20)
    protect(office.casebook, key, "locked", since=day, until=None, why="Asked.", by="Li", on=day)
    again = office.assess(buys(FREE, 10))
    assert (again["lane"], again["replaces"]) == ("hold", first["id"])
    assert office.assess(buys(FREE, 10)) == again


def test_a_spoilt_snapshot_is_none(office: Counter) -> None:
    text = office.places.snapshot.read_bytes()
    assert read_snapshot(office.places.snapshot) is not None
    office.places.snapshot.write_bytes(text[:-1])
    assert read_snapshot(office.places.snapshot) is None
    away(office)
    told = office.assess(buys(FREE, 11))
    assert told["fallback"] == ["casebook", "snapshot"]


def test_a_snapshot_of_another_version_is_none(office: Counter) -> None:
    snapshot = read_snapshot(office.places.snapshot)
    assert snapshot is not None
    other = snapshot.measures.model_copy(update={"version": "another"})
    write_snapshot(office.places.snapshot, replace(snapshot, measures=other))
    assert read_snapshot(office.places.snapshot) is None
    assert office.assess(buys(LOCKED, 11))["lane"] == "hold"  # the casebook is there, and is asked


def test_without_what_the_ledger_says_quota_is_unknown(counter: Counter) -> None:
    told = counter.assess(buys(FREE, 1))
    assert told["fallback"] == ["ledger"]
    assert told["quota"] is None


def test_no_personal_value_is_in_any_local_file(office: Counter) -> None:
    office.assess(buys(FREE, 10))
    away(office)
    office.assess(buys(FREE, 11))
    office.close()
    files = [*office.places.index.parent.iterdir(), *office.folder.glob("away-casebook.sqlite*")]
    for value in person(FREE):
        assert not any(value.encode() in file.read_bytes() for file in files if file.is_file())


def record(number: int) -> dict[str, Any]:
    return {"id": f"A-{number}", "text": "值" * number}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_that_was_cut_off_is_none_and_the_next_is_whole(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path / "journal")
    with journal.held():
        journal.append([record(1), record(9)])
    whole = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(whole[:-cut])
    with journal.held():
        journal.append([record(3)])
    assert journal.read() == [record(1), record(3)] if cut > 1 else [record(1), record(9), record(3)]


KILLED = """
import os, sys, signal
from datetime import datetime
from pathlib import Path
import app.assessment.journal as journal
from app.assessment.book import Book
from app.settings import Settings
from app.assessment.places import Places
settings = Settings(data=Path(sys.argv[1]))
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "before the end":
    journal.os.truncate = killed
book = Book(settings.casebook_address, -1)
put = book.put_journaled
if sys.argv[2] == "within":
    book.turn_put = put
    from app.assessment import book as module
    module.Turn.put = killed
journal.Journal(Places.of(settings).journal).replay(put)
"""


@pytest.mark.parametrize("where", ["within", "before the end"])
def test_a_replay_that_is_killed_is_repeated_and_keeps_each_answer_once(office: Counter, where: str) -> None:
    office.assess(buys(FREE, 9))
    away(office)
    told = [office.assess(buys(FREE, 10 + number, "10")) for number in range(3)]
    office.close()
    back(office)
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(office.folder), where],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.returncode == -signal.SIGKILL
    assert Journal(office.places.journal).waiting
    office.now = NOON + timedelta(minutes=1)
    assert office.assess(buys(FREE, 20, "1"))["quota"]["reserved_by_others"] == "1030.00000"
    rows, count = assessments(office.casebook)
    assert count == 5
    assert {answer["id"] for answer in told} <= {row["id"] for row in rows}


def test_a_journal_that_was_emptied_and_has_grown_again_is_read_from_its_beginning(tmp_path: Path) -> None:
    def kept(number: int) -> dict[str, Any]:
        return {"id": f"A-{number}", "sale_id": f"P|{number}", "reserve": None, "inputs": {}}

    journal = Journal(tmp_path / "journal")
    seen = Journaled(journal)
    journal.append([kept(1)])
    seen.follow()
    assert set(seen.latest) == {"P|1"}
    assert journal.replay(lambda _records: None) == 1  # by another process
    journal.append([kept(2), kept(3), kept(4)])
    seen.follow()
    assert set(seen.latest) == {"P|2", "P|3", "P|4"}
