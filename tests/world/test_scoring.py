"""The scores of the quality benchmark: what counts as found, as wrong, and as a look-alike that was hit."""

from typing import Any

import pytest

from benchmarks.scoring import Score, difference_recall, score
from world import Truth


def platforms(*codes: str) -> list[tuple[str, str]]:
    return [("Platform", code) for code in codes]


def finding(
    rule: str, kind: str, key: str, members: list[tuple[str, str]] | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "rule": rule,
        "subject": {"kind": kind, "key": key, "name": "n"},
        "members": [{"kind": k, "key": v, "name": "n"} for k, v in members or []],
        "severity": "high",
        "present": True,
        "numbers": {},
        **more,
    }


@pytest.fixture
def truth() -> Truth:
    told = Truth(orders=1, seed=1, kind="standard", format="csv")
    told.plant(
        "ring-platforms", "Community", "ring-0", platforms("A", "B", "C", "D"), note="settles with PAY"
    )
    told.plant("document-items", "Agent", "AG", [("Merchant", "M")])
    told.plant("document-items", "Merchant", "N", required=False)
    told.look_alike("big wallet", ["payment-captive-platforms"], ("PaymentCompany", "WALLET"))
    told.look_alike("shops for the same goods", ["ring-platforms"], None, platforms("X", "Y", "Z"))
    told.differences = {"payer_id": {"planted": ["A|1", "A|2"], "noise": ["B|1"], "look_alike": []}}
    return told


def of(scores: list[Score], rule: str) -> Score:
    return next(one for one in scores if one.rule == rule)


def test_a_ring_is_known_by_its_members_and_its_company(truth: Truth) -> None:
    company = {"numbers": {"company": {"value": "PAY", "unit": "code"}}}
    seen = finding("ring-platforms", "Community", "whatever", platforms("A", "B", "C", "E"), **company)
    ring = of(score(truth, [seen]), "ring-platforms")
    assert (ring.planted, ring.found, ring.right) == (1, 1, 1)
    assert ring.jaccard == [pytest.approx(3 / 5)]
    assert ring.company_first == [True]


def test_what_is_not_found_is_missed(truth: Truth) -> None:
    scores = score(truth, [])
    assert of(scores, "ring-platforms").recall == 0
    assert of(scores, "ring-platforms").jaccard == [0.0]
    assert of(scores, "ring-platforms").company_first == [False]
    assert len(of(scores, "document-items").missed) == 1  # the other one need not be found


def test_a_ring_of_honest_shops_is_wrong_and_hits_a_look_alike(truth: Truth) -> None:
    ring = of(
        score(truth, [finding("ring-platforms", "Community", "c", platforms("X", "Y", "A"))]),
        "ring-platforms",
    )
    assert ring.precision == 0
    assert ring.hit == ["shops for the same goods"]


def test_at_low_severity_a_look_alike_is_not_hit(truth: Truth) -> None:
    seen = finding("payment-captive-platforms", "PaymentCompany", "WALLET")
    assert of(score(truth, [seen]), seen["rule"]).hit == ["big wallet"]
    assert of(score(truth, [seen | {"severity": "low"}]), seen["rule"]).hit == []


def test_an_agent_is_known_by_the_merchant_it_declares_for(truth: Truth) -> None:
    right = finding("document-items", "Agent", "AG", [("Merchant", "M")])
    same_sales = finding("document-items", "Merchant", "M")
    other = finding("document-items", "Agent", "AG", [("Merchant", "O")])
    for seen, counts in ((right, (1, 1)), (same_sales, (1, 1)), (other, (0, 0))):
        items = of(score(truth, [seen]), "document-items")
        assert (items.found, items.right) == counts


def test_findings_that_are_gone_do_not_count(truth: Truth) -> None:
    gone = finding("document-items", "Merchant", "M", present=False)
    assert of(score(truth, [gone]), "document-items").findings == 0


def test_recall_of_differences_counts_sales(truth: Truth) -> None:
    assert difference_recall(truth, {"payer_id": {"A|1", "B|1", "C|9"}}) == {"payer_id": (3, 2, 1)}
    assert difference_recall(truth, {}) == {"payer_id": (3, 0, 0)}
