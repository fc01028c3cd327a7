"""Shares against peers: who is found, who stays silent, and that one cause gives one finding."""

import numpy as np
import pytest

from app.detection.peers import Cells, PeerParameters, Peers, fit_peers, judge

PARAMETERS = PeerParameters(
    minimum_sales=20, minimum_differing=3, minimum_peers=5, minimum_lift=3.0, level=0.05
)


def cells(rows: list[tuple[int, int, int, int, int]], subjects: tuple[int, int, int]) -> Cells:
    """Rows of platform, merchant, agent, judgeable, differing."""
    table = np.array(rows, dtype=np.int64)
    return Cells(table[:, 3], table[:, 4], [table[:, 0], table[:, 1], table[:, 2]], list(subjects))


def found(rows: list[tuple[int, int, int, int, int]], subjects: tuple[int, int, int]) -> list[set[int]]:
    verdicts, _ = judge(cells(rows, subjects), PARAMETERS)
    return [{subject for subject, verdict in role.items() if verdict.found} for role in verdicts]


HONEST = [(n, n % 6, n % 6, 200, 1) for n in range(12)]


def test_nobody_among_honest_peers_is_found() -> None:
    assert found(HONEST, (12, 6, 6)) == [set(), set(), set()]


@pytest.mark.parametrize(
    ("judgeable", "differing", "is_found"), [(25, 3, True), (25, 2, False), (19, 19, False)]
)
def test_a_small_platform_is_found_where_that_is_possible(
    judgeable: int, differing: int, is_found: bool
) -> None:
    rows = [*HONEST, (12, 6, 6, judgeable, differing)]
    assert found(rows, (13, 7, 7))[0] == ({12} if is_found else set())


def test_a_large_honest_share_of_one_per_cent_is_no_finding() -> None:
    """Significant against peers of half a per cent, and still no more than honest subjects differ."""
    assert found([*HONEST, (12, 6, 6, 20_000, 200)], (13, 7, 7)) == [set(), set(), set()]


def test_the_merchants_of_a_bad_platform_stay_silent() -> None:
    bad = [(12, merchant, merchant, 40, 12) for merchant in range(6)]
    assert found([*HONEST, *bad], (13, 6, 6)) == [{12}, set(), set()]


def test_the_platforms_of_a_bad_merchant_stay_silent() -> None:
    bad = [(platform, 6, 6, 40, 12) for platform in range(12)]
    assert found([*HONEST, *bad], (12, 7, 7)) == [set(), {6}, set()]


def test_of_a_merchants_agents_the_bad_one_is_named() -> None:
    rows = [
        *HONEST,
        *[(platform, 6, 6, 40, 12) for platform in range(6)],
        *[(p, 6, 7, 40, 0) for p in range(6, 12)],
    ]
    assert found(rows, (12, 7, 8)) == [set(), set(), {6}]


def test_two_causes_give_two_findings() -> None:
    rows = [*HONEST, (12, 6, 6, 100, 30), (13, 7, 7, 60, 20)]
    assert found(rows, (14, 8, 8))[0] == {12, 13}


def test_too_few_peers_judge_nobody() -> None:
    assert found([(n, n, n, 100, 90 if n == 0 else 0) for n in range(4)], (4, 4, 4)) == [set(), set(), set()]


def test_a_guilty_giant_does_not_move_what_peers_show() -> None:
    judgeable = np.array([200] * 6 + [50_000])
    peers = fit_peers(np.array([1] * 6 + [20_000]), judgeable)
    assert peers.share == pytest.approx(6.5 / 1201)


@pytest.mark.parametrize("guilty", [0, 25])
def test_what_is_rare_is_not_taken_for_nothing(guilty: int) -> None:
    """Most peers have nothing differing; those with some are peers all the same."""
    rng = np.random.default_rng(5)
    judgeable = rng.integers(5, 80, 500)
    differing = rng.binomial(judgeable, 0.003)
    differing[:guilty] = judgeable[:guilty] // 2
    assert np.median(differing) == 0
    assert fit_peers(differing, judgeable).share == pytest.approx(0.003, rel=0.3)


def test_one_of_one_is_no_spread_of_peers() -> None:
    peers = fit_peers(np.array([0] * 8 + [1, 9]), np.array([30] * 8 + [1, 30]))
    assert peers.dispersion == 0.0
    assert peers.tail(np.array([9]), np.array([30]))[0] < 1e-9


def test_peers_that_differ_among_themselves_allow_more() -> None:
    narrow, wide = Peers(0.01, 0.0), Peers(0.01, 0.01)
    ten, of = np.array([10]), np.array([200])
    assert narrow.tail(ten, of)[0] < 1e-4 < wide.tail(ten, of)[0]


def test_nothing_to_judge_is_no_error() -> None:
    assert fit_peers(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)) == Peers(0.0, 0.0)


def test_where_the_same_sales_have_one_platform_merchant_and_agent_the_platform_is_named() -> None:
    """Although platforms show a greater share than agents do, so that the agent stands out more."""
    honest = [(n, n, -1, 400, 6) for n in range(12)] + [(n, n, n, 600, 3) for n in range(12)]
    assert found([*honest, (12, 12, 12, 617, 115)], (13, 13, 13)) == [{12}, set(), set()]


def carried(rows: list[tuple[int, int, int, int]]) -> list[set[int]]:
    """Rows of platform, carrier, judgeable, differing; carriers serve everybody."""
    table = np.array(rows, dtype=np.int64)
    subjects = [int(table[:, 0].max()) + 1, int(table[:, 1].max()) + 1]
    by_carrier = Cells(table[:, 2], table[:, 3], [table[:, 0], table[:, 1]], subjects, frozenset({1}))
    verdicts, _ = judge(by_carrier, PARAMETERS)
    return [{subject for subject, verdict in role.items() if verdict.found} for role in verdicts]


CARRIED = [(n, n % 6, 200, 1) for n in range(12)]


def test_the_carrier_of_some_bad_platforms_is_not_their_cause() -> None:
    """Together they are more than each of them; without them the carrier is like all others."""
    bad = [(12 + n, 0, 40, 20) for n in range(3)]
    assert carried([*CARRIED, *bad]) == [{12, 13, 14}, set()]


def test_a_carrier_that_is_bad_for_everybody_is_found_and_its_platforms_are_not() -> None:
    assert carried([*CARRIED, *((n, 6, 20, 10) for n in range(6))]) == [set(), {6}]


def test_a_platform_too_small_to_be_judged_does_not_make_its_carrier_bad() -> None:
    assert carried([*CARRIED, (12, 0, 19, 19)]) == [set(), set()]
