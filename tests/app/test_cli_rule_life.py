"""The life of a rule from the command line: outcomes, precision, proposals, moves, what no rule sees."""

import sys
from pathlib import Path

import pytest
from commanding import Run

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / part) for part in ("app/casework", "app/detection", "loaders/ledger")]

from cases import RULE, decided, detected  # noqa: E402
from ledger_desk import Desk  # noqa: E402
from shops import inspection, sale  # noqa: E402

from app.casebook.store import Casebook  # noqa: E402
from app.settings import Settings  # noqa: E402
from loaders.contract import Keys  # noqa: E402

SAID = ("--why", "looked into", "--by", "officer 7")
FIRST = f"{RULE}-P00"


@pytest.fixture
def book(run: Run) -> Casebook:
    """A data folder with sixteen findings of one rule, and no graph."""
    desk = Desk(run.data, Keys.open(run.data.parent / "key"))
    desk.load(*(document for no in range(4) for document in sale("P00", no, no)))
    book = Casebook.open(Settings(data=run.data).casebook_address)
    detected(book, *(f"P{number:02}" for number in range(16)))
    desk.load(inspection("I1", "P00|00001", "discrepancy"))
    return book


@pytest.mark.usefixtures("book")
def test_a_finding_is_decided_on_and_decided_again(run: Run) -> None:
    told = run("decide", FIRST, "--as", "confirmed", *SAID)
    assert (told.code, told.err) == (0, "")
    assert "is confirmed now; it was open" in told.out
    late = run("decide", FIRST, "--as", "false alarm", *SAID)
    assert (late.code, late.out) == (2, "")
    assert "is 'confirmed' by now, not 'open'" in late.err
    entry = run("decide", FIRST, "--as", "false alarm", "--was", "confirmed", *SAID, "--json").json
    assert (entry["number"], entry["decision"]) == (2, "false alarm")
    until = ("--as", "snoozed", "--until", "2999-01-01")
    assert run("decide", f"{RULE}-P01", *until, *SAID).code == 0
    assert len(run("findings", "--decision", "open", "--json").json) == 14
    assert [one["id"] for one in run("findings", "--decision", "false alarm", "--json").json] == [FIRST]
    text = run("finding", FIRST).out
    assert "decision: false alarm" in text
    assert "officer 7: false alarm, was confirmed; looked into" in text


def test_a_rule_under_its_floor_becomes_a_shadow_and_comes_back(run: Run, book: Casebook) -> None:
    decided(book, "false alarm", *(f"{RULE}-P{number:02}" for number in range(12)))
    (told,) = run("rules", "precision", "--rule", RULE, "--json").json
    assert (told["judged"], told["precision"], told["below"], told["undecided"]) == (12, 0.0, True, 4)
    assert "12 outcomes" in run("rules", "precision").out
    (made,) = run("rules", "propose", "--json").json
    assert "0 proposals" in run("rules", "propose").out
    accepted = run("rules", "accept", made["number"], *SAID)
    assert f"{RULE} is a shadow from the next detection on" in accepted.out
    assert "payment-captive-platforms" in accepted.out
    assert "accepted" in run("rules", "proposals", "--state", "accepted").out
    assert (
        "(shadow, local)" in run("rules", "show", RULE).out
        or "(shadow, global)" in run("rules", "show", RULE).out
    )

    wrong = run("rules", "demote", RULE, "--to", "live", "--was", "shadow", *SAID)
    assert (wrong.code, "is no demotion" in wrong.err) == (2, True)
    promoted = run("rules", "promote", RULE, "--to", "live", "--was", "shadow", *SAID)
    assert f"{RULE} is live from the next detection on" in promoted.out
    demoted = run("rules", "demote", RULE, "--to", "draft", "--was", "live", *SAID, "--json").json
    assert (demoted["number"], demoted["maturity"]) == (3, "draft")
    assert [one["maturity"] for one in run("rules", "moves", "--rule", RULE, "--json").json] == [
        "shadow", "live", "draft",
    ]  # fmt: skip
    assert "3 moves" in run("rules", "moves").out


