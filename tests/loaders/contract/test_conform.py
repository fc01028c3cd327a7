"""Raw rows become the ledger's rows, or rejects that say why."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from sample_rows import GUID, KEYS, PAYMENT, PLATFORM

from loaders.contract import KINDS, REJECTS_SCHEMA, Conformed, RawBatch, conform

INSPECTION = {
    "inspectionId": "I1",
    "invtNo": "291020241000000001",
    "inspectedAt": "2024-03-01",
    "kind": "machine",
    "result": "ok",
}
ENTERPRISE = {"code": "44069679AS", "name": "示例平台", "roles": "platform;merchant", "asOf": "2024-03-01"}


def run(kind: str, rows: list[dict[str, Any]], *, message: bool = False) -> Conformed:
    names = {name: None for row in rows for name in row}
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    table = table.append_column("file_id", pa.array(["f"] * len(rows)))
    table = table.append_column("position", pa.array(range(1, len(rows) + 1), pa.int64()))
    return conform(RawBatch(tables={kind: table}, file_names={"f": "a.csv"}, message=message), KEYS)


def one(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    done = run(kind, [row])
    assert done.rejects.num_rows == 0, done.rejects.to_pylist()
    return done.tables[kind].to_pylist()[0]


def reason(kind: str, row: dict[str, Any], *, message: bool = False) -> tuple[str, str]:
    done = run(kind, [row], message=message)
    assert done.tables[kind].num_rows == 0
    (reject,) = done.rejects.to_pylist()
    assert (reject["file_name"], reject["kind"], reject["position"]) == ("a.csv", kind, 1)
    return reject["field"], reject["reason"]


def test_a_row_gets_the_columns_of_the_ledger() -> None:
    done = run("payments", [PAYMENT])
    assert done.tables["payments"].schema == KINDS["payments"].ledger_schema()
    assert done.rejects.schema == REJECTS_SCHEMA
    row = done.tables["payments"].to_pylist()[0]
    assert row["amountPaid"] == Decimal("12.50000")
    assert row["payTime"] == datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC)
    assert row["document_id"] == "4403160BUF|P1|44069679AS|O1"
    assert (row["appType"], row["appStatus"], row["payerIdType"]) == (1, "2", "1")
    assert row["payerIdNumber_key"] == KEYS.key_of("id", "1:11010519491231002X")
    assert row["contract_version"] == 1


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("+5", "5"),
        ("05", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("5.000000000", "5"),
        ("-0", "0"),
        ("-1.25", "-1.25"),
        ("99999999999999.99999", "99999999999999.99999"),
        (" 7 ", "7"),
    ],
)
def test_a_decimal_is_its_value_however_it_is_written(written: str, value: str) -> None:
    row = one("payments", PAYMENT | {"amountPaid": written})
    plain = one("payments", PAYMENT | {"amountPaid": value})
    assert row["amountPaid"] == Decimal(value)
    assert row["content_hash"] == plain["content_hash"]


@pytest.mark.parametrize(
    "written",
    ["1e3", "1E3", "1_000", "1,000", "0.123456", "100000000000000", "12,5", "--5", ".", "NaN", "１２"],
)
def test_what_is_no_decimal_is_refused(written: str) -> None:
    field, said = reason("payments", PAYMENT | {"amountPaid": written})
    assert (field, "decimal" in said) == ("amountPaid", True)
    assert written not in said


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("20240301080000", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01T08:00:00", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01 08:00", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01T00:00:00Z", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-02-29T19:00:00-05:00", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01T05:30:00+0530", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01T08:00:00.250", datetime(2024, 3, 1, 0, 0, 0, 250000, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 2, 29, 16, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_that_of_china(written: str, utc: datetime) -> None:
    assert one("payments", PAYMENT | {"payTime": written})["payTime"] == utc


@pytest.mark.parametrize(
    "written",
    [
        "20240230000000",
        "20241301000000",
        "20240301240000",
        "2024-02-30",
        "00010101000000",
        "yesterday",
        "2024030108000",
        "2024-03-01T25:00:00",
        "2024-03-01T08:00:60",
        "2024-03-01T08:00:00+99:99",
    ],
)
def test_an_impossible_time_is_refused(written: str) -> None:
    assert reason("payments", PAYMENT | {"payTime": written})[0] == "payTime"


def test_a_date_may_be_written_in_either_form() -> None:
    for written in ("2024-03-01", "20240301", "2024-03-01T10:00:00"):
        assert one("enterprises", ENTERPRISE | {"asOf": written})["asOf"] == date(2024, 3, 1)


def test_text_is_trimmed_and_composed_and_empty_is_null() -> None:
    row = one("payments", PAYMENT | {"payName": "\u3000Caf e\u0301 \t", "note": " \u00a0", "orderNo": " O1"})
    assert (row["payName"], row["note"], row["orderNo"]) == ("Caf é", None, "O1")
    assert row["content_hash"] == one("payments", PAYMENT | {"payName": "Caf \u00e9"})["content_hash"]


def test_line_ends_within_a_text_are_those_of_xml() -> None:
    assert one("payments", PAYMENT | {"note": "a\r\nb\rc"})["note"] == "a\nb\nc"


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"payName": None}, "payName", "is required"),
        ({"payName": " "}, "payName", "is required"),
        ({"payCode": "X" * 19}, "payCode", "longer than 18"),
        ({"payName": "名" * 101}, "payName", "longer than 100"),
        ({"currency": "CN"}, "currency", "must have 3"),
        ({"guid": "short"}, "guid", "must have 36"),
        ({"appType": "4"}, "appType", "1, 2 or 3"),
        ({"appType": "x"}, "appType", "whole number"),
        ({"note": "a\x01b"}, "note", "control character"),
        ({"dxpId": "D" * 31}, "dxpId", "longer than 30"),
    ],
)
def test_a_row_that_breaks_the_contract_is_refused(change: dict[str, Any], field: str, said: str) -> None:
    found, why = reason("payments", PAYMENT | change)
    assert found == field
    assert said in why


def test_a_hundred_characters_are_counted_as_characters() -> None:
    assert one("payments", PAYMENT | {"payName": "名" * 100})["payName"] == "名" * 100


def test_a_reject_names_the_other_fields_and_the_others_land() -> None:
    done = run("payments", [PAYMENT, PAYMENT | {"orderNo": None, "amountPaid": "x", "payTime": "y"}, PAYMENT])
    assert done.tables["payments"].column("position").to_pylist() == [1, 3]
    (reject,) = done.rejects.to_pylist()
    assert (reject["field"], reject["position"]) == ("orderNo", 2)
    assert reject["reason"] == "orderNo is required; also wrong: amountPaid, payTime"


def test_no_reject_holds_a_value() -> None:
    secret = {"payerName": "王芳" * 40, "payerIdNumber": "1" * 61, "amountPaid": "12.5元", "payTime": "今天"}
    said = str(run("payments", [PAYMENT | secret]).rejects.to_pylist())
    assert not any(value in said for value in ("王芳", "1111", "12.5", "今天"))


def test_version_and_sender_are_no_content() -> None:
    plain = one("payments", PAYMENT)
    sent = one(
        "payments",
        PAYMENT
        | {"guid": GUID, "appType": "2", "appTime": "20240301000000", "appStatus": "1"}
        | {"copCode": "C", "dxpId": "D"},
    )
    assert sent["content_hash"] == plain["content_hash"]
    assert (sent["appType"], sent["appStatus"], sent["copCode"]) == (2, "1", "C")
    assert one("payments", PAYMENT | {"note": "x"})["content_hash"] != plain["content_hash"]


def test_content_does_not_move_from_field_to_field() -> None:
    left = one("payments", PAYMENT | {"telephone": "1", "note": None})
    right = one("payments", PAYMENT | {"telephone": None, "note": "1"})
    assert left["content_hash"] != right["content_hash"]


def test_a_message_must_carry_its_envelope_in_its_own_form() -> None:
    row = PAYMENT | {
        "payerIdType": "1",
        "guid": GUID,
        "appType": "1",
        "appTime": "20240301000000",
        "appStatus": "2",
    }
    assert run("payments", [row], message=True).rejects.num_rows == 0
    assert reason("payments", row | {"appTime": None}, message=True)[0] == "appTime"
    assert reason("payments", row | {"payerIdType": None}, message=True)[0] == "payerIdType"
    assert reason("payments", row | {"payTime": "2024-03-01T08:00"}, message=True)[0] == "payTime"


def test_a_receipt_needs_what_its_message_needs() -> None:
    receipt = {
        "kind": "CEB622Message",
        "copNo": "C1",
        "preNo": "B20160512000001882",
        "returnStatus": "800",
        "returnTime": "20160512102646001",
        "returnInfo": "放行",
    }
    row = one("receipts", receipt)
    assert row["kind"] == "CEB622"
    assert row["returnTime"] == datetime(2016, 5, 12, 2, 26, 46, 1000, tzinfo=UTC)
    assert row["document_id"].startswith("CEB622|")
    assert reason("receipts", receipt | {"copNo": None})[0] == "copNo"
    assert reason("receipts", receipt | {"preNo": "short"})[0] == "preNo"
    assert reason("receipts", receipt | {"kind": "CEB999"})[0] == "kind"


def test_an_inspection_names_a_declaration_or_an_order() -> None:
    one("inspections", INSPECTION)
    one("inspections", INSPECTION | {"invtNo": None, "ebpCode": "E", "orderNo": "O"})
    assert reason("inspections", INSPECTION | {"invtNo": None, "ebpCode": "E"})[0] == "invtNo"


def test_the_state_of_a_person_without_type_is_that_of_type_one() -> None:
    report = {
        "reportId": "R",
        "reportedAt": "2024-03-01",
        "buyerIdNumber": "11010519491231002x",
        "kind": "other",
    }
    assert one("consumer_reports", report)["buyerIdNumber_key"] == KEYS.key_of("id", "1:11010519491231002X")
    other = one("consumer_reports", report | {"buyerIdType": "2"})
    assert other["buyerIdNumber_key"] == KEYS.key_of("id", "2:11010519491231002X")


def test_all_or_nothing_lists_every_mistake_and_lands_nothing() -> None:
    rows = [PLATFORM, PLATFORM | {"check": "can_fly", "result": "maybe"}, PLATFORM | {"checkedAt": "soon"}]
    done = run("platform_verifications", rows)
    assert done.tables["platform_verifications"].num_rows == 0
    assert [(r["position"], r["field"]) for r in done.rejects.to_pylist()] == [
        (2, "check"),
        (2, "result"),
        (3, "checkedAt"),
    ]


def test_roles_are_several_of_a_list_and_a_code_has_one_of_two_lengths() -> None:
    assert one("enterprises", ENTERPRISE | {"roles": "agent; warehouse"})["roles"] == "agent; warehouse"
    assert reason("enterprises", ENTERPRISE | {"roles": "agent;king"})[0] == "roles"
    one("enterprises", ENTERPRISE | {"code": "91350100M000100Y43"})
    assert reason("enterprises", ENTERPRISE | {"code": "440696"})[0] == "code"


def test_accounts_belong_to_their_platform() -> None:
    schema = KINDS["orders"].ledger_schema()
    assert "buyerRegNo_key" in schema.names
    assert KEYS.key_of("account", "A|u1") != KEYS.key_of("account", "B|u1")


def test_an_empty_batch_is_no_trouble() -> None:
    done = conform(RawBatch(), KEYS)
    assert done.tables == {}
    assert done.rejects.num_rows == 0
