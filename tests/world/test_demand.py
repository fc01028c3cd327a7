"""What a world demands: a company is to be named only where the checks among its captives can show it."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from world.cast import make_cast
from world.checks import Checks
from world.demand import captives, shown_by_checks, tail


def test_the_tail_is_scipys() -> None:
    for found, population, marked, drawn in ((0, 10, 3, 4), (3, 312, 38, 5), (5, 80, 12, 5), (6, 43, 8, 6)):
        expected = stats.hypergeom.sf(found - 1, population, marked, drawn)
        assert tail(found, population, marked, drawn) == pytest.approx(expected)


def test_captives_have_enough_sales_and_half_of_them() -> None:
    """Platforms 0 to 3: half, too few sales, less than half, half with its company's old name."""
    sales = {0: [2] * 10 + [3] * 10, 1: [2] * 19, 2: [2] * 9 + [3] * 12, 3: [0] * 5 + [1] * 15}
    platform = np.repeat(list(sales), [len(settled) for settled in sales.values()])
    company = np.concatenate(list(sales.values()))
    cast = SimpleNamespace(platforms=range(4), companies=range(4), alias=(0, 1))
    found = captives(cast, SimpleNamespace(platform=platform, company=company))  # type: ignore[arg-type]
    assert {one: some.tolist() for one, some in found.items()} == {1: [3], 2: [0], 3: [0, 2]}


@pytest.mark.parametrize(("failing", "shown"), [(3, False), (5, True)])
def test_three_failures_of_five_checks_may_be_chance(failing: int, shown: bool) -> None:
    """A tenth of the other checked platforms failed too; the ring's second check is the one that counts."""
    cast = make_cast(np.random.default_rng(0), 20_000, "standard")
    ring = cast.rings[1]
    platform = np.repeat(np.arange(len(cast.platforms)), 30)
    sales = SimpleNamespace(platform=platform, company=cast.pay_with[platform, 0])
    checks = Checks([])
    for place, one in enumerate(ring.platforms[:5].tolist()):
        checks.visit(one, 9, ["fail" if place < failing else "pass"], "suspicion")
        checks.visit(one, 5, ["pass" if place < failing else "fail"], "routine")
    for place, one in enumerate(cast.groups["plain"].tolist()):
        checks.visit(one, 5, ["fail" if place % 10 == 0 else "pass"], "random")
    assert (ring.company in shown_by_checks(cast, checks, sales)) is shown  # type: ignore[arg-type]