def test_a_proposal_may_be_rejected(run: Run, book: Casebook) -> None:
    decided(book, "false alarm", *(f"{RULE}-P{number:02}" for number in range(12)))
    run("rules", "propose")
    assert "is live as before" in run("rules", "reject", 1, *SAID).out
    again = run("rules", "accept", 1, *SAID)
    assert (again.code, "was rejected on" in again.err) == (2, True)


@pytest.mark.usefixtures("book")
def test_what_no_rule_sees_is_told(run: Run) -> None:
    told = run("rules", "control-sample", "--json").json
    assert (told["random"], told["missed"]["count"], told["missed"]["of"]) == (1, 0, 1)
    text = run(
        "rules", "control-sample", "--severity", "high", "--from", "2024-01-01", "--to", "2024-12-31"
    ).out
    assert "no rule had spoken of:         1 of 1 (100.0%; " in text
    assert "Yield where a rule had spoken:                      nothing to judge" in text


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("decide", "nope", "--as", "confirmed", *SAID), "There is no finding 'nope'"),
        (("decide", FIRST, "--as", "sure", *SAID), "'sure' is no decision"),
        (("decide", FIRST, "--as", "snoozed", "--until", "soon", *SAID), "'soon' is no day"),
        (("findings", "--decision", "sure"), "'sure' is no decision"),
        (("rules", "precision", "--rule", "nope"), "There is no rule 'nope'"),
        (("rules", "precision", "--table", "nope.yaml"), "There is no file nope.yaml"),
        (("rules", "promote", "nope", "--to", "live", "--was", "shadow", *SAID), "There is no rule 'nope'"),
        (("rules", "accept", "7", *SAID), "There is no proposal 7"),
        (("rules", "proposals", "--state", "sure"), "no state of a proposal"),
        (("rules", "test", "nope"), "There is no rule 'nope'"),
        (("rules", "test", "nope.cypher"), "There is no file nope.cypher"),
        (("rules", "test", "consumer-locked", "--orders", "500", "--seed", "2"), "No world plants anything"),
        (("rules", "backtest", RULE), "Say when"),
        (("rules", "backtest", RULE, "--ledger-version", "9"), "The ledger has no version 9"),
        (("rules", "backtest", RULE, "--on", "1999-01-01"), "no version of 1999-01-01"),
        (("rules", "backtest", "nope", "--ledger-version", "1"), "There is no rule 'nope'"),
        (("rules", "shadow", "nope.cypher"), "There is no file nope.cypher"),
        (("rules", "shadow", "nope"), "There is no rule 'nope'"),
        (("rules", "shadow", RULE), "is live, no shadow: give a file"),
        (("rules", "shadow", "nope.cypher", "--rate", "1.5"), "1.5 is no rate of inspection"),
        (("rules", "shadow", "nope.cypher", "--rate", "half"), "'half' is no rate of inspection"),
    ],
)
def test_a_mistake_is_told_in_one_sentence_and_changes_nothing(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    seq = Casebook.open(Settings(data=run.data).casebook_address).seq()
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err
    assert answer.err.count("\n") == 1
    assert Casebook.open(Settings(data=run.data).casebook_address).seq() == seq
    assert not (run.data / "trial").exists()
    assert not (run.data / "neo4j").exists()


@pytest.mark.usefixtures("book")
def test_a_rule_is_tried_from_the_command_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found then, and changed now: as text, for a person."""
    monkeypatch.setenv("CLUEGRAPH_NEO4J_HEAP", "512m")
    monkeypatch.setenv("CLUEGRAPH_NEO4J_PAGE_CACHE", "64m")
    told = run("rules", "backtest", "platform-failed-checks", "--ledger-version", 1)
    assert told.code == 0, told.err
    assert "platform-failed-checks 1.0.0 at ledger version 1" in told.out
    assert "MiB in a scratch folder, which is gone again" in told.out
    assert "0 of 0 right; 0 findings without an outcome" in told.out
    assert not (run.data / "trial").exists()
