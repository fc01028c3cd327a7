"""Which version of a document holds, and what arrives twice."""

from ledger_desk import Desk
from ledger_documents import inventory, order, payment, waybill

T1, T2, T3 = "20240104100000", "20240105100000", "20240106100000"


def test_the_greatest_time_is_current_in_any_order_of_arrival(desk: Desk) -> None:
    desk.load(order(appTime=T2, appType="2", buyerName="乙"))
    desk.load(order(appTime=T1, buyerName="甲"))
    assert desk.rows("SELECT buyerName FROM current_orders") == [{"buyerName": "乙"}]
    assert len(desk.rows("SELECT * FROM orders")) == 2


def test_a_change_without_its_original_holds_until_something_later_comes(desk: Desk) -> None:
    desk.load(order(appTime=T2, appType="2"))
    assert len(desk.rows("SELECT * FROM current_orders")) == 1


def test_a_withdrawal_withdraws_what_came_before_it_also_when_that_comes_late(desk: Desk) -> None:
    desk.load(order(appTime=T2, appType="3"))
    desk.load(order(appTime=T1), payment())
    assert desk.rows("SELECT * FROM current_orders") == []
    assert desk.rows("SELECT * FROM current_order_items") == []
    assert desk.sale()["missing"] == ["inventory", "order", "waybill"]


def test_a_document_submitted_again_after_its_withdrawal_is_back(desk: Desk) -> None:
    desk.load(order(appTime=T1), order(appTime=T2, appType="3"), order(appTime=T3))
    assert len(desk.rows("SELECT * FROM current_orders")) == 1


def test_a_saved_order_is_never_current_and_its_lines_neither(desk: Desk) -> None:
    desk.load(order(appTime=T1, lines=2))
    desk.load(order(appTime=T2, appStatus="1", lines=3))
    assert len(desk.rows("SELECT * FROM current_order_items")) == 2
    assert len(desk.rows("SELECT * FROM orders")) == 2


def test_a_version_with_fewer_lines_loses_the_others(desk: Desk) -> None:
    desk.load(order(appTime=T1, lines=3))
    desk.load(order(appTime=T2, appType="2", lines=2))
    assert [r["gnum"] for r in desk.rows("SELECT gnum FROM current_order_items ORDER BY gnum")] == [1, 2]


def test_a_flat_row_without_time_is_the_same_document_as_the_message(desk: Desk) -> None:
    desk.load(order(appTime=T1, copCode="C", dxpId="D"))
    report = desk.load(order())
    assert {name: (c.new, c.known) for name, c in report.kinds.items()} == {
        "orders": (0, 1),
        "order_items": (0, 1),
    }
    assert desk.sale()["order_sender"] == "D C"


def test_the_same_content_from_another_sender_is_kept_as_evidence_and_one_of_them_counts(
    desk: Desk,
) -> None:
    desk.load(order(appTime=T1, copCode="C2", dxpId="D2"))
    desk.load(order(appTime=T1, copCode="C1", dxpId="D1"))
    assert len(desk.rows("SELECT * FROM orders")) == 2
    assert desk.sale()["order_sender"] == "D2 C2"


def test_two_versions_without_time_are_a_difference(desk: Desk) -> None:
    desk.load(order(buyerRegNo="a"))
    desk.load(order(buyerRegNo="b"))
    assert desk.differences() == {"conflicting_versions": 1}
    rows = desk.rows(
        "SELECT max(content_hash) AS h FROM orders UNION SELECT content_hash FROM current_orders"
    )
    assert len(rows) == 1


def test_a_dated_version_settles_the_conflict(desk: Desk) -> None:
    desk.load(order(buyerRegNo="a"), order(buyerRegNo="b"), order(appTime=T1, buyerRegNo="c"))
    assert desk.differences() == {}


def test_a_waybill_number_used_again_after_183_days_is_another_parcel(desk: Desk) -> None:
    desk.load(order(), waybill(appTime="20240104100000"))
    desk.load(waybill(appTime="20240801100000", weight="2"))
    assert len(desk.rows("SELECT * FROM current_waybills")) == 2
    assert desk.differences() == {"several_waybills": 1}


def test_a_waybill_submitted_again_within_183_days_is_a_version(desk: Desk) -> None:
    desk.load(waybill(appTime="20240104100000"), waybill(appTime="20240601100000", weight="2"))
    assert len(desk.rows("SELECT * FROM current_waybills")) == 1


def test_an_inventory_line_belongs_to_its_declaration(desk: Desk) -> None:
    desk.load(inventory(appTime=T1, lines=2), inventory(appTime=T2, appType="3", lines=2))
    assert desk.rows("SELECT * FROM current_inventory_items") == []
