"""The table of measures: what it says, and what is refused with file, line and reason."""

from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from app.errors import BadInputError, NotFoundError
from app.supervision.drawing import share_of
from app.supervision.measure_table import MEASURES, measures_on, read_measures

_RATE = "physical_inspection: 0.02\n"
_TABLE = files("app.supervision").joinpath("data/measures.yaml").read_text("utf-8")
_DAY = date(2025, 6, 3)


def test_a_worse_class_is_looked_at_more_and_must_have_proved_more() -> None:
    table = measures_on(_DAY)
    classes = [table.of(letter) for letter in "ABCD"]
    for measure in MEASURES:
        rates = [one.rate(measure) for one in classes]
        assert rates == sorted(rates)
        assert all(Decimal(0) <= rate <= Decimal(1) for rate in rates)
    assert all(set(better.checks) <= set(worse.checks) for better, worse in pairwise(classes))
    assert table.of(None).letter == "C"


def test_the_version_of_a_day_is_the_one_that_holds_on_it(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    later = _TABLE[_TABLE.index("  - version:") :]
    later = later.replace("1.0.0", "1.1.0").replace("2019-01-01", "2025-06-04").replace("0.2,", "0.3,")
    own.write_text(_TABLE + later, "utf-8")
    assert measures_on(_DAY, own).of("D").manual_review == Decimal("0.2")
    after = measures_on(_DAY + timedelta(days=1), own)
    assert (after.version, after.holds_from) == ("1.1.0", date(2025, 6, 4))
    with pytest.raises(NotFoundError, match="table of measures holds on 2018"):
        measures_on(date(2018, 1, 1), own)


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        (_RATE, "physical_inspection: 1.02\n", "physical_inspection: 1.02", "equal to 1"),
        (_RATE, "physical_inspection: -0.1\n", "physical_inspection: -0.1", "equal to 0"),
        (_RATE, "physical_inspection: .nan\n", "physical_inspection: .nan", "finite"),
        (_RATE, "physical_inspection: .inf\n", "physical_inspection: .inf", "finite"),
        (_RATE, "physical_inspection: often\n", "physical_inspection: often", "decimal"),
        (_RATE, "physical: 0.02\n", "      C:\n", "Field required"),
        ("unrated: C", "unrated: C\n    luck: 1", "luck: 1", "Extra inputs"),
        ("unrated: C", "unrated: E", "unrated: E", "'A', 'B', 'C' or 'D'"),
        ("      A: {manual", "      E: {manual", "E: {manual", "there is no class 'E'"),
        ("      B: {manual", "      #B: {manual", "measures:", "there are no measures for class B"),
        ("manual_review: 0.2\n", "manual_review: 0.8\n", "      D:\n", "the rates add up to 1.1"),
        ("checks: [licence_valid]", "checks: [lucky]", "lucky", "there is no check 'lucky'"),
        ("[licence_valid]", "[licence_valid, licence_valid]", "licence_valid, lic", "stands here twice"),
        ("[platform, merchant", "[owner, merchant", "owner", "there is no role 'owner'"),
        ("most: 0.01}", "most: 1.01}", "most: 1.01}", "equal to 1"),
        ("clues: {severity: high", "clues: {severity: grave", "severity: grave", "Input should be"),
        ("manual_review: [0.001, 0.5]", "manual_review: [0.6, 0.5]", "review: [0.6", "above the high"),
        ("lower_to: 0.02", "lower_to: 0.2", "lower_to: 0.2", "would lower and raise a rate"),
        ("factor: 1.5", "factor: 1", "factor: 1", "greater than 1"),
        ("D: 1.0}", "E: 1.0}", "E: 1.0}", "there is no class 'E'"),
        (", D: 1.0}", "}", "classes:", "there are no points for class D"),
        ("        phone: 1.0", "        pone: 1.0", "pone: 1.0", "there is no part of a sale 'pone'"),
        ("platform-unverified: 0.0", "luck: 0.0", "luck: 0.0", "there is no rule 'luck'"),
        ("        amount: 2.0", "        sum: 2.0", "sum: 2.0", "there is no difference 'sum'"),
        ("        - goods-undervalued", "        - goods-unlucky", "goods-unlucky", "there is no rule"),
        ("base: -4.0", "base: .nan", "base: .nan", "finite"),
        ("manual_review: {goods: 0.5, ", "manual_review: {", "sees:", "needs what it sees of goods"),
        ("ceilings: {}", "ceilings: {small: {physical: -1}}", "-1", "equal to 0"),
        ("holds_from: 2019-01-01", "holds_from: 2019-13-01", "2019-13", "date"),
        (": 2019-01-01", ": 2019-02-01\n    holds_until: 2019-01-01", "holds_until", "ends"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, old: str, new: str, at: str, why: str) -> None:
    assert old in _TABLE
    text = _TABLE.replace(old, new, 1)
    own = tmp_path / "own.yaml"
    own.write_text(text, "utf-8")
    with pytest.raises(BadInputError) as refused:
        read_measures(own)
    line = text[: text.rindex(at)].count("\n") + 1
    assert str(refused.value).startswith(f"own.yaml:{line}:")
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("2019-01-01", "2019-01-01"), "holds as well"),
        (("2025-01-01", "2019-01-01"), "the oldest comes first"),
        (("2019-01-01\n    holds_until: 2025-02-01", "2025-01-01"), "holds as well"),
    ],
)
def test_versions_that_overlap_or_are_out_of_order_are_refused(
    tmp_path: Path, days: tuple[str, str], why: str
) -> None:
    version = _TABLE[_TABLE.index("  - version:") :]
    own = tmp_path / "own.yaml"
    first, second = (version.replace("2019-01-01", day) for day in days)
    own.write_text("versions:\n" + first + second.replace("1.0.0", "1.1.0"), "utf-8")
    with pytest.raises(BadInputError, match=why):
        read_measures(own)


def test_a_draw_is_repeatable_evenly_spread_and_other_for_another_seed_day_or_sale() -> None:
    drawn = [share_of("s", _DAY, f"P|{number}") for number in range(20_000)]
    assert drawn == [share_of("s", _DAY, f"P|{number}") for number in range(20_000)]
    assert all(0 <= share < 1 for share in drawn)
    for tenth in range(10):  # 2,000 ± 5 standard deviations
        assert abs(sum(tenth <= 10 * share < tenth + 1 for share in drawn) - 2000) < 5 * 42.5
    others = [share_of("t", _DAY, "P|1"), share_of("s", _DAY + timedelta(days=1), "P|1")]
    assert len({drawn[1], drawn[2], *others}) == 4


def test_one_draw_gives_one_lane_in_the_shares_of_the_table() -> None:
    random = measures_on(_DAY).random
    lanes = [random.lane(share_of("s", _DAY, f"P|{number}")) for number in range(50_000)]
    for measure, lane in MEASURES.items():
        expected = 50_000 * float(random.rate(measure))
        assert abs(lanes.count(lane) - expected) < 5 * expected**0.5
