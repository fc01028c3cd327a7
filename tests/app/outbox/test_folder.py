"""Instructions as files: whole or not at all, named by number and key; answers are taken once."""

import os
from pathlib import Path

import orjson
import pytest
from casebooks import NOW, issued

from app.casebook.store import Casebook
from app.clues.outgoing import outbox_status, run_once
from app.settings import Settings
from app.supervision import instructions as orders


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "clearance"
    folder.mkdir()
    return Settings(data=tmp_path, clearance=str(folder))


def where(settings: Settings) -> Path:
    return Path(str(settings.clearance))


def answer(settings: Settings, name: str, text: str, *, age: float = 0) -> Path:
    """A file that the receiver left, so many seconds ago."""
    path = where(settings) / "answers" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (NOW.timestamp() - age,) * 2)
    return path


def key_of(settings: Settings) -> str:
    (path,) = (where(settings) / "out").iterdir()
    return path.stem.partition("-")[2]


def test_instructions_become_files_in_the_order_of_their_names(
    casebook: Casebook, settings: Settings
) -> None:
    identity = issued(casebook)
    orders.withdraw(casebook, identity, expected="issued", by="K03", why="No.", at=NOW)
    assert run_once(settings, casebook, lambda: NOW).sent.delivered == 2
    files = sorted((where(settings) / "out").iterdir())  # hidden ones too: nothing else is there
    assert [path.name.split(".")[:2] for path in files] == [
        [f"0000000001-{identity}", "issue"],
        [f"0000000002-{identity}", "withdrawal"],
    ]
    assert [orjson.loads(path.read_bytes())["type"] for path in files] == [
        "instruction.issued",
        "instruction.withdrawn",
    ]
    assert run_once(settings, casebook, lambda: NOW).sent.delivered == 0


def test_a_folder_that_is_not_there_is_waited_for(casebook: Casebook, settings: Settings) -> None:
    issued(casebook)
    where(settings).rmdir()
    assert run_once(settings, casebook, lambda: NOW).sent.failed == 1
    assert not where(settings).exists()  # a share that is not mounted is not made up
    (told,) = outbox_status(settings, casebook)
    assert (told["waiting"], told["last_error"]) == (1, "the folder is not there")


def test_answers_are_taken_once_and_kept(casebook: Casebook, settings: Settings) -> None:
    identity = issued(casebook)
    run_once(settings, casebook, lambda: NOW)
    told = orjson.dumps({"key": key_of(settings), "state": "acknowledged", "by": "H2018"}).decode()
    path = answer(settings, "a.json", told)
    report = run_once(settings, casebook, lambda: NOW)
    assert (report.answers, report.unusable) == (1, 0)
    assert orders.instruction(casebook, identity)[0].state == "acknowledged"
    assert not path.exists()
    assert (path.parent / "taken" / "a.json").read_text("utf-8") == told
    before = orders.instruction(casebook, identity)
    answer(settings, "b.json", told)  # a service killed between keeping and moving reads it again
    assert run_once(settings, casebook, lambda: NOW).answers == 1
    assert orders.instruction(casebook, identity) == before


def test_an_answer_that_is_being_written_is_waited_for(casebook: Casebook, settings: Settings) -> None:
    identity = issued(casebook)
    run_once(settings, casebook, lambda: NOW)
    answer(settings, ".hidden.json", "{}", age=900)
    half = answer(settings, "a.json", '{"key": "', age=30)
    report = run_once(settings, casebook, lambda: NOW)
    assert (report.answers, report.unusable) == (0, 0)
    assert half.exists()
    answer(settings, "a.json", f'{{"key": "{key_of(settings)}", "state": "refused", "reason": "Full."}}')
    assert run_once(settings, casebook, lambda: NOW).answers == 1
    assert orders.instruction(casebook, identity)[1][-1]["why"] == "Full."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON object"),
        ("[1]", "no JSON object"),
        ('{"x": "' + "x" * 70_000 + '"}', "no JSON object"),
        ('{"key": "unknown", "state": "acknowledged"}', "no idempotency key"),
        ('{"key": "KEY", "state": "done"}', "acknowledged or refused"),
        ('{"state": "acknowledged"}', "no idempotency key"),
    ],
)
def test_answers_of_no_use_are_set_aside_with_the_reason(
    casebook: Casebook, settings: Settings, text: str, why: str
) -> None:
    identity = issued(casebook)
    run_once(settings, casebook, lambda: NOW)
    path = answer(settings, "a.json", text.replace("KEY", key_of(settings)), age=61)
    assert run_once(settings, casebook, lambda: NOW).unusable + path.exists() == (why != "no JSON object")
    aside = path.parent / "unusable"
    assert why in (aside / "a.json.reason.txt").read_text("utf-8")
    assert orders.instruction(casebook, identity)[0].state == "issued"


def test_an_answer_that_is_a_link_is_left_alone(
    casebook: Casebook, settings: Settings, tmp_path: Path
) -> None:
    issued(casebook)
    run_once(settings, casebook, lambda: NOW)
    answer(settings, "real.json", "{}").rename(tmp_path / "real.json")
    link = where(settings) / "answers" / "a.json"
    link.symlink_to(tmp_path / "real.json")
    run_once(settings, casebook, lambda: NOW)
    assert link.is_symlink()
