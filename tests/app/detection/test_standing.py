"""Shares of single subjects against their peers."""

import pytest

from app.detection.standing import standings


def test_who_stands_out_of_its_peers_is_told_with_its_interval() -> None:
    counts = {f"S{n}": (50, n % 2) for n in range(20)} | {"BAD": (40, 30), "SMALL": (5, 5)}
    told = standings(counts, minimum=20, minimum_peers=5)
    assert "SMALL" not in told
    assert {name for name, one in told.items() if one.q <= 0.05} == {"BAD"}
    bad = told["BAD"]
    assert (bad.judgeable, bad.differing, bad.share) == (40, 30, 0.75)
    assert bad.low == pytest.approx(0.601, abs=0.001)
    assert bad.peers_share == pytest.approx(0.01, abs=0.004)


def test_too_few_peers_say_nothing() -> None:
    counts = {f"S{n}": (50, 0) for n in range(4)}
    assert standings(counts, minimum=20, minimum_peers=5) == {}
    assert standings({}, minimum=20, minimum_peers=0) == {}
