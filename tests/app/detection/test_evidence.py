"""What ties two platforms together, on sales small enough to count by hand."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from ring_worlds import make_world

from app.detection.evidence import Evidence, platform_pairs

FIELDS = (
    "ebp_code",
    "consumer_key",
    "buyer_phone_key",
    "payer_phone_key",
    "consignee_phone_key",
    "address_key",
)


def evidence(rows: list[tuple[str | None, ...]], **options: object) -> Evidence:
    """Evidence of sales: (platform, consumer, buyer, payer and consignee phone, address[, date])."""
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(FIELDS)}
    columns["last_date"] = pa.array(
        [row[6] if len(row) > 6 else date(2025, 3, 1) for row in rows], pa.date32()
    )
    columns["chapters"] = pa.array([["33"]] * len(rows), pa.list_(pa.string()))
    con = duckdb.connect()
    con.register("transactions", pa.table(columns))
    con.execute(
        "CREATE VIEW inventory_items AS SELECT ebp_code AS \"ebpCode\", '330499' AS gcode FROM transactions"
    )
    settings = {"since": None, "until": None, "hub_quantile": 0.999, "hub_floor": 5, **options}
    return platform_pairs(con, **settings)  # type: ignore[arg-type]


def pairs(found: Evidence) -> dict[tuple[str, str], tuple[int, int]]:
    """(left, right) -> (consumers, links)."""
    names = found.platforms.to_pylist()
    return {
        (names[i], names[j]): (int(c), int(k))
        for i, j, c, k in zip(found.left, found.right, found.consumers, found.links, strict=True)
    }


def test_one_person_on_two_platforms_counts_once_however_many_orders_phones_and_addresses() -> None:
    rows = [(p, "ann", "t1", "t1", "t2", "home") for p in ("A", "B") for _ in range(3)]
    rows += [("A", "bob", "t9", "t9", "t9", "x")]
    assert pairs(evidence(rows)) == {("A", "B"): (1, 0)}


def test_an_address_of_two_people_who_bought_on_one_platform_each_is_one_link() -> None:
    rows = [("A", "ann", "t1", None, None, "home"), ("B", "bob", "t2", None, None, "home")]
    assert pairs(evidence(rows)) == {("A", "B"): (0, 1)}


def test_a_couple_that_shares_phone_and_address_is_counted_once() -> None:
    rows = [("A", "ann", "t1", None, "t1", "home"), ("B", "bob", "t1", None, "t1", "home")]
    assert pairs(evidence(rows)) == {("A", "B"): (0, 1)}


def test_an_address_does_not_link_platforms_on_which_one_of_its_people_bought_himself() -> None:
    rows = [
        ("A", "ann", None, None, None, "home"),
        ("B", "bob", None, None, None, "home"),
        ("B", "ann", None, None, None, "elsewhere"),  # ann is on both: she is the evidence
        ("C", "bob", None, None, None, "home"),
    ]
    assert pairs(evidence(rows)) == {("A", "B"): (1, 0), ("A", "C"): (0, 1), ("B", "C"): (1, 0)}


def test_a_phone_links_in_whichever_role_it_was_given() -> None:
    rows = [
        ("A", "ann", "t1", None, None, None),
        ("B", "bob", None, "t1", None, None),
        ("C", "cy", None, None, "t1", None),
    ]
    assert pairs(evidence(rows)) == {("A", "B"): (0, 1), ("A", "C"): (0, 1), ("B", "C"): (0, 1)}


def test_hubs_join_nobody_and_families_are_never_hubs() -> None:
    family = [(p, f"f{i}", None, None, None, "home") for i, p in enumerate("ABABA")]
    assert pairs(evidence(family)) == {("A", "B"): (0, 1)}
    locker = [(p, f"l{i}", None, None, None, "locker") for i, p in enumerate("ABABAB")]
    homes = [("A", f"h{i}", None, None, None, f"h{i}") for i in range(2000)]
    assert pairs(evidence(locker + homes)) == {}
    assert pairs(evidence(locker + homes, hub_floor=6)) == {("A", "B"): (0, 1)}


def test_identifiers_that_the_caller_marks_join_nobody() -> None:
    rows = [("A", "ann", "t1", None, None, None), ("B", "bob", "t1", None, None, None)]
    marked = pa.table({"kind": ["phone"], "identifier": ["t1"]})
    assert pairs(evidence(rows, joins_nobody=marked)) == {}


def test_a_consumer_on_very_many_platforms_is_never_cut() -> None:
    rows = [(f"P{i:02d}", "stolen", None, None, None, None) for i in range(55)]
    assert len(pairs(evidence(rows))) == 55 * 54 // 2


def test_only_sales_of_the_window_count() -> None:
    rows = [
        ("A", "ann", None, None, None, None, date(2025, 1, 1)),
        ("B", "ann", None, None, None, None, date(2025, 2, 1)),
    ]
    assert pairs(evidence(rows)) == {("A", "B"): (1, 0)}
    assert pairs(evidence(rows, since=date(2025, 1, 1))) == {}
    assert pairs(evidence(rows, until=date(2025, 1, 31))) == {}


@pytest.mark.parametrize(
    "rows", [[], [("A", "ann", None, None, None, None)], [("A", None, "t1", None, None, "x")]]
)
def test_nothing_to_compare_is_no_evidence(rows: list[tuple[str | None, ...]]) -> None:
    found = evidence(rows)
    assert pairs(found) == {}
    assert found.candidates == 0


def test_counts_equal_the_definition_taken_literally() -> None:
    """A world of 1,500 sales, counted by sets in plain Python."""
    world = make_world(seed=3, platforms=12, people=400, sales=1_500)
    found = platform_pairs(world.connect(), since=None, until=None, hub_quantile=1.0, hub_floor=5)
    sales = world.sales.to_pylist()
    buys: dict[str, set[str]] = {}
    used: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for sale in sales:
        buys.setdefault(sale["consumer_key"], set()).add(sale["ebp_code"])
        keys = {("phone", sale[f"{role}_phone_key"]) for role in ("buyer", "payer", "consignee")}
        for key in keys | {("address", sale["address_key"])}:
            used.setdefault(key, set()).add((sale["consumer_key"], sale["ebp_code"]))
    circles: dict[frozenset[str], set[str]] = {}
    for uses in used.values():
        people = frozenset(consumer for consumer, _ in uses)
        circles.setdefault(people, set()).update(platform for _, platform in uses)
    names = sorted({sale["ebp_code"] for sale in sales})
    expected = {}
    for x in names:
        for y in names:
            both = {consumer for consumer, platforms in buys.items() if {x, y} <= platforms}
            links = sum({x, y} <= platforms and not people & both for people, platforms in circles.items())
            if x < y and len(both) + links:
                expected[x, y] = (len(both), links)
    assert pairs(found) == expected
    assert np.all(found.left < found.right)
