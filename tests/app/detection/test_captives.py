"""Payment companies with captive platforms: found where checks speak against them, and only there."""

import numpy as np
import pyarrow as pa
import pytest

from app.detection.captives import (
    CaptiveParameters,
    WatchParameters,
    captive_companies,
    captive_platforms,
    watched_companies,
)
from app.detection.settlement import settlement_groups


def settlements(rows: list[tuple[str, str | None, int]]) -> pa.Table:
    platform, company, transactions = zip(*rows, strict=True)
    return pa.table(
        {
            "platform": platform,
            "company": pa.array(company, pa.string()),
            "transactions": pa.array(transactions),
        }
    )


def flags(rows: dict[tuple[str, str], bool]) -> pa.Table:
    return pa.table(
        {
            "platform": pa.array([platform for platform, _ in rows], pa.string()),
            "kind": pa.array([kind for _, kind in rows], pa.string()),
            "flagged": pa.array(list(rows.values()), pa.bool_()),
        }
    )


def market(captives: int = 10, honest: int = 90) -> pa.Table:
    """Platforms c0.. settle with `small`, h0.. with `wallet`, all of them 40 sales."""
    return settlements(
        [(f"c{i:02d}", "small", 30) for i in range(captives)]
        + [(f"c{i:02d}", "wallet", 10) for i in range(captives)]
        + [(f"h{i:02d}", "wallet", 40) for i in range(honest)]
    )


def test_captive_means_twenty_sales_and_half_of_them() -> None:
    table = settlements(
        [
            ("A", "p", 10),
            ("A", "q", 10),
            ("B", "p", 19),
            ("C", "p", 9),
            ("C", "q", 11),
            ("D", "p", 10),
            ("D", None, 11),
        ]
    )
    rows = captive_platforms(table, min_transactions=20, min_share=0.5).to_pylist()
    assert [(row["platform"], row["company"]) for row in rows] == [("A", "p"), ("A", "q"), ("C", "q")]


def test_a_company_whose_captives_fail_their_checks_is_significant() -> None:
    checked = {(f"c{i:02d}", "checks"): i < 5 for i in range(8)} | {
        (f"h{i:02d}", "checks"): i < 4 for i in range(40)
    }
    small, wallet = captive_companies(market(), flags(checked), CaptiveParameters())
    (test,) = small.kinds
    assert (test.population, test.marked, test.judgeable, test.flagged) == (48, 9, 8, 5)
    assert test.expected == pytest.approx(8 * 9 / 48)
    assert small.significant
    assert small.company == "small"
    assert len(small.captives) == 10
    assert not wallet.significant


def test_platforms_that_nobody_checked_are_no_population() -> None:
    """Suspicion chose whom to check, and half of them fail everywhere: the company is like the others."""
    checked = {(f"c{i:02d}", "checks"): i % 2 == 0 for i in range(10)}
    checked |= {(f"h{i:02d}", "checks"): i % 2 == 0 for i in range(20)}
    small, _ = captive_companies(market(), flags(checked), CaptiveParameters())
    assert small.kinds[0].population == 30
    assert not small.significant


def test_too_few_judgeable_captives_are_not_judgeable() -> None:
    small, wallet = captive_companies(
        market(),
        flags({("c00", "checks"): True, ("c01", "checks"): True, ("h00", "checks"): False}),
        CaptiveParameters(),
    )
    assert (small.p, small.q, small.significant) == (None, None, False)
    assert wallet.p is None
    assert [test.q for test in captive_companies(market(), flags({}), CaptiveParameters())] == [None, None]


def test_two_flagged_captives_are_never_enough() -> None:
    checked = {(f"c{i:02d}", "checks"): i < 2 for i in range(5)} | {
        (f"h{i:02d}", "checks"): False for i in range(80)
    }
    small, _ = captive_companies(market(), flags(checked), CaptiveParameters())
    assert small.p == 1.0


