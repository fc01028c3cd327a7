"""Portraits: what is counted, against whom, for how many points, and from which documents."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from firms import (
    AGENT,
    BAD,
    FIRST,
    FORGER,
    HONEST,
    IDLE,
    LAST,
    SALES,
    SMALL,
    District,
    documents,
    finding,
    firm,
    shop,
)
from hypothesis import given
from hypothesis import strategies as st

from app.casework.outcomes import decide
from app.errors import BadInputError, NotFoundError
from app.supervision.facts import facts_of
from app.supervision.measures import Measured
from app.supervision.portraits import Portraits, portray, ranked, score_one, usual_period
from app.supervision.scorecard import Scoring, scorecard_on


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    return District(tmp_path_factory.mktemp("district"), documents())


@pytest.fixture(scope="module")
def portraits(district: District) -> Portraits:
    district.found(finding(BAD))
    return district.portray()


def told(portraits: Portraits, code: str, role: str = "platform") -> dict[str, dict[str, Any]]:
    """Indicators of an enterprise in a role by name."""
    (row,) = (row for row in portraits.one(code)["roles"] if row["role"] == role)
    return {one["indicator"]: one for one in row["indicators"]}


@pytest.mark.parametrize(
    ("indicator", "counted", "denominator"),
    [
        ("checks_passed", 1, 3),
        ("payments_genuine", 1, 6),  # the wrong number says nothing
        ("document_amount", 12, SALES),
        ("refused", 2, SALES),
        ("returned", 1, SALES),
        ("discrepancies", 3, 6),  # those chosen at random
        ("reports", 4, SALES),  # 'other' counts for nothing
        ("delivered", SALES - 2, SALES - 2),
        ("stability", 10, 12),
    ],
)
def test_every_share_has_its_denominator(
    portraits: Portraits, indicator: str, counted: int, denominator: int
) -> None:
    one = told(portraits, BAD)[indicator]
    assert (one["counted"], one["denominator"]) == (counted, denominator)
    assert one["value"] == pytest.approx(counted / denominator)
    assert one["enough"]


def test_what_is_no_share(portraits: Portraits) -> None:
    one = told(portraits, BAD)
    assert (one["sales"]["value"], one["turnover"]["exact"]) == (SALES, f"{12 * 60 + 28 * 100}.00000")
    assert one["age"]["value"] == pytest.approx(6.0, abs=0.01)
    assert one["capital"]["value"] == 1_000_000
    assert (one["gravest_finding"]["value"], one["gravest_finding"]["points"]) == (4, 10)
    assert one["grave_findings"]["counted"] == 1


def test_the_bad_platform_is_behind_and_honest_ones_are_not(portraits: Portraits) -> None:
    lines, count = ranked(portraits, "platform")
    assert lines[0]["code"] == BAD
    assert count == len(lines) == len(HONEST) + 3
    assert lines[0]["score"] < 60
    assert all(line["score"] > 75 for line in lines if line["code"] in HONEST)
    assert portraits.one(BAD)["score"] == min(role["score"] for role in portraits.one(BAD)["roles"])


def test_the_score_is_made_of_points_and_weights(portraits: Portraits) -> None:
    for role in portraits.one(BAD)["roles"]:
        assert sum(one["weight"] for one in role["indicators"]) == pytest.approx(100)
        made = sum(one["weight"] * one["points"] for one in role["indicators"]) / 100
        assert role["score"] == pytest.approx(made, abs=0.006)


def test_every_indicator_of_everybody_can_be_taken_apart(district: District, portraits: Portraits) -> None:
    for code in (BAD, HONEST[1], SMALL, IDLE, AGENT, FORGER):
        for role in portraits.one(code)["roles"]:
            for one in role["indicators"]:
                facts = facts_of(
                    district.ledger, portraits, code, one["indicator"], role=role["role"], limit=500
                )
                assert len(facts["data"]) == facts["total"]
                assert sum(row["counts"] for row in facts["data"]) == facts["counted"]
                if one["low"] is not None and one["indicator"] != "reports":
                    assert (facts["counted"], facts["total"]) == (one["counted"], one["denominator"])


def test_the_documents_that_count_come_first(district: District, portraits: Portraits) -> None:
    facts = facts_of(district.ledger, portraits, BAD, "document_amount", limit=12)
    assert {row["id"] for row in facts["data"]} == {f"{BAD}|{no:05d}" for no in range(12)}
    assert (facts["counted"], facts["total"], facts["role"]) == (12, SALES, "platform")
    rest = facts_of(district.ledger, portraits, BAD, "document_amount", limit=500, offset=12)
    assert len(rest["data"]) == SALES - 12
    assert not any(row["counts"] for row in rest["data"])
    beyond = facts_of(district.ledger, portraits, BAD, "document_amount", limit=5, offset=100)
    assert (beyond["data"], beyond["total"]) == ([], SALES)
    checks = facts_of(district.ledger, portraits, BAD, "checks_passed")
    assert [row["counts"] for row in checks["data"]] == [True, False, False]


def test_too_little_data_is_neutral_and_says_so(portraits: Portraits) -> None:
    few = told(portraits, SMALL)
    for name in ("refused", "document_amount", "reports", "checks_passed", "growth", "discrepancies"):
        assert (few[name]["enough"], few[name]["points"]) == (False, 70), name
    assert few["sales"]["enough"]
    idle = told(portraits, IDLE)
    assert not any(idle[name]["enough"] for name in ("sales", "stability", "delivered"))
    assert idle["age"]["enough"]
    assert portraits.one(IDLE)["roles"][0]["active"] is False


def test_a_percentile_counts_who_is_below_and_half_of_equals(portraits: Portraits) -> None:
    # Six of 0 to 500,000; 1,000,000 have the bad one and one that sold nothing, which is nobody's peer.
    capitals = [told(portraits, code)["capital"]["percentile"] for code in HONEST]
    assert capitals == pytest.approx([100 * (place + 0.5) / 7 for place in range(6)])
    assert told(portraits, BAD)["capital"]["percentile"] == pytest.approx(100 * 6.5 / 7)


def test_partners_of_the_flagged_have_ties_but_no_finding(portraits: Portraits) -> None:
    agent = told(portraits, AGENT, "agent")
    assert agent["flagged_partners"]["counted"] == SALES
    assert agent["gravest_finding"]["value"] == 0
    forger = told(portraits, FORGER, "payment")
    assert forger["flagged_partners"]["value"] == 1
    assert told(portraits, BAD)["flagged_partners"]["counted"] == 0  # its own flag is no tie


def test_nothing_is_said_of_findings_before_detection_ran(tmp_path: Path) -> None:
    district = District(tmp_path, [*shop(HONEST[0], 1, sales=20), firm(HONEST[0])])
    one = told(district.portray(), HONEST[0])
    for name in ("gravest_finding", "grave_findings", "flagged_partners", "shared_control"):
        assert (one[name]["enough"], one[name]["denominator"]) == (False, None), name


def test_findings_by_members_and_by_decision(tmp_path: Path) -> None:
    two = [*shop(HONEST[0], 1, sales=5), *shop(HONEST[1], 2, sales=5), *shop(HONEST[2], 3, sales=5)]
    district = District(
        tmp_path, [*two, firm(HONEST[0], bankAccount="62220001"), firm(HONEST[1], bankAccount="62220001")]
    )
    district.found(finding("C1", kind="Community", members=[HONEST[0]]), rule="ring-platforms")
    district.found(finding(HONEST[2]), rule="platform-unverified")
    portraits = district.portray()
    values = {code: told(portraits, code)["gravest_finding"]["value"] for code in HONEST[:3]}
    assert values == {HONEST[0]: 4, HONEST[1]: 0, HONEST[2]: 0}
    assert told(portraits, HONEST[1])["shared_control"]["value"] == 1
    facts = facts_of(district.ledger, portraits, HONEST[1], "shared_control", role="platform")
    assert [(row["id"], row["detail"]) for row in facts["data"]] == [(HONEST[0], "account")]
    decide(
        district.casebook,
        "ring-platforms-0",
        "false alarm",
        expected="open",
        why="looked into",
        by="officer 7",
        on=date(2025, 6, 2),
    )
    assert told(district.portray(), HONEST[0])["gravest_finding"]["value"] == 0


def test_two_codes_of_a_firm_are_one_and_the_register_is_that_of_the_day(tmp_path: Path) -> None:
    other = "91350100M000100Y43"
    states = [
        firm(HONEST[0], uscc=other, registeredCapital="1"),
        firm(HONEST[0], uscc=other, registeredCapital="2", as_of="2025-02-01"),
    ]
    district = District(tmp_path, [*shop(HONEST[0], 1, sales=10), *shop(other, 2, sales=15), *states])
    portraits = district.portray()
    assert portraits.one(other)["code"] == HONEST[0]
    assert told(portraits, HONEST[0])["sales"]["value"] == 25
    assert told(portraits, HONEST[0])["capital"]["value"] == 1
    assert told(district.portray(on=date(2025, 3, 1)), HONEST[0])["capital"]["value"] == 2


def test_only_the_period_counts(district: District) -> None:
    some = portray(
        district.ledger, district.casebook, scorecard_on(LAST), date(2024, 1, 1), date(2024, 6, 30)
    )
    one = told(some, BAD)
    assert 0 < one["sales"]["value"] < SALES
    assert one["reports"]["counted"] == 0  # reported in November
    assert usual_period(district.ledger, None, LAST) == (FIRST, LAST)


@pytest.mark.parametrize(
    ("first", "last", "on", "why"),
    [
        (date(2024, 2, 1), date(2024, 1, 1), None, "before it begins"),
        (date(2015, 1, 1), date(2024, 1, 1), None, "60 months"),
        (date(2024, 1, 1), date(2024, 6, 30), date(2024, 6, 1), "nobody knows that yet"),
    ],
)
def test_a_period_that_is_none(
    district: District, first: date, last: date, on: date | None, why: str
) -> None:
    with pytest.raises(BadInputError, match=why):
        portray(district.ledger, district.casebook, scorecard_on(LAST), first, last, on=on)


def test_what_is_not_there_is_said(district: District, portraits: Portraits) -> None:
    with pytest.raises(NotFoundError, match="no enterprise NOBODY"):
        portraits.one("NOBODY")
    with pytest.raises(NotFoundError, match="no indicator 'luck'"):
        facts_of(district.ledger, portraits, BAD, "luck")
    with pytest.raises(BadInputError, match="no portrait as 'agent'"):
        facts_of(district.ledger, portraits, BAD, "sales", role="agent")
    with pytest.raises(BadInputError, match="no weight for a merchant"):
        facts_of(district.ledger, portraits, BAD, "checks_passed", role="merchant")
    with pytest.raises(BadInputError, match="no role 'bank'"):
        ranked(portraits, "bank")


def _scored(scale: list[tuple[float, float]], low: float, high: float) -> float:
    ends = sorted((low, high))
    value = np.array([sum(ends) / 2])
    measured = Measured(value, np.array([1]), np.array([9]), np.array(ends[:1]), np.array(ends[1:]))
    scoring = Scoring(direction="middle", by="value", minimum=1, scale=scale)
    return float(score_one(measured, np.array([True]), scoring, 70.0).points[0])


_SHARE = st.floats(0, 1)


@given(_SHARE, _SHARE, _SHARE, _SHARE)
def test_doubt_is_held_against_nobody(low: float, high: float, lower: float, higher: float) -> None:
    scale = [(0.1, 30.0), (0.4, 100.0), (0.6, 90.0), (0.9, 10.0)]
    narrow = _scored(scale, low, high)
    wide = _scored(scale, min(low, high, lower), max(low, high, higher))
    assert 10 <= narrow <= wide <= 100
