"""Messages: the published samples, documents that break the contract, and files that mean harm."""

from pathlib import Path

import pytest
from reading_cases import ENVELOPE, GUID, NAMESPACE, PAYMENT, STANDARDS, elements, load, payment_message

from loaders.sources import Limits, xml

SAMPLES = STANDARDS / "ceb" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the published samples are not at {SAMPLES}")

# Every published sample is valid by its schema; how many documents (and lines) each has.
COUNTS = {
    "CEB311": {"orders": 6, "order_items": 12},
    "CEB312": {"receipts": 10},
    "CEB411": {"payments": 10},
    "CEB412": {"receipts": 10},
    "CEB511": {"waybills": 6},
    "CEB512": {"receipts": 10},
    "CEB513": {"waybill_status": 10},
    "CEB514": {"receipts": 10},
    "CEB621": {"inventories": 10, "inventory_items": 20},
    "CEB622": {"receipts": 10},
    "CEB623": {"cancels": 10},
    "CEB624": {"receipts": 10},
    "CEB625": {"refunds": 10, "refund_items": 10},
    "CEB626": {"receipts": 10},
    "CEB711": {"deliveries": 1},
    "CEB712": {"receipts": 10},
}


@needs_samples
@pytest.mark.parametrize("message", sorted(COUNTS))
def test_every_published_sample_loads(message: str) -> None:
    done = load([SAMPLES / f"{message}Message.xml"])
    assert done.rejects == []
    assert {kind: len(rows) for kind, rows in done.tables.items()} == COUNTS[message]
    for rows in done.tables.values():
        assert {row["message_guid"] for row in rows} != {None}
        if message in ("CEB311", "CEB411", "CEB511", "CEB513", "CEB621", "CEB623", "CEB625", "CEB711"):
            assert all(row["copCode"] and row["dxpId"] for row in rows)
    if "receipts" in done.tables:
        assert {row["kind"] for row in done.rows("receipts")} == {message}


@needs_samples
def test_two_processes_read_what_one_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = load([SAMPLES])
    monkeypatch.setattr("loaders.sources.reading._POOL_BYTES", 0)
    monkeypatch.setattr("loaders.sources.reading._GROUP_FILES", 3)
    together = load([SAMPLES], workers=2)
    assert together.tables == alone.tables
    assert [f.name for f in together.files] == [f.name for f in alone.files]


