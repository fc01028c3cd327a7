"""Decisions on findings: each kept, none lost, none that the machine would see."""

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cases import DAY, RULE, decided, detected, new_casebook

from app.casebook.models import DECISIONS
from app.casebook.store import Casebook
from app.casework.outcomes import decide, history, of_decision
from app.errors import BadInputError, NotFoundError

SAID = {"why": "nobody answered there", "by": "officer 7", "on": DAY}


@pytest.fixture
def casebook(tmp_path: Path) -> Casebook:
    book = new_casebook(tmp_path)
    detected(book, "P1", "P2")
    return book


def test_every_decision_is_kept_with_who_why_and_what_it_was_made_on(casebook: Casebook) -> None:
    identity = f"{RULE}-P1"
    decide(casebook, identity, "confirmed", expected="open", **SAID)
    detected(casebook, "P1", "P2", version=2, rule_version="1.1.0")
    decide(casebook, identity, "false alarm", expected="confirmed", **SAID | {"by": "officer 8"})
    decide(casebook, identity, "open", expected="false alarm", **SAID)
    kept = [
        (one["former"], one["decision"], one["by"], one["rule_version"])
        for one in history(casebook, identity)
    ]
    assert kept == [
        ("open", "confirmed", "officer 7", "1.0.0"),
        ("confirmed", "false alarm", "officer 8", "1.1.0"),
        ("false alarm", "open", "officer 7", "1.1.0"),
    ]
    assert [one["ledger_version"] for one in history(casebook, identity)] == [1, 2, 2]
    assert casebook.finding(identity).decision == "open"
    assert history(casebook, f"{RULE}-P2") == []


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_faster(casebook: Casebook) -> None:
    identity, refused = f"{RULE}-P1", []
    begin = threading.Barrier(2)

    def say(decision: str) -> None:
        begin.wait()
        try:
            decide(casebook, identity, decision, expected="open", **SAID)
        except BadInputError as error:
            refused.append((decision, str(error)))

    threads = [threading.Thread(target=say, args=(one,)) for one in ("confirmed", "false alarm")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((loser, told),) = refused
    (entry,) = history(casebook, identity)
    assert entry["decision"] != loser
    assert casebook.finding(identity).decision == entry["decision"]
    assert "by now, not 'open'" in told


@pytest.mark.parametrize(
    ("decision", "changed", "told"),
    [
        ("maybe", {}, "'maybe' is no decision"),
        ("confirmed", {"expected": "maybe"}, "'maybe' is no decision"),
        ("confirmed", {"expected": "valuable"}, "is 'open' by now, not 'valuable'"),
        ("open", {}, "is 'open' already"),
        ("snoozed", {}, "needs the day it ends"),
        ("confirmed", {"snoozed_until": DAY + timedelta(9)}, "only a snooze has one"),
        ("snoozed", {"snoozed_until": DAY}, "ends after today"),
        ("confirmed", {"why": "  "}, "says why"),
        ("confirmed", {"by": "x" * 81}, "says by"),
        ("confirmed", {"by": "11010519491231002X"}, "identity or telephone number"),
    ],
)
def test_what_is_no_decision_changes_nothing(
    casebook: Casebook, decision: str, changed: dict[str, Any], told: str
) -> None:
    seq = casebook.seq()
    with pytest.raises(BadInputError, match=told):
        decide(casebook, f"{RULE}-P1", decision, **{"expected": "open", **SAID, **changed})
    assert casebook.seq() == seq
    assert history(casebook, f"{RULE}-P1") == []


def test_only_findings_of_live_rules_are_decided_on(casebook: Casebook) -> None:
    (apart,) = detected(casebook, "P9", rule="platform-unverified", maturity="shadow")
    for unknown in ("nobody", apart):
        with pytest.raises(NotFoundError, match="There is no finding"):
            decide(casebook, unknown, "confirmed", expected="open", **SAID)


def test_a_snooze_lasts_until_its_day_or_until_the_finding_has_changed(casebook: Casebook) -> None:
    until = DAY + timedelta(30)
    decide(casebook, f"{RULE}-P1", "snoozed", expected="open", snoozed_until=until, **SAID)

    def waiting(on: date) -> list[str]:
        return [one.subject["key"] for one in of_decision(casebook.findings(), "open", on)]

    assert (waiting(DAY), waiting(until)) == (["P2"], ["P1", "P2"])
    assert [one.id for one in of_decision(casebook.findings(), "snoozed", DAY)] == [f"{RULE}-P1"]
    decided(casebook, "confirmed", f"{RULE}-P2")
    assert waiting(until) == ["P1"]
    with pytest.raises(BadInputError, match="is no decision"):
        of_decision([], "maybe", DAY)
    assert "in case" in DECISIONS
