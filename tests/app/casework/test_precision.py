"""Precision of rules by outcomes, the floors that they may fall under, and what people do about it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cases import DAY, RULE, decided, detected, new_casebook
from scipy import stats

from app.casebook.store import Casebook
from app.casework.maturity import move, moves
from app.casework.precision import precision_of
from app.casework.precision_table import PrecisionVersion, precision_on
from app.casework.proposals import decide_proposal, proposals, propose
from app.clues.rules import one_rule
from app.errors import BadInputError, NotFoundError

TABLE = precision_on(DAY)
SAID: dict[str, Any] = {"why": "looked into", "by": "officer 7", "on": DAY}
PLATFORMS = [f"P{number:02}" for number in range(16)]


@pytest.fixture
def casebook(tmp_path: Path) -> Casebook:
    return new_casebook(tmp_path)


def failing(casebook: Casebook, right: int = 2, wrong: int = 13) -> list[str]:
    """Findings of a rule that is mostly wrong; one is left without an outcome."""
    found = detected(casebook, *PLATFORMS)
    decided(casebook, "confirmed", *found[:right])
    decided(casebook, "false alarm", *found[right : right + wrong])
    return found


def test_outcomes_give_a_rule_its_precision_with_an_interval(casebook: Casebook) -> None:
    found = detected(casebook, *PLATFORMS)
    decided(casebook, "confirmed", *found[:5])
    decided(casebook, "valuable", found[5])
    decided(casebook, "real sale on a false platform", found[6])
    decided(casebook, "false alarm", found[7])
    decided(casebook, "in case", found[8])
    (other,) = detected(casebook, "P1", rule="platform-unverified")
    decided(casebook, "false alarm", other)
    detected(casebook, *PLATFORMS[:14], version=2)  # two without an outcome are gone
    told = precision_of(casebook, RULE, TABLE)
    assert (told["right"], told["wrong"], told["precision"]) == (7, 1, 7 / 8)
    assert told["low"] == pytest.approx(stats.beta.ppf(0.025, 7.5, 1.5))
    assert told["high"] == pytest.approx(stats.beta.ppf(0.975, 7.5, 1.5))
    assert (told["undecided"], told["gone"]) == (6, 2)
    assert precision_of(casebook, "platform-unverified", TABLE)["wrong"] == 1
    nothing = precision_of(casebook, "ring-platforms", TABLE)
    assert (nothing["precision"], nothing["low"], nothing["high"], nothing["below"]) == (
        None,
        0.0,
        1.0,
        False,
    )
    with pytest.raises(NotFoundError, match="no rule 'ring'"):
        precision_of(casebook, "ring", TABLE)


def test_a_version_answers_for_its_own_outcomes(casebook: Casebook) -> None:
    found = detected(casebook, *PLATFORMS[:12], rule_version="0.9.0")
    decided(casebook, "false alarm", *found)
    detected(casebook, *PLATFORMS, version=2)
    told = precision_of(casebook, RULE, TABLE)
    assert told["wrong"] == 12
    assert [(one["version"], one["judged"]) for one in told["versions"]] == [("0.9.0", 12), ("1.0.0", 0)]
    assert not told["below"]
    assert propose(casebook, TABLE, DAY) == []


def test_a_rule_surely_under_its_floor_is_proposed_once(casebook: Casebook) -> None:
    failing(casebook)
    (made,) = propose(casebook, TABLE, DAY)
    assert (made["rule"], made["right"], made["wrong"], made["floor"]) == (RULE, 2, 13, 0.5)
    assert made["high"] < 0.5
    seq = casebook.seq()
    assert propose(casebook, TABLE, DAY) == []
    assert casebook.seq() == seq


@pytest.mark.parametrize(("right", "wrong"), [(0, 9), (4, 9), (8, 2)])
def test_few_outcomes_or_a_wide_interval_propose_nothing(casebook: Casebook, right: int, wrong: int) -> None:
    failing(casebook, right, wrong)
    assert propose(casebook, TABLE, DAY) == []


def test_an_accepted_proposal_makes_the_rule_a_shadow_until_it_is_promoted_again(casebook: Casebook) -> None:
    failing(casebook)
    (made,) = propose(casebook, TABLE, DAY)
    row = decide_proposal(casebook, made["number"], True, **SAID)
    assert (row["state"], row["decided_by"]) == ("accepted", "officer 7")
    assert "payment-captive-platforms" in row["follows"]  # it is a base rule, and that one hears its flags
    assert casebook.maturities() == {RULE: "shadow"}
    assert one_rule(RULE, casebook)["maturity"] == "shadow"
    assert one_rule(RULE, None)["maturity"] == "live"  # its file is as it was
    with pytest.raises(BadInputError, match="was accepted on 2025-06-02 by officer 7 already"):
        decide_proposal(casebook, made["number"], False, **SAID)

    move(casebook, RULE, "live", expected="shadow", **SAID)
    assert casebook.maturities() == {RULE: "live"}
    told = [(one["former"], one["maturity"], one["proposal"]) for one in moves(casebook)]
    assert told == [("live", "shadow", made["number"]), ("shadow", "live", None)]
    assert [one["state"] for one in proposals(casebook)] == ["accepted"]


def test_a_rejected_proposal_is_made_again_only_on_more_outcomes(casebook: Casebook) -> None:
    found = failing(casebook)
    (made,) = propose(casebook, TABLE, DAY)
    decide_proposal(casebook, made["number"], False, **SAID)
    assert casebook.maturities() == {}
    assert propose(casebook, TABLE, DAY) == []
    decided(casebook, "false alarm", found[-1])
    (again,) = propose(casebook, TABLE, DAY)
    assert (again["number"], again["wrong"]) == (2, 14)
    assert [one["number"] for one in proposals(casebook, "proposed")] == [2]
    with pytest.raises(BadInputError, match="no state of a proposal"):
        proposals(casebook, "waiting")
    with pytest.raises(NotFoundError, match="no proposal 9"):
        decide_proposal(casebook, 9, True, **SAID)


def test_a_proposal_that_was_overtaken_is_not_accepted(casebook: Casebook) -> None:
    failing(casebook)
    (made,) = propose(casebook, TABLE, DAY)
    move(casebook, RULE, "draft", expected="live", **SAID)
    seq = casebook.seq()
    with pytest.raises(BadInputError, match="is draft by now, not live"):
        decide_proposal(casebook, made["number"], True, **SAID)
    assert casebook.seq() == seq
    assert proposals(casebook)[0]["state"] == "proposed"


@pytest.mark.parametrize(
    ("rule", "to", "changed", "told"),
    [
        (RULE, "ripe", {}, "'ripe' is no maturity"),
        (RULE, "live", {}, "is live already"),
        (RULE, "shadow", {"expected": "draft"}, "is live by now, not draft"),
        (RULE, "shadow", {"why": ""}, "says why"),
        (RULE, "shadow", {"by": "13812345678"}, "identity or telephone number"),
    ],
)
def test_a_move_that_is_none_changes_nothing(
    casebook: Casebook, rule: str, to: str, changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        move(casebook, rule, to, **{"expected": "live", **SAID, **changed})
    assert (casebook.seq(), casebook.maturities()) == (0, {})


def test_a_rule_rises_one_step_at_a_time(casebook: Casebook) -> None:
    with pytest.raises(NotFoundError, match="no rule 'none'"):
        move(casebook, "none", "shadow", expected="live", **SAID)
    move(casebook, RULE, "draft", expected="live", **SAID)
    with pytest.raises(BadInputError, match="move it to shadow first"):
        move(casebook, RULE, "live", expected="draft", **SAID)
    assert move(casebook, RULE, "shadow", expected="draft", **SAID)["follows"] == []
    assert "ring-platforms" in move(casebook, RULE, "live", expected="shadow", **SAID)["follows"]


def test_a_rule_that_others_act_on_may_be_a_shadow_where_its_flags_are_left_out(casebook: Casebook) -> None:
    base, group = "platform-failed-checks", "payment-captive-platforms"
    follows = move(casebook, base, "shadow", expected="live", **SAID)["follows"]
    assert {group, "ring-platforms"} <= set(follows)  # they need it, and hear other flags from then on
    with pytest.raises(BadInputError, match=f"cannot be draft beside {group}, ring-platforms"):
        move(casebook, base, "draft", expected="shadow", **SAID)
    with pytest.raises(BadInputError, match=f"'{group}' cannot be shadow beside ring-platforms"):
        move(casebook, group, "shadow", expected="live", **SAID)
    move(casebook, "ring-platforms", "shadow", expected="live", **SAID)
    assert move(casebook, group, "shadow", expected="live", **SAID)["follows"] == []


def table_of(folder: Path, **changed: Any) -> Path:
    """The table that comes with cluegraph, with other values."""
    fields = {
        "version": "1.0.0",
        "holds_from": "2019-01-01",
        "right": "[confirmed]",
        "wrong": "[false alarm]",
        "level": "0.95",
        "floor": "0.5",
        "minimum": "10",
        "rules": "{}",
    } | changed
    lines = [f"    {name}: {value}" for name, value in fields.items()]
    path = folder / "precision.yaml"
    path.write_text("versions:\n  -" + "\n".join(lines)[3:] + "\n", "utf-8")
    return path


def test_which_decisions_are_right_and_which_floor_holds_is_data(casebook: Casebook, tmp_path: Path) -> None:
    failing(casebook)
    table = precision_on(DAY, table_of(tmp_path, rules=f"{{{RULE}: {{floor: 0.01, minimum: 5}}}}"))
    assert propose(casebook, table, DAY) == []
    table = precision_on(DAY, table_of(tmp_path, right="['false alarm']", wrong="[confirmed]"))
    assert precision_of(casebook, RULE, table)["right"] == 13
    with pytest.raises(NotFoundError, match="No version of the table of precisions holds on 2018-12-31"):
        precision_on(date(2018, 12, 31))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"floor": "1.2"}, r"precision.yaml:7:5: versions.0.floor: .*less than or equal to 1"),
        ({"floor": "-0.1"}, "greater than or equal to 0"),
        ({"level": "1.0"}, "less than 1"),
        ({"minimum": "0"}, "greater than or equal to 1"),
        ({"right": "[sure]"}, "'sure' is no decision"),
        ({"wrong": "[confirmed]"}, "'confirmed' is right and wrong"),
        ({"rules": "{ring: {floor: 0.1, minimum: 3}}"}, "there is no rule 'ring'"),
        ({"rules": f"{{{RULE}: {{floor: 2.0, minimum: 3}}}}"}, "less than or equal to 1"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        precision_on(DAY, table_of(tmp_path, **changed))
    assert isinstance(TABLE, PrecisionVersion)
