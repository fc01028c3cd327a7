"""How the documents of a sale find each other, and what is said of them."""

from decimal import Decimal

from ledger_desk import Desk
from ledger_documents import (
    alias,
    cancel,
    inventory,
    order,
    payment,
    raw_payment,
    receipt,
    signed,
    waybill,
)

from loaders.ledger import entities_of, show_unjoined

NUMBER = "010020241000000001"


def whole(no: str = "O1", ebp: str = "E1", **changes: str) -> list:  # type: ignore[type-arg]
    """The four documents of a sale that agree."""
    return [
        order(no, ebp, **changes),
        payment(no, ebp),
        inventory(no, ebp),
        waybill(no, f"W-{ebp}-{no}", appTime="20240105090000"),
    ]


def test_documents_that_agree_have_no_differences(desk: Desk) -> None:
    desk.load(*whole(), receipt(invtNo=NUMBER), signed())
    sale = desk.sale()
    assert (sale["missing"], sale["differences"], sale["unjudgeable"]) == ([], [], [])
    assert (sale["invt_no"], sale["receipt_status"], sale["cleared"]) == (NUMBER, "800", True)
    assert (sale["ebp_code"], sale["order_no"], sale["site_code"]) == ("E1", "O1", "0100-Q1")
    assert (sale["chapters"], sale["dutiable_value"]) == (["19"], Decimal("100.00000"))
    assert (str(sale["first_date"]), str(sale["last_date"])) == ("2024-01-05", "2024-01-08")


def test_each_difference_has_its_name_and_size(desk: Desk) -> None:
    desk.load(
        order(lines=2, acturalPaid="150", payCode="P9", buyerName="甲"),
        payment(payTime="20240110100000"),
        inventory(buyerTelephone="13900000009"),
        waybill(appTime="20240108090000", consignee="乙", consigneeAddress="上海市某路2号"),
        signed(when="20240103120000"),
    )
    assert desk.differences() == {
        "amount_paid": 50,
        "buyer_name": 1,
        "buyer_phone": 1,
        "consignee_address": 1,
        "consignee_name": 1,
        "declared_value": 100,
        "item_count": 1,
        "order_arithmetic": 50,
        "payer_name": 1,
        "payment_after_declaration": 4,
        "payment_company": 1,
        "signed_before_declaration": 3,
        "signed_before_payment": 7,
        "waybill_after_declaration": 2,
    }


def test_a_day_is_a_day_of_shanghai(desk: Desk) -> None:
    desk.load(*whole(), payment(payTime="20240107000000", appTime="20240107000000"))
    assert desk.differences() == {"payment_after_declaration": 1}


def test_money_in_a_foreign_currency_is_not_judged(desk: Desk) -> None:
    desk.load(order(currency="502", acturalPaid="1"), payment(), inventory(), waybill())
    sale = desk.sale()
    assert sale["differences"] == []
    assert sale["unjudgeable"] == ["amount_paid", "declared_value", "order_arithmetic"]


def test_one_payment_of_several_orders_is_no_difference(desk: Desk) -> None:
    both = [*whole("O1"), *whole("O2")[:1], payment("O1", amount="200", appTime="20240105100000")]
    desk.load(*both)
    assert desk.differences() == {"amount_paid": 100}
    desk.load(raw_payment("B1", [("E1", "O1"), ("E1", "O2")], "200"))
    assert desk.differences() == {}
    assert desk.sale()["raw_payments"] == 1
    assert desk.sale()["pay_transaction_id"] == "T-E1-O1"


def test_codes_of_one_company_are_no_difference_while_the_alias_holds(desk: Desk) -> None:
    desk.load(*whole(payCode="P9"))
    assert desk.differences() == {"payment_company": 1}
    desk.load(alias("P9", "P5"), alias("P5", "P1"))
    assert desk.differences() == {}
    desk.load(alias("P9", "P5", since="2024-02-01"))
    assert desk.differences() == {"payment_company": 1}


def test_a_payment_without_order_joins_by_the_number_that_the_order_names(desk: Desk) -> None:
    desk.load(order("O1", payTransactionId="T9"), payment("O9", payTransactionId="T9"))
    assert desk.rows("SELECT sale_id, payments FROM transactions") == [{"sale_id": "E1|O1", "payments": 1}]
    desk.load(order("O9", payTransactionId="T9"))
    assert desk.rows("SELECT sale_id, payments FROM transactions ORDER BY sale_id") == [
        {"sale_id": "E1|O1", "payments": 0},
        {"sale_id": "E1|O9", "payments": 1},
    ]


