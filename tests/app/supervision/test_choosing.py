"""Which sales of a day are looked at: blind draws, orders, clues, the riskiest; and what ceilings cut."""

from collections import Counter
from decimal import Decimal

import pytest
from at_hand import DAY, found, ids, known, ordered, rank, sale, select, table
from hypothesis import given, settings
from hypothesis import strategies as st

from app.supervision.ceilings import BOUNDED
from app.supervision.choosing import HOLD
from app.supervision.drawing import share_of

PHYSICAL, MACHINE, MANUAL = "physical inspection", "machine inspection", "manual review"
SALES = [sale(number) for number in range(1000)]


def test_anyone_can_be_drawn_blindly_and_the_same_seed_draws_the_same() -> None:
    measures = table(random={"machine_inspection": "0.02", "physical_inspection": "0.01"})
    chosen = select(SALES, measures, known(P="A"))
    assert {one.reason for one in chosen} == {"random"}
    drawn = {one.candidate.id: one.lane for one in chosen}
    assert drawn == {
        sale["sale_id"]: lane
        for sale in SALES
        if (lane := measures.random.lane(share_of("s", DAY, sale["sale_id"])))
    }
    assert {PHYSICAL, MACHINE} == set(drawn.values())
    assert ids(select(SALES, measures, known(P="A"))) == ids(chosen)
    # Nothing that is known of a sale moves its draw; another seed does.
    suspect = known(found("platform-failed-checks", "Platform", "P", "critical"), P="D")
    assert set(ids(select(SALES, measures, suspect))) == set(drawn)
    assert set(ids(select(SALES, measures, seed="t"))) != set(drawn)


def test_of_a_class_the_riskiest_are_looked_at_up_to_its_rate() -> None:
    risky = [sale(number, "BAD", differing=["items"]) for number in range(7)]
    plain = [sale(number, "BAD") for number in range(7, 100)]
    chosen = select([*plain, *risky], table(D={"physical_inspection": "0.07"}), known(BAD="D"))
    assert sorted(ids(chosen)) == [one["sale_id"] for one in risky]
    assert {(one.lane, one.reason) for one in chosen} == {(PHYSICAL, "class_rate")}
    # Nobody of another class is looked at, and a rate of nothing looks at nobody.
    assert select([*plain, *risky], table(D={"physical_inspection": "0.07"}), known(BAD="A")) == []


def test_blind_draws_count_towards_the_rate_of_their_class() -> None:
    measures = table(random={"physical_inspection": "0.05"}, D={"physical_inspection": "0.1"})
    reasons = Counter(one.reason for one in select(SALES, measures, known(P="D")))
    assert reasons["random"] > 20
    assert reasons["random"] + reasons["class_rate"] == 100


def test_a_rate_of_less_than_one_sale_is_met_over_many_seeds() -> None:
    measures = table(D={"physical_inspection": "0.005"})
    few = [sale(number) for number in range(50)]  # a quarter of a sale
    days = sum(bool(select(few, measures, known(P="D"), seed=f"s{number}")) for number in range(200))
    assert 30 < days < 70


def test_measures_look_where_they_can_find_something() -> None:
    person = sale(1, "ONE", consumer_key="c")
    goods = sale(2, "TWO", differing=["items"])
    both = [person, goods, *(sale(number, "REST") for number in range(3, 11))]
    casebook = known(
        found("consumer-stolen-identity", "Consumer", "c", "critical"), ONE="D", TWO="D", REST="D"
    )
    rates = {"manual_review": "0.1", "physical_inspection": "0.1"}
    chosen = select(both, table(D=rates), casebook)
    assert {one.lane: one.candidate.id for one in chosen} == {
        PHYSICAL: goods["sale_id"],
        MANUAL: person["sale_id"],
    }


def test_a_ceiling_leaves_out_the_least_risky_with_the_risk_that_is_taken() -> None:
    here = [sale(number, "BAD", site="S1", differing=["items"]) for number in range(5)]
    there = [sale(number, "BAD", site="S2") for number in range(5, 100)]
    measures = table(D={"physical_inspection": "0.05"})
    ceilings = {("S1", PHYSICAL): 2, ("S2", PHYSICAL): 1}
    chosen = select([*here, *there], measures, known(BAD="D"), ceilings=ceilings)
    at_site = Counter(one.candidate.sale["site"] for one in chosen if not one.left_out)
    # Three of the five riskiest find no place; one of the others takes the one that is free elsewhere.
    assert at_site == {"S1": 2, "S2": 1}
    left = [one for one in chosen if one.left_out]
    assert {one.candidate.id for one in left} == {one["sale_id"] for one in here} - set(ids(chosen))
    assert {one.reason for one in left} == {"class_rate"}
    assert all(one.candidate.risk.chance > 0.1 for one in left)


