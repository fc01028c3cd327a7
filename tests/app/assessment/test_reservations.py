"""Declared sales reserve quota at once: once a declaration, one turn a person, until it is no longer due."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counter import Counter, body, buys, facts
from postgres_server import Postgres, running_postgres

from app.assessment.kept import assessment, release
from app.assessment.looking_up import Looked, look_up
from app.errors import BadInputError, NotFoundError


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    """An office whose people have 20,000 of their 26,000 CNY behind them, on either engine."""
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else None
    with Counter(tmp_path / "data", url) as counter:
        counter.load(*(document for who in (1, 2, 3) for document in buys(who, who, "20000")))
        counter.refresh()
        yield counter


def test_what_is_declared_is_reserved_and_the_next_one_sees_it(office: Counter) -> None:
    first = office.assess(buys(1, 11, "4000"))
    second = office.assess(buys(1, 12, "4000"))
    assert first["quota"]["reserved"] == "4000.00000"
    assert (first["lane"], second["lane"]) != ("hold", "hold")
    assert second["lane"] == "hold"
    assert facts(second)["quota-annual"] == {"used": "28000.00000", "limit": "26000.00000", "year": 2024}
    assert second["quota"]["reserved_by_others"] == "4000.00000"
    assert second["quota"]["reserved"] == "0.00000"  # what customs would refuse takes nothing from others


def test_the_same_declaration_again_is_the_same_assessment(office: Counter) -> None:
    first = office.assess(buys(1, 11))
    office.later(hours=1)
    assert office.assess(buys(1, 11)) == first
    assert office.assess(buys(1, 12))["quota"]["reserved_by_others"] == "1000.00000"


def test_what_arrives_while_a_sale_is_assessed_counts_once(
    office: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserving = buys(1, 11, "3000")
    office.assess(reserving)
    looked: list[int | None] = []

    def moved(*given: Any, **more: Any) -> Looked:
        told = look_up(*given, **more)
        looked.append(told.version)
        if len(looked) == 1:  # between the look-up and the answer
            office.load(*reserving)
            assert office.refresh().fallen == 1
        return told

    monkeypatch.setattr("app.assessment.desk.look_up", moved)
    answer = office.assess(buys(1, 12, "1000"))
    assert looked == [1, 2]
    assert answer["quota"]["used"] == "24000.00000"
    assert answer["quota"]["reserved_by_others"] == "0.00000"


def test_a_changed_declaration_replaces_the_reservation(office: Counter) -> None:
    first = office.assess(buys(1, 11, "4000"))
    changed = office.assess(buys(1, 11, "1500"))
    assert changed["replaces"] == first["id"]
    assert office.assess(buys(1, 12))["quota"]["reserved_by_others"] == "1500.00000"
    back = office.assess(buys(1, 11, "4000"))
    assert back["id"] not in (
        first["id"],
        changed["id"],
    )  # a third content, though one of before
    assert assessment(office.casebook, back["id"])["number"] == 3
    assert assessment(office.casebook, first["id"])["reservation"] is None


def test_what_arrives_in_the_ledger_counts_once(office: Counter) -> None:
    office.assess(buys(1, 11, "4000"))
    office.load(*buys(1, 11, "4000"))
    before = office.assess(buys(1, 12, "10"))["quota"]
    assert (before["used"], before["reserved_by_others"]) == ("24010.00000", "4000.00000")
    assert office.refresh().fallen == 1
    after = office.assess(buys(1, 13, "10"))["quota"]
    assert (after["used"], after["reserved_by_others"]) == ("24020.00000", "10.00000")


def test_a_reservation_runs_out(office: Counter) -> None:
    office.assess(buys(1, 11, "4000"))
    office.later(days=29)
    assert office.assess(buys(1, 12, "10"))["quota"]["reserved_by_others"] == "4000.00000"
    office.later(days=2)
    assert office.assess(buys(1, 13, "10"))["quota"]["reserved_by_others"] == "10.00000"
    assert office.refresh().fallen == 1


def test_a_reservation_is_given_free_by_a_person_once(office: Counter) -> None:
    told = office.assess(buys(1, 11, "4000"))
    book = office.casebook
    with pytest.raises(BadInputError, match="telephone number"):
        release(book, told["id"], by="Wang Fang", why="call 13800000001", at=office.now)
    free = release(book, told["id"], by="Wang Fang", why="Withdrawn by the agent.", at=office.now)
    assert free["reservation"]["state"] == "released"
    assert office.assess(buys(1, 12, "10"))["quota"]["reserved_by_others"] == "0.00000"
    with pytest.raises(BadInputError, match="reserves no quota"):
        release(book, told["id"], by="Wang Fang", why="Again.", at=office.now)
    with pytest.raises(NotFoundError):
        release(book, "A-none", by="Wang Fang", why="Unknown.", at=office.now)


def test_threads_of_one_person_cannot_both_have_the_last_of_it(office: Counter) -> None:
    declarations = [office.declaration(buys(2, 20 + no, "5000")) for no in range(6)]
    answers: list[dict[str, Any]] = []
    begin = threading.Barrier(len(declarations))
    desk = office.desk

    def ask(number: int) -> None:
        begin.wait()
        answers.append(desk.assess(declarations[number], office.now))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(declarations))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["quota"]["reserved"] for answer in answers) == ["0.00000"] * 5 + ["5000.00000"]


ASK = """
import sys
from datetime import datetime
from pathlib import Path
from app.assessment.declaration import read_declaration
from app.assessment.desk import Desk
from app.settings import Settings
from loaders.contract import Keys
folder, url, at = Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
desk = Desk(Settings(data=folder, casebook_url=url), lambda: at)
declaration = read_declaration(sys.stdin.buffer.read(), Keys.open(folder / "key"))
sys.stdout.write("ready\\n")
sys.stdout.flush()
print(desk.assess(declaration, at)["quota"]["reserved"])
desk.close()
"""


def test_processes_of_one_person_cannot_both_have_the_last_of_it(office: Counter) -> None:
    given = [sys.executable, "-W", "ignore", "-c", ASK, str(office.folder), office.settings.casebook_address]
    asking = [
        subprocess.Popen([*given, office.now.isoformat()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    for number, process in enumerate(asking):
        assert process.stdin is not None
        process.stdin.write(body(buys(3, 30 + number, "5000")))
        process.stdin.close()
    told = []
    for process in asking:
        assert process.stdout is not None
        told.append(process.stdout.read().decode().split()[-1])
        assert process.wait() == 0
    assert sorted(told) == ["0.00000", "0.00000", "5000.00000"]