def test_a_waybill_of_two_possible_sales_is_ambiguous_never_missing(desk: Desk) -> None:
    desk.load(order("O1", "E1"), order("O1", "E2"), waybill("O1"))
    assert [r["missing"] for r in desk.rows("SELECT missing FROM transactions")] == [
        ["inventory", "payment"]
    ] * 2
    with desk.ledger.connect() as con:
        show_unjoined(con)
        assert con.execute("SELECT kind, reason FROM unjoined").fetchall() == [("waybills", "ambiguous")]
    desk.load(inventory("O1", "E1"))
    assert desk.sale("E1|O1")["waybills"] == 1
    assert desk.sale("E2|O1")["missing"] == ["inventory", "payment", "waybill"]


def test_a_document_of_no_sale_waits_for_one(desk: Desk) -> None:
    desk.load(waybill(), receipt())
    with desk.ledger.connect() as con:
        show_unjoined(con)
        assert con.execute("SELECT kind, reason FROM unjoined ORDER BY kind").fetchall() == [
            ("receipts", "no_declaration"),
            ("waybills", "no_sale"),
        ]
    desk.load(inventory())
    sale = desk.sale()
    assert (sale["waybills"], sale["receipt_status"]) == (1, "800")


def test_the_latest_receipt_counts_in_any_order_of_arrival(desk: Desk) -> None:
    desk.load(inventory(), receipt(status="899", when="20240109120000000"))
    desk.load(receipt(status="120", when="20240106120000000", invtNo=NUMBER))
    assert (desk.sale()["receipt_status"], desk.sale()["invt_no"]) == ("899", NUMBER)


def test_an_accepted_cancel_marks_the_sale(desk: Desk) -> None:
    desk.load(*whole(), receipt(invtNo=NUMBER), cancel(invt=NUMBER))
    assert not desk.sale()["cancelled"]
    desk.load(receipt("X-E1-O1", "120", kind="CEB624"))
    assert desk.sale()["cancelled"]
    assert desk.sale()["receipt_status"] == "800"


def test_several_documents_are_named_and_their_lines_not_judged(desk: Desk) -> None:
    desk.load(*whole(), inventory(cop="C2", lines=2), payment(payTransactionId="T2"))
    assert desk.differences() == {"several_inventories": 1, "several_payments": 1}
    assert desk.sale()["unjudgeable"] == ["declared_value", "item_count", "item_lines"]


def test_an_absurd_amount_does_not_stop_the_ledger(desk: Desk) -> None:
    huge = "99999999999999.99999"
    desk.load(order(price=huge, goodsValue=huge, freight=huge, taxTotal=huge, acturalPaid="1"))
    assert desk.differences()["order_arithmetic"] == float(huge)


def test_a_sale_that_vanished_is_a_changed_sale(desk: Desk) -> None:
    desk.load(order(appTime="20240104100000"), order("O2"))
    desk.load(order(appTime="20240105100000", appType="3"))
    assert desk.rows("SELECT sale_id FROM transactions") == [{"sale_id": "E1|O2"}]
    assert desk.ledger.changed_sales(1).to_pylist() == [{"sale_id": "E1|O1"}]
    assert len(desk.ledger.changed_sales(0)) == 2


def test_entities_of_every_version_are_told(desk: Desk) -> None:
    desk.load(*whole(appTime="20240104100000"))
    desk.load(order(appTime="20240105100000", buyerIdNumber="110105194912310038", ebcCode="M2"))
    with desk.ledger.connect() as con:
        found = entities_of(con, desk.ledger.changed_sales(0)).to_pylist()
    keys = [(row["entity"], row["key"]) for row in found]
    assert {("merchant", "M1"), ("merchant", "M2"), ("agent", "A1"), ("warehouse", "Q1")} <= set(keys)
    assert len([1 for entity, _ in keys if entity == "consumer"]) == 2


def test_the_ledger_as_it_stood(desk: Desk) -> None:
    desk.load(order())
    desk.load(payment())
    assert desk.rows("SELECT missing FROM transactions", version=1) == [
        {"missing": ["inventory", "payment", "waybill"]}
    ]
    assert desk.rows("SELECT missing FROM transactions") == [{"missing": ["inventory", "waybill"]}]


def test_without_a_declaration_the_dutiable_value_is_that_of_the_order(desk: Desk) -> None:
    desk.load(order(price="120", freight="15"))
    assert desk.sale()["dutiable_value"] == 135
    assert desk.sale()["declared_consumer_key"] is None


def test_whose_name_a_declaration_gives_is_kept_where_it_is_another(desk: Desk) -> None:
    number = "110101199003074477"
    desk.load(order(), inventory(buyerIdNumber=number), order("O2"), inventory("O2"))
    assert desk.sale()["declared_consumer_key"] == desk.keys.key_of("id", f"1:{number}")
    assert desk.sale("E1|O2")["declared_consumer_key"] is None
