"""Mistakes at the command line: one sentence on standard error, exit code 2, nothing on standard output."""

import io
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from commanding import HOME, Run, cluegraph

from app.cli.console import configure_logging
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

MISTAKES = {
    "no such command": ["nope"],
    "no such option": ["findings", "--bogus"],
    "no such group command": ["neo4j", "nope"],
    "a group alone": ["neo4j"],
    "export of what": ["export", "nothing"],
    "load of nothing": ["load"],
    "load of a missing file": ["load", "/no/such/file"],
    "run of a missing file": ["run", "/no/such/file"],
    "a number that is none": ["world", "out", "--orders", "many"],
    "a world of no orders": ["world", "out", "--orders", "0"],
    "a world too small": ["world", "out", "--orders", "3"],
    "an unknown format": ["world", "out", "--format", "pdf"],
    "an unknown kind of world": ["world", "out", "--kind", "flat"],
    "findings of nothing": ["findings"],
    "rejects of nothing": ["rejects"],
    "status of nothing": ["status"],
    "project of nothing": ["project"],
    "detect of nothing": ["detect"],
    "key of nothing": ["key"],
    "serve of nothing": ["serve"],
    "serve beyond this machine": ["serve", "--host", "0.0.0.0"],
    "serve on no address": ["serve", "--host", "nowhere"],
    "serve on an impossible port": ["serve", "--port", "70000"],
    "export of clues of nothing": ["export", "clues", "out"],
    "handover of clues of nothing": ["export", "clues", "out", "--since", "last", "--to", "smuggling"],
    "dossier of nothing": ["export", "dossier", "f-1", "out"],
    "handovers of nothing": ["handovers", "list"],
    "a kind of key that is none": ["key", "--kind", "shoe"],
}
ON_A_LEDGER = {
    "an unknown finding": ["finding", "nope"],
    "an unknown rule": ["findings", "--rule", "nope"],
    "an unknown severity": ["findings", "--severity", "awful"],
    "since nothing": ["findings", "--since", "yesterday"],
    "since the future": ["findings", "--since", "99"],
    "an impossible date": ["export", "clues", "out", "--since", "2024-02-30"],
    "a folder that is taken": ["export", "clues", "."],
    "findings as of no day": ["detect", "--as-of", "2024-02-30"],
    "findings as of a day to come": ["detect", "--as-of", "9998-01-01"],
    "a run as of a day to come": ["run", ".", "--as-of", "9998-01-01"],
}


def one_sentence(text: str) -> bool:
    """One line that ends, and no traceback."""
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


@pytest.fixture
def ledger(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ledger with its key."""
    monkeypatch.chdir(tmp_path)
    Ledger.open(run.data / "ledger")
    Keys.open(run.data / "key")
    return run.data


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_without_a_ledger(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*arguments)

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err
    assert not run.data.exists()


@pytest.mark.parametrize("arguments", ON_A_LEDGER.values(), ids=list(ON_A_LEDGER))
@pytest.mark.usefixtures("ledger")
def test_a_mistake_on_a_ledger(run: Run, arguments: list[str]) -> None:
    answer = run(*arguments)

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err


@pytest.mark.parametrize("command", [["findings"], ["finding", "x"], ["status"], ["export", "clues", "out"]])
def test_a_casebook_that_is_no_database(run: Run, ledger: Path, command: list[str]) -> None:
    (ledger / "casebook.sqlite").write_bytes(b"this is no database at all" * 100)
    answer = run(*command)

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err
    assert "casebook" in answer.err


def test_a_casebook_damaged_inside(run: Run, ledger: Path) -> None:
    assert run("findings").code == 0
    path = ledger / "casebook.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("DROP TABLE finding_history")
    answer = run("findings")

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err


def test_a_ledger_that_cannot_be_read(run: Run, ledger: Path) -> None:
    for log in (ledger / "ledger" / "loads" / "_delta_log").iterdir():
        log.write_text("{broken")
    answer = run("status")

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err


def test_a_key_of_the_wrong_length(run: Run, ledger: Path) -> None:
    (ledger / "key").chmod(0o600)
    (ledger / "key").write_bytes(b"short")
    answer = run("key")

    assert answer.code == 2
    assert one_sentence(answer.err), answer.err


def test_a_data_folder_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "orders.csv").write_text("orderNo\n")
    for command in (["load", tmp_path / "orders.csv"], ["demo"], ["findings"]):
        answer = run(*command, data=tmp_path / "file")
        assert (answer.code, answer.out) == (2, "")
        assert one_sentence(answer.err), answer.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_PORT", "many"), ("API_HOST", "0.0.0.0"), ("LOG_LEVEL", "loud"), ("CASEBOOK_URL", "nonsense")],
)
@pytest.mark.usefixtures("ledger")
def test_a_setting_that_cannot_be_used(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CLUEGRAPH_{name}", value)
    answer = run("serve" if name == "API_HOST" else "findings")

    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err), answer.err


@pytest.mark.usefixtures("ledger")
def test_a_neo4j_of_ones_own_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUEGRAPH_NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("CLUEGRAPH_NEO4J_PASSWORD", "secret")
    for command in ("project", "detect"):
        answer = run(command)
        assert (answer.code, answer.out) == (2, "")
        assert one_sentence(answer.err), answer.err


def test_values_that_cannot_be_keyed_are_not_repeated(ledger: Path) -> None:
    answer = cluegraph("--data", ledger, "key", given="110101199003070011\n \n")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "Line 2 holds no id that could be keyed.\n"


def test_a_traceback_is_shown_only_where_it_is_asked_for(ledger: Path) -> None:
    (ledger / "casebook.sqlite").write_bytes(b"this is no database at all" * 100)
    asked = cluegraph("--data", ledger, "findings", debug=True)

    assert asked.code == 2
    assert "Traceback" in asked.err


def test_whoever_reads_our_output_may_stop_reading(ledger: Path) -> None:
    line = f"PYTHONPATH={HOME} {sys.executable} -m app.cli --data {ledger} status | true"
    shell = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)

    assert shell.stderr == ""


def test_log_lines_go_to_standard_error_as_it_is_by_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as replaced:
        before = io.StringIO()
        replaced.setattr("sys.stderr", before)
        configure_logging("info")
        before.close()
    structlog.get_logger("cluegraph.test").warning("said later")
    assert "said later" in capsys.readouterr().err
    configure_logging("warning")