def test_kinds_are_combined_with_holm() -> None:
    checked = {(f"c{i:02d}", "checks"): i < 5 for i in range(8)} | {
        (f"h{i:02d}", "checks"): i < 4 for i in range(40)
    }
    other = {(f"h{i:02d}", "reports"): i < 9 for i in range(60)} | {
        (f"c{i:02d}", "reports"): False for i in range(8)
    }
    alone = captive_companies(market(), flags(checked), CaptiveParameters())[0]
    both = captive_companies(market(), flags(checked | other), CaptiveParameters())[0]
    assert both.kinds[0].kind == "checks"
    assert both.p == pytest.approx(2 * alone.p)  # type: ignore[operator]


def test_members_of_the_community_at_hand_do_not_speak() -> None:
    checked = {(f"c{i:02d}", "checks"): i < 5 for i in range(8)} | {
        (f"h{i:02d}", "checks"): i < 4 for i in range(40)
    }
    members = [f"c{i:02d}" for i in range(8)]
    tests = captive_companies(market(), flags(checked), CaptiveParameters(), without=members)
    assert {test.company: test.q for test in tests}["small"] is None


def test_chance_alone_rarely_accuses() -> None:
    """Flags dealt blindly over 400 platforms of 20 companies: few worlds in 100 accuse anybody."""
    rng = np.random.default_rng(3)
    accused = 0
    table = settlements([(f"p{i:03d}", f"c{i % 20:02d}", 30) for i in range(400)])
    for _ in range(100):
        dealt = {(f"p{i:03d}", "checks"): bool(rng.random() < 0.1) for i in rng.permutation(400)[:200]}
        accused += any(
            test.significant for test in captive_companies(table, flags(dealt), CaptiveParameters())
        )
    assert accused <= 10


def test_a_kind_in_which_nobody_could_be_found_corrects_no_other() -> None:
    """Replies about two captives can show no three flags: they are no second test of the company."""
    checked = {(f"c{i:02d}", "checks"): i < 3 for i in range(5)}
    checked |= {(f"h{i:02d}", "checks"): i < 9 for i in range(60)}
    answered = {(f"c{i:02d}", "replies"): False for i in range(2)}
    answered |= {(f"h{i:02d}", "replies"): i < 5 for i in range(20)}
    alone, beside = (
        next(t for t in captive_companies(market(), flags(rows), CaptiveParameters()) if t.company == "small")
        for rows in (checked, checked | answered)
    )
    assert alone.p is not None
    assert beside.p == pytest.approx(alone.p)


def test_the_watch_list_names_the_company_beyond_its_peers_and_no_wallet() -> None:
    rows = [(f"w{i:02d}", "wallet", 30) for i in range(80)]
    rows += [(f"m{i:02d}", "many", 30) for i in range(43)]
    for company, count in enumerate([1, 1, 2, 2, 3, 4, 6, 8, 9, 12]):
        rows += [(f"p{company}-{i}", f"peer{company}", 30) for i in range(count)]
    tests = {
        test.company: test for test in watched_companies(settlements(rows), WatchParameters(wallet_reach=0.4))
    }
    assert [name for name, test in tests.items() if test.significant] == ["many"]
    assert tests["wallet"].wallet
    assert tests["wallet"].q is None


def test_a_handful_of_companies_has_no_peers() -> None:
    rows = [(f"m{i:02d}", "many", 30) for i in range(43)] + [("a", "one", 30), ("b", "two", 30)]
    assert {test.q for test in watched_companies(settlements(rows), WatchParameters(wallet_reach=1.0))} == {
        None
    }


def test_the_small_company_behind_a_community_is_named_before_the_wallet() -> None:
    members = (*(f"c{i:02d}" for i in range(6)), *(f"h{i:02d}" for i in range(7)))
    first, second = settlement_groups(market(), members)
    assert (first.company, first.members) == ("small", tuple(f"c{i:02d}" for i in range(6)))
    assert first.lift > 1 > second.lift
    assert (second.company, len(second.members)) == ("wallet", 7)


def test_members_without_known_payments_come_last() -> None:
    table = settlements([("A", None, 5), ("B", "p", 5), ("C", "q", 5)])
    assert [group.company for group in settlement_groups(table, ("A", "B"))] == ["p", None]
