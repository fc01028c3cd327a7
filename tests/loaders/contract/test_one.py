"""A document read by itself is what a batch makes of it: the same values, keys, and mistakes."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_documents import Row, inventory, order, payment, waybill

from loaders.contract import KINDS, Keys, RawBatch
from loaders.contract.conform import conform
from loaders.contract.one import read_document

KEYS = Keys(bytes(range(32)))
ROWS: dict[str, Row] = {
    kind: row for document in (order(), payment(), waybill(), inventory()) for kind, row in document
}
SPOILT = [
    *("", " ", "x", "x" * 300, "-1", "1.5", "1.123456", "1.100000", "12345678901234567", "1e3", "+7", "٣"),
    *("20240106", "20241306", "20240106103000", "2024-01-06", "2024-01-06T10:30:00+08:00", "18000101"),
    *(
        "2024-01-06 10:30",
        "2024-01-06T10:30:00.5Z",
        "2024-02-30",
        "a\x07b",
        "é",
        "e\u0301",
        "\u3000王 小明\u00a0",
    ),
    *(
        "11010519491231002x",
        "１３８００００００００",
        "0086-138 0000 0001",
        "北京市朝阳区某路1号楼2单元301室",
    ),
]


def in_batch(kind: str, row: Row) -> tuple[dict[str, Any] | None, str]:
    """What a batch of one row makes of it, or why it is refused."""
    told = {name: value or None for name, value in row.items()}
    table = pa.Table.from_pylist(
        [{**told, "file_id": "f", "message_guid": None, "position": 0, "document": None}]
    )
    conformed = conform(RawBatch(tables={kind: table}), KEYS)
    rows = conformed.tables[kind].to_pylist()
    return (rows[0] if rows else None), "".join(conformed.rejects.column("reason").to_pylist())


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_a_good_document_is_read_as_in_a_batch(kind: str) -> None:
    values, wrong = read_document(KINDS[kind], ROWS[kind], KEYS)
    batch, _ = in_batch(kind, ROWS[kind])
    assert wrong == []
    assert batch is not None
    assert {name: batch[name] for name in values if name in batch} == values


@given(kind=st.sampled_from(sorted(ROWS)), place=st.integers(0, 60), value=st.sampled_from(SPOILT))
@settings(max_examples=120, deadline=None)
def test_a_spoilt_field_is_read_or_refused_as_in_a_batch(kind: str, place: int, value: str) -> None:
    fields = [f.name for f in KINDS[kind].fields] + ["appType", "appTime", "appStatus", "guid", "copCode"]
    name = fields[place % len(fields)]
    row = {**ROWS[kind], name: value}
    values, wrong = read_document(KINDS[kind], row, KEYS)
    batch, reason = in_batch(kind, row)
    if batch is None:
        assert wrong[0] == (name, reason.partition(f"{name} ")[2].partition(";")[0])
    else:
        assert wrong == []
        assert {one: batch[one] for one in values if one in batch} == values


@pytest.mark.parametrize(
    "text",
    [
        *("19000101000000", "19000101075959", "19000101080000", "22000101000000", "22000101075959"),
        *("22000101080000", "2024-01-06T24:00:00", "2024-01-06T24:00:00.5", "2024-01-06T24:01"),
        *("2024-01-06T10:30:00\u2003+08:00", "2024-01-06T10:30:00 +08:00"),
    ],
)
@pytest.mark.parametrize(("kind", "name"), [("payments", "payTime"), ("inventories", "declTime")])
def test_a_time_at_an_end_is_read_or_refused_as_in_a_batch(kind: str, name: str, text: str) -> None:
    row = {**ROWS[kind], name: text}
    values, wrong = read_document(KINDS[kind], row, KEYS)
    batch, reason = in_batch(kind, row)
    if batch is None:
        assert [f"{one} {what}" for one, what in wrong] == [reason]
    else:
        assert (wrong, values[name]) == ([], batch[name])


def test_numbers_are_what_they_are_in_a_column() -> None:
    values, wrong = read_document(KINDS["order_items"], {**ROWS["order_items"], "gnum": "0" * 20 + "1"}, KEYS)
    assert (wrong, values["gnum"]) == ([], 1)
    values, _ = read_document(KINDS["order_items"], {**ROWS["order_items"], "qty": "-0"}, KEYS)
    assert str(values["qty"]) == "0"


def test_a_field_that_is_none_and_a_value_that_is_no_text_are_refused_by_name() -> None:
    _, wrong = read_document(KINDS["orders"], {**ROWS["orders"], "ordreNo": "1", "goodsValue": 12.5}, KEYS)  # type: ignore[dict-item]
    assert wrong == [("ordreNo", "is no field of this document"), ("goodsValue", "must be text")]