@needs_samples
def test_a_large_message_is_taken_document_by_document(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = load([SAMPLES])
    monkeypatch.setattr(xml, "STREAM_BYTES", 0)
    assert load([SAMPLES]).tables == at_once.tables


def test_a_tax_bill_has_its_lines(tmp_path: Path) -> None:
    head = {
        "guid": GUID,
        "returnTime": "20240301080000123",
        "invtNo": "291020241000000001",
        "taxNo": "T1",
        "customsTax": "1.5",
        "valueAddedTax": "2",
        "consumptionTax": "0",
        "status": "1",
    }
    line = {
        "gnum": "1",
        "gcode": "1901101000",
        "taxPrice": "100",
        "customsTax": "1.5",
        "valueAddedTax": "2",
        "consumptionTax": "0",
    }
    (tmp_path / "tax.xml").write_text(
        f'<CEB816Message guid="{GUID}" version="1.0" {NAMESPACE}><Tax><TaxHeadRd>{elements(head)}</TaxHeadRd>'
        f"<TaxListRd>{elements(line)}</TaxListRd></Tax></CEB816Message>"
    )
    done = load([tmp_path])
    assert done.rejects == []
    assert done.rows("taxes")[0]["document_id"] == "291020241000000001|T1"
    assert done.rows("tax_items")[0]["document_id"] == "291020241000000001|T1|1"


def test_a_wrong_document_falls_and_its_neighbours_land(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(payment_message(PAYMENT, PAYMENT | {"amountPaid": "1e3"}, PAYMENT))
    done = load([tmp_path])
    assert [row["position"] for row in done.rows("payments")] == [1, 3]
    (reject,) = done.rejects
    assert (reject["message_guid"], reject["position"], reject["field"]) == (GUID, 2, "amountPaid")
    assert reject["file_name"].endswith("a.xml")


def order(lines: int, **change: str) -> str:
    head = {
        "orderType": "I",
        "orderNo": "O1",
        "ebpCode": "E",
        "ebpName": "E",
        "ebcCode": "E",
        "ebcName": "E",
        "goodsValue": "1",
        "freight": "0",
        "discount": "0",
        "taxTotal": "0",
        "acturalPaid": "1",
        "currency": "142",
        "buyerRegNo": "u",
        "buyerName": "王芳",
        "buyerTelephone": "13812345678",
        "buyerIdType": "1",
        "buyerIdNumber": "11010519491231002X",
        "consignee": "王芳",
        "consigneeTelephone": "13812345678",
        "consigneeAddress": "文三路1号",
    }
    line = {
        "gnum": "1",
        "itemName": "奶粉",
        "gmodel": "900g",
        "unit": "011",
        "qty": "1",
        "price": "1",
        "totalPrice": "1",
        "currency": "142",
        "country": "304",
    } | change
    body = f"<OrderList>{elements(line)}</OrderList>" * lines
    return f"<Order><OrderHead>{elements(ENVELOPE | head)}</OrderHead>{body}</Order>"


def orders_message(*documents: str) -> str:
    return f'<CEB311Message guid="{GUID}" version="1.0" {NAMESPACE}>{"".join(documents)}</CEB311Message>'


def test_a_document_and_its_lines_are_one(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(orders_message(order(2), order(2, qty="many"), order(1)))
    done = load([tmp_path])
    assert [row["position"] for row in done.rows("orders")] == [1, 3]
    assert [row["position"] for row in done.rows("order_items")] == [1, 1, 3]
    assert [(r["kind"], r["position"], r["field"]) for r in done.rejects] == [("order_items", 2, "qty")]
    # A line has its head's version.
    assert {row["appTime"] for row in done.rows("order_items")} == {done.rows("orders")[0]["appTime"]}


@pytest.mark.parametrize(("lines", "said"), [(0, "is required"), (100, "at most 99")])
def test_a_document_has_from_one_to_99_lines(tmp_path: Path, lines: int, said: str) -> None:
    (tmp_path / "a.xml").write_text(orders_message(order(lines), order(99)))
    done = load([tmp_path])
    assert [row["position"] for row in done.rows("orders")] == [2]
    (reject,) = done.rejects
    assert reject["field"] == "OrderList"
    assert said in reject["reason"]


def test_more_than_a_hundred_documents_are_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(payment_message(*[PAYMENT] * 101))
    assert len(load([tmp_path]).rows("payments")) == 101


def test_an_element_twice_or_with_elements_inside_is_refused(tmp_path: Path) -> None:
    twice = payment_message(PAYMENT).replace("<payName>", "<payName>x</payName><payName>")
    nested = payment_message(PAYMENT).replace("<payName>", "<payName><b>x</b>")
    for name, text in (("twice", twice), ("nested", nested)):
        (tmp_path / f"{name}.xml").write_text(text)
    done = load([tmp_path])
    assert done.tables.get("payments", []) == []
    assert [r["field"] for r in done.rejects] == ["payName", "payName"]


def test_comments_and_character_data_do_not_cut_a_value(tmp_path: Path) -> None:
    text = payment_message(PAYMENT).replace("示例支付", "示<!-- x -->例<![CDATA[支&付]]>")
    (tmp_path / "a.xml").write_text(text)
    assert load([tmp_path]).rows("payments")[0]["payName"] == "示例支&付"


def test_other_encodings_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = payment_message(PAYMENT)
    (tmp_path / "bom.xml").write_bytes(text.encode("utf-8-sig"))
    (tmp_path / "gbk.xml").write_bytes(text.replace("UTF-8", "GB18030").encode("gb18030"))
    (tmp_path / "utf16.xml").write_bytes(text.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert [row["payerName"] for row in load([tmp_path]).rows("payments")] == ["王芳"] * 3


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "external": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>',
}


@pytest.mark.parametrize("attack", sorted(HOSTILE))
@pytest.mark.parametrize("stream", [False, True])
def test_document_types_and_entities_are_one_reject(
    tmp_path: Path, attack: str, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stream:
        monkeypatch.setattr(xml, "STREAM_BYTES", 0)
    text = payment_message(PAYMENT)
    declaration, body = text.split("?>", 1)
    entity = {"entity": "&e;", "laughs": "&l9;"}.get(attack, "")
    (tmp_path / "a.xml").write_text(
        f"{declaration}?>{HOSTILE[attack]}{body.replace('示例支付', entity or 'x')}"
    )
    (tmp_path / "b.xml").write_text(text)
    done = load([tmp_path])
    (reject,) = done.rejects
    assert reject["file_name"].endswith("a.xml")
    assert "root:" not in str(done.tables)
    assert len(done.rows("payments")) == 1


def test_laughter_in_an_attribute_is_one_reject(tmp_path: Path) -> None:
    body = payment_message(PAYMENT).split("?>", 1)[1].replace(f'guid="{GUID}"', 'guid="&l9;"')
    (tmp_path / "a.xml").write_text(HOSTILE["laughs"] + body)
    assert len(load([tmp_path]).rejects) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (payment_message(PAYMENT)[:-40], "not well-formed"),
        ("", "not well-formed"),
        ("<CEB411Message/>", "namespace"),
        (f"<CEB411Message {NAMESPACE}/>", "no document"),
        (f"<CEB999Message {NAMESPACE}/>", "no message that is read"),
        (f"<Other {NAMESPACE}/>", "no message that is read"),
        ("<a>" * 5000 + "</a>" * 5000, "not well-formed"),
        (orders_message(order(1)).replace("CEB311", "CEB411"), "stands where"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_message_is_one_reject(
    tmp_path: Path, text: str, said: str, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stream:
        monkeypatch.setattr(xml, "STREAM_BYTES", 0)
    (tmp_path / "a.xml").write_text(text)
    done = load([tmp_path])
    assert done.tables == {}
    (reject,) = done.rejects
    assert said in reject["reason"]
    assert "王芳" not in str(reject)


def test_a_message_larger_than_the_limit_is_one_reject(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(payment_message(PAYMENT))
    (reject,) = load([tmp_path], limits=Limits(message_bytes=100)).rejects
    assert "larger than" in reject["reason"]
