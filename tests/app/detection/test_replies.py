"""Shares of refuted replies against peers, and accounts behind many sellers, on counts alone."""

import pyarrow as pa
import pytest

from app.detection.payees import Payee, PayeeParameters, judge_payees
from app.detection.replies import Replies, ReplyParameters, interval, judge_companies, judge_platforms

REPLIES = ReplyParameters(
    minimum_replies=2, minimum_refuted=2, minimum_peers=5, mistakes=0.05, minimum_lift=3.0, level=0.05
)
PAYEES = PayeeParameters(minimum_sellers=4, minimum_peers=20, most=0.5, level=0.05)
HONEST = {f"P{number:02d}": (20, number % 7 == 0) for number in range(30)}


def found(results: dict[str, Replies]) -> set[str]:
    """Whom the rule would name."""
    return {
        subject
        for subject, one in results.items()
        if one.q is not None
        and one.usual is not None
        and one.q <= REPLIES.level
        and one.refuted >= REPLIES.minimum_refuted
        and one.low >= REPLIES.minimum_lift * one.usual
    }


def test_who_is_refuted_more_than_peers_is_found_and_a_mistake_is_not() -> None:
    results = judge_platforms({**HONEST, "BAD": (10, 7), "ONE": (1, 1), "TWO": (2, 2)}, REPLIES)
    assert found(results) == {"BAD", "TWO"}
    assert results["ONE"].q is None
    assert results["BAD"].usual == pytest.approx(0.0083, abs=0.003)  # five slips of 600, without BAD and TWO
    assert (results["BAD"].low, results["BAD"].high) == interval(7, 10)


def test_peers_that_are_mostly_guilty_do_not_make_guilt_usual() -> None:
    results = judge_platforms({f"B{number}": (10, 8) for number in range(6)} | {"FINE": (10, 0)}, REPLIES)
    assert found(results) == {f"B{number}" for number in range(6)}
    assert results["FINE"].usual == REPLIES.mistakes


def test_a_single_platform_that_was_asked_about_is_judged_by_what_mistakes_explain() -> None:
    assert found(judge_platforms({"ONLY": (60, 40)}, REPLIES)) == {"ONLY"}
    assert found(judge_platforms({"ONLY": (60, 3)}, REPLIES)) == set()


def test_without_replies_nobody_is_judged() -> None:
    assert judge_platforms({}, REPLIES) == {}
    assert judge_companies({}, {}, 0.01, REPLIES) == {}
    assert interval(0, 0) == (0.0, 1.0)


def test_a_company_answers_for_what_it_settles_and_not_for_those_who_forge_in_its_name() -> None:
    """The authority was asked about the forgers: by the plain share of replies the wallet is the worst."""
    sales = {
        "WALLET": {**{f"P{number:02d}": 1_000 for number in range(30)}, **{f"F{n}": 40 for n in range(8)}},
        "SMALL": {f"F{n}": 160 for n in range(8)},
    }
    replies = {
        "WALLET": {**{f"F{n}": (4, 4) for n in range(8)}, **{f"P{n:02d}": (1, 0) for n in range(10)}},
        "SMALL": {f"F{n}": (2, n % 4 > 0) for n in range(8)} | {"F0": (2, 2)},
    }
    results = judge_companies(replies, sales, 0.01, REPLIES)
    assert (results["WALLET"].refuted, results["WALLET"].replies) == (32, 42)
    assert results["WALLET"].share < 0.03
    assert found(results) == {"SMALL"}


def test_a_company_with_one_platform_is_judged_by_it() -> None:
    results = judge_companies({"OWN": {"F": (4, 4)}}, {"OWN": {"F": 500}}, 0.01, REPLIES)
    assert found(results) == {"OWN"}
    assert judge_companies({"OWN": {"F": (1, 1)}}, {"OWN": {"F": 500}}, 0.01, REPLIES)["OWN"].q is None


def accounts(*rows: tuple[str, int, int, int, int, bool]) -> pa.Table:
    """Accounts by name, platforms, merchants, platforms through one company, platforms of it, settlement."""
    own = [(f"OWN{number:02d}", 1, 1, 1, 40, False) for number in range(40)]
    names = ("account", "platforms", "merchants", "through", "of_company", "settlement")
    return pa.Table.from_pylist([{**dict(zip(names, row, strict=True)), "sales": 9} for row in [*own, *rows]])


def outstanding(payees: list[Payee]) -> set[str]:
    """Accounts that the rule would name."""
    return {one.account for one in payees if one.q is not None and one.q <= 0.05 and one.sellers >= 4}


def test_an_account_behind_many_sellers_is_found_and_honest_ones_are_not() -> None:
    payees = judge_payees(
        accounts(
            ("SHARED", 9, 9, 5, 40, False),
            ("TRADER", 9, 1, 9, 40, False),  # one merchant on nine markets
            ("MARKET", 1, 9, 1, 40, False),  # one market for nine merchants
            ("HELD", 9, 9, 3, 40, True),  # a payment company's own, by its holder
            ("SETTLES", 9, 9, 9, 12, False),  # most of its company's platforms, and none of others
            ("TWO", 2, 2, 2, 40, False),
        ),
        PAYEES,
    )
    assert outstanding(payees) == {"SHARED"}
    assert {one.account for one in payees if one.settlement} == {"HELD", "SETTLES"}


def test_few_of_a_company_s_platforms_are_no_settlement() -> None:
    payees = judge_payees(accounts(("SHARED", 9, 9, 9, 40, False)), PAYEES)
    assert outstanding(payees) == {"SHARED"}


def test_with_few_accounts_nobody_is_judged() -> None:
    few = accounts(("SHARED", 9, 9, 3, 40, False)).slice(25)
    assert [one.q for one in judge_payees(few, PAYEES)] == [None] * 16
    assert judge_payees(few.slice(0, 0), PAYEES) == []