def test_a_hold_is_never_cut_and_other_orders_come_before_class_rates() -> None:
    sales = [sale(number, "HELD", site="S1") for number in range(3)]
    sales += [sale(number, "ORDERED", site="S1") for number in range(3)]
    sales += [sale(number, "BAD", site="S1", differing=["items"]) for number in range(94)]
    orders = [
        ordered("platform", "HELD", HOLD),
        ordered("platform", "ORDERED", PHYSICAL, identity="I-2"),
    ]
    measures = table(D={"physical_inspection": "0.5"})
    ceilings = {("S1", PHYSICAL): 3, ("S1", MACHINE): 0}
    chosen = select(sales, measures, known(BAD="D"), instructions=orders, ceilings=ceilings)
    done = Counter((one.lane, one.reason, one.instruction) for one in chosen if not one.left_out)
    assert done == {(HOLD, "instruction", "I-1"): 3, (PHYSICAL, "instruction", "I-2"): 3}
    assert len(ids(chosen, left_out=True)) == 47


def test_the_gravest_of_several_orders_counts_once() -> None:
    orders = [
        ordered("platform", "P", MANUAL, identity="I-1"),
        ordered("goods", "2204", PHYSICAL, identity="I-2"),
        ordered("merchant", "P", "release", identity="I-3"),
    ]
    sales = [sale(1, goods=["2204210000"]), sale(2, goods=["2106909090"]), sale(3, "Q")]
    chosen = select(sales, table(), instructions=orders)
    assert {(one.candidate.id, one.lane) for one in chosen} == {("P|00001", PHYSICAL), ("P|00002", MANUAL)}


def test_an_order_takes_the_share_that_it_names() -> None:
    chosen = select(SALES, table(), instructions=[ordered("platform", "P", MACHINE, "0.2")])
    assert 150 < len(chosen) < 250
    assert ids(chosen) == ids(select(SALES, table(), instructions=[ordered("platform", "P", MACHINE, "0.2")]))


def test_a_sale_that_was_drawn_keeps_its_draw_beside_an_order() -> None:
    measures = table(random={"machine_inspection": "0.05"})
    chosen = select(SALES, measures, instructions=[ordered("platform", "P", HOLD)])
    reasons = Counter((one.lane, one.reason) for one in chosen)
    assert reasons[HOLD, "instruction"] == 1000
    assert reasons[MACHINE, "random"] > 20


def test_a_clue_is_a_finding_about_the_person_or_the_address_and_clues_are_few() -> None:
    sales = [sale(number, address_key="farm" if number < 30 else None) for number in range(1000)]
    casebook = known(
        found("consumer-address-farm", "Address", "farm", "high"),
        found("platform-failed-checks", "Platform", "P", "critical"),
    )
    chosen = select(sales, table(clues="0.01"), casebook)
    assert len(chosen) == 10
    assert {(one.reason, one.lane, one.finding) for one in chosen} == {
        ("clue", MANUAL, "consumer-address-farm farm")
    }
    low = known(found("consumer-address-farm", "Address", "farm", "medium"))
    assert select(sales, table(clues="0.01"), low) == []


def test_equal_risks_are_not_ordered_by_the_code_of_the_platform() -> None:
    sales = [sale(number, platform) for platform in ("AAA", "ZZZ") for number in range(200)]
    first = rank(sales, table(), known())[:100]
    assert 20 < sum(one.sale["platform"] == "AAA" for one in first) < 80


_SHARE = st.sampled_from(["0", "0.01", "0.2", "0.4"])


@settings(deadline=None, max_examples=60)
@given(
    rates=st.fixed_dictionaries({"manual_review": _SHARE, "machine_inspection": _SHARE}),
    random=st.sampled_from(["0", "0.05", "1"]),
    ceiling=st.integers(0, 20),
    share=st.sampled_from(["0", "0.3", "1"]),
    action=st.sampled_from(["machine review", MANUAL, MACHINE, PHYSICAL, HOLD]),
    letters=st.tuples(*[st.sampled_from("ABCD")] * 2),
)
def test_whatever_is_asked_ceilings_hold_and_nothing_is_chosen_twice(
    rates: dict[str, str], random: str, ceiling: int, share: str, action: str, letters: tuple[str, str]
) -> None:
    sales = [sale(number, f"P{number % 2}", site=f"S{number % 3}") for number in range(60)]
    ceilings = {(f"S{site}", lane): ceiling for site in (0, 1) for lane in BOUNDED}
    measures = table(random={"physical_inspection": random}, clues="0.1", C=rates, D=rates)
    chosen = select(
        sales,
        measures,
        known(P0=letters[0], P1=letters[1]),
        instructions=[ordered("platform", "P0", action, share)],
        ceilings=ceilings,
    )
    keys = [(one.candidate.id, one.lane) for one in chosen]
    assert len(keys) == len(set(keys))
    used = Counter((one.candidate.sale["site"], one.lane) for one in chosen if not one.left_out)
    assert all(used[place] <= most for place, most in ceilings.items())
    assert not any(one.left_out for one in chosen if one.lane == HOLD or one.candidate.sale["site"] == "S2")
    for lane, rate in ((MANUAL, rates["manual_review"]), (MACHINE, rates["machine_inspection"])):
        by_rate = [
            one for one in chosen if one.lane == lane and one.reason == "class_rate" and not one.left_out
        ]
        assert len(by_rate) <= 60 * Decimal(rate) + 4


@pytest.mark.parametrize("count", [0, 1])
def test_a_day_with_hardly_a_sale_is_a_day(count: int) -> None:
    measures = table(random={"physical_inspection": "1"})
    assert len(select(SALES[:count], measures)) == count
