"""Flat files: columns, broken records, other formats, standard input."""

import gzip
import io
import json
import os
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_cases import PAYMENT, STANDARDS, csv_of, load, payment_message
from sample_rows import PLATFORM

from loaders.sources import csv
from loaders.sources.files import Expansion

NUMBERS = [PAYMENT | {"payTransactionId": f"P{n}"} for n in range(1, 6)]


def write(folder: Path, text: str | bytes, name: str = "payments.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "name", ["payments.csv", "payments-2024.csv", "PAYMENTS.part1.csv", "payments_03.csv"]
)
def test_the_name_says_which_table_it_is(tmp_path: Path, name: str) -> None:
    assert len(load([write(tmp_path, csv_of(NUMBERS), name)]).rows("payments")) == 5


def test_a_folder_named_after_a_table_says_so_too(tmp_path: Path) -> None:
    (tmp_path / "payments").mkdir()
    write(tmp_path / "payments", csv_of(NUMBERS), "part-0.csv")
    assert len(load([tmp_path]).rows("payments")) == 5


def test_order_of_columns_is_free_and_unknown_ones_are_counted(tmp_path: Path) -> None:
    turned = [dict(reversed((row | {"colour": "red"}).items())) for row in NUMBERS]
    plain = load([write(tmp_path, csv_of(NUMBERS), "payments1.csv")])
    other = load([write(tmp_path, "\ufeff" + csv_of(turned).replace("\n", "\r\n"), "payments2.csv")])
    assert other.files[0].unknown_columns == ("colour",)
    hashes = [[row["content_hash"] for row in done.rows("payments")] for done in (plain, other)]
    assert hashes[0] == hashes[1]


def test_a_missing_column_refuses_the_file_by_its_name(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k not in ("amountPaid", "payTime")} for row in NUMBERS]
    done = load([write(tmp_path, csv_of(rows))])
    (reject,) = done.rejects
    assert done.tables == {}
    assert (reject["field"], reject["kind"]) == ("amountPaid", "payments")
    assert "amountPaid, payTime" in reject["reason"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ("a,a\n", "lacks"), (csv_of(NUMBERS).replace("payName", "payCode", 1), "twice")],
)
def test_a_header_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    (reject,) = load([write(tmp_path, text)]).rejects
    assert said in reject["reason"]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    done = load([write(tmp_path, csv_of(NUMBERS).split("\n")[0])])
    assert (done.tables, done.rejects, len(done.files)) == ({}, [], 1)


def test_values_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    text = csv_of([NUMBERS[0] | {"note": '"a ""b"", c\r\nd"'}, NUMBERS[1] | {"note": '""'}])
    done = load([write(tmp_path, text)])
    assert [row["note"] for row in done.rows("payments")] == ['a "b", c\nd', None]


BROKEN = {
    "too few columns": b"1,2,3",
    "too many columns": csv_of(NUMBERS).split("\n")[1].encode() + b",x,y",
    "quote left open": b'"' + csv_of(NUMBERS).split("\n")[1].encode(),
    "quote within": csv_of(NUMBERS).split("\n")[1].encode().replace(b"P1", b'P"1'),
    "text behind a quote": csv_of(NUMBERS).split("\n")[1].encode().replace(b"P1", b'"P"1'),
    "too many columns, no UTF-8": csv_of(NUMBERS).split("\n")[1].encode().replace(b"P1", b"P\xff") + b",x,y",
    "no UTF-8": csv_of(NUMBERS).split("\n")[1].encode().replace(b"P1", b"P\xff"),
}


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_a_broken_record_falls_alone_at_its_own_place(
    tmp_path: Path, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    header, *good = csv_of([row | {"note": "x"} for row in NUMBERS]).encode().strip().split(b"\n")
    quoted = good[0].removesuffix(b"x") + b'"two\nlines"'
    broken = BROKEN[how] if how.startswith("too") else BROKEN[how] + b",x"
    lines = [header, quoted, b"", good[1], broken, *good[2:]]
    data = b"\n".join(lines) + b"\n"
    done = load([write(tmp_path, data)])
    assert capfd.readouterr().err == ""
    assert [row["position"] for row in done.rows("payments")] == [1, 2, 4, 5, 6]
    (reject,) = done.rejects
    assert reject["position"] == 3
    assert data[reject["offset"] :].startswith(broken)


def test_a_wrong_value_is_found_again_by_its_offset(tmp_path: Path) -> None:
    text = csv_of([NUMBERS[0] | {"note": '"two\nlines"'}, NUMBERS[1] | {"amountPaid": "x"}]).encode()
    (reject,) = load([write(tmp_path, text)]).rejects
    assert reject["position"] == 2
    assert text[reject["offset"] :].startswith(b"4403160BUF")
    assert text[: reject["offset"]].endswith(b'lines"\n')


def test_a_large_file_is_read_in_parts_that_end_with_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [PAYMENT | {"payTransactionId": f"P{n}", "note": f'"{n},\n{n}"'} for n in range(500)]
    path = write(tmp_path, csv_of(rows))
    whole = load([path])
    monkeypatch.setattr(csv, "CHUNK_BYTES", 1000)
    parts = load([path], max_rows=50)
    assert parts.tables == whole.tables
    assert [row["position"] for row in parts.rows("payments")] == list(range(1, 501))
    assert len(parts.files) == 1


def test_all_or_nothing_says_line_and_column_of_every_mistake(tmp_path: Path) -> None:
    rows = [PLATFORM | {"note": '"two\nlines"'}, PLATFORM | {"check": "x", "result": "y"}, PLATFORM]
    done = load([write(tmp_path, csv_of(rows) + "1,2\n", "platform_verifications.csv")])
    assert done.rows("platform_verifications") == []
    assert [(r["position"], r["field"], r["reason"].split(":")[0]) for r in done.rejects] == [
        (4, None, "line 6"),
        (2, "check", "line 4"),
        (2, "result", "line 4"),
    ]


def test_consumer_reports_land_row_by_row(tmp_path: Path) -> None:
    report = {"reportId": "R1", "reportedAt": "2024-03-01", "buyerIdNumber": "1", "kind": "other"}
    done = load([write(tmp_path, csv_of([report, report | {"kind": "x"}]), "consumer_reports.csv")])
    assert len(done.rows("consumer_reports")) == 1
    assert [r["field"] for r in done.rejects] == ["kind"]


def test_gzip_is_opened_and_its_original_is_the_gzip(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(csv_of(NUMBERS).encode()), "payments.csv.gz")
    done = load([path])
    assert len(done.rows("payments")) == 5
    assert done.files[0].size == path.stat().st_size


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(b"x" * 9999)[:-20]], ids=["no gzip", "cut"])
def test_damaged_gzip_is_one_reject(tmp_path: Path, data: bytes) -> None:
    (reject,) = load([write(tmp_path, data, "payments.csv.gz")]).rejects
    assert "decompressed" in reject["reason"]


def test_json_lines_keep_numbers_as_written_and_bad_lines_fall(tmp_path: Path) -> None:
    exact = "12345678901234.56789"
    lines = [
        json.dumps(NUMBERS[0]).replace('"12.5"', exact),
        "",
        "{broken",
        json.dumps(NUMBERS[1] | {"payName": {"a": 1}}),
        "[1]",
        json.dumps(NUMBERS[2], ensure_ascii=False),
    ]
    done = load([write(tmp_path, "\n".join(lines), "payments.jsonl")])
    assert [(row["position"], row["amountPaid"]) for row in done.rows("payments")] == [
        (1, Decimal(exact)),
        (5, Decimal("12.5")),
    ]
    assert sorted(r["position"] for r in done.rejects) == [2, 3, 4]


def test_parquet_brings_typed_values(tmp_path: Path) -> None:
    typed = pa.table({name: pa.array([value]) for name, value in PAYMENT.items()})
    typed = typed.set_column(
        typed.schema.get_field_index("amountPaid"),
        "amountPaid",
        pa.array([Decimal("12.50")], pa.decimal128(9, 2)),
    )
    paid = pa.array([1709222399_000_000_000], pa.timestamp("ns", "UTC"))
    typed = typed.set_column(typed.schema.get_field_index("payTime"), "payTime", paid)
    pq.write_table(typed, tmp_path / "payments.parquet")
    rows = load([tmp_path, write(tmp_path, csv_of([PAYMENT]), "payments.csv")]).rows("payments")
    assert len({row["content_hash"] for row in rows}) == 1


def test_an_amount_in_floating_point_is_refused(tmp_path: Path) -> None:
    table = pa.table(
        {name: pa.array([12.5 if name == "amountPaid" else value]) for name, value in PAYMENT.items()}
    )
    pq.write_table(table, tmp_path / "payments.parquet")
    (reject,) = load([tmp_path]).rejects
    assert reject["field"] == "amountPaid"
    assert "floating point" in reject["reason"]


@pytest.mark.parametrize("name", ["payments.parquet", "payments.jsonl"])
def test_a_file_that_is_not_what_its_name_says_is_one_reject(tmp_path: Path, name: str) -> None:
    assert len(load([write(tmp_path, "nothing of the kind", name)]).rejects) >= 1


@pytest.mark.parametrize("name", ["things.csv", "things.json", "things.jsonl"])
def test_a_file_that_matches_nothing_is_one_reject(tmp_path: Path, name: str) -> None:
    text = '{"a": "b"}' if "json" in name else "a,b\n1,2\n"
    (reject,) = load([write(tmp_path, text, name)]).rejects
    assert "named after" in reject["reason"]


def test_what_is_none_of_ours_is_skipped_with_a_reason(tmp_path: Path) -> None:
    for name in ("README.md", "truth.json", ".DS_Store"):
        write(tmp_path, "x", name)
    write(tmp_path, csv_of(NUMBERS))
    done = load([tmp_path])
    assert done.rejects == []
    assert sorted(Path(f.name).name for f in done.files if f.skipped) == [
        ".DS_Store",
        "README.md",
        "truth.json",
    ]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    (reject,) = load([tmp_path / "none"]).rejects
    assert "no such file" in reject["reason"]


@pytest.mark.parametrize(
    "data",
    [
        csv_of(NUMBERS[:1]).encode(),
        gzip.compress(csv_of(NUMBERS[:1]).encode()),
        payment_message(NUMBERS[0]).encode(),
        json.dumps(NUMBERS[0]).encode(),
    ],
    ids=["csv", "gzip", "xml", "json"],
)
def test_standard_input_is_told_by_its_content(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    done = load(["-"])
    assert done.rejects == []
    assert len(done.rows("payments")) == 1


def test_standard_input_that_fits_two_tables_or_none_is_one_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, said in ((b"a,b\n1,2\n", "fit no table"), (b"hello", "is no file that is read")):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        (reject,) = load(["-"]).rejects
        assert said in reject["reason"]


SAMPLE = STANDARDS / "customs179" / "sample.json"


@pytest.mark.skipif(not SAMPLE.is_file(), reason=f"the published sample is not at {SAMPLE}")
def test_the_published_raw_payment_loads() -> None:
    done = load([SAMPLE])
    (payment,) = done.rows("raw_payments")
    assert done.rejects == []
    assert payment["totalAmount"] == Decimal(2000)
    assert payment["document_id"] == "4403160BUF|201808010XTOO180881108351"
    assert payment["recpAccount_key"]
    assert [row["orderNo"] for row in done.rows("raw_payment_orders")] == [
        "ord201808030001",
        "ord201808030002",
    ]
    assert {row["ebpCode"] for row in done.rows("raw_payment_orders")} == {"44069679AS"}


RAW = {
    "payExchangeInfoHead": {
        "payCode": "4403160BUF",
        "payTransactionId": "P1",
        "totalAmount": 12.5,
        "ebpCode": "E",
        "currency": "142",
        "verDept": "3",
        "payType": "1",
        "tradingTime": "20240301080000",
    },
    "payExchangeInfoLists": [
        {
            "orderNo": "O1",
            "goodsInfo": [{"gname": "奶粉", "itemLink": "x"}],
            "recpAccount": "1",
            "recpCode": "2",
            "recpName": "n",
        }
    ],
}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (RAW, "a.json"),
        ([RAW], "a.json"),
        ({"payExInfoStr": json.dumps(RAW)}, "a.json"),
        (RAW, "raw_payments.json"),
    ],
)
def test_a_raw_payment_may_come_in_an_envelope(tmp_path: Path, value: object, name: str) -> None:
    flat = {
        "payCode": "4403160BUF",
        "payTransactionId": "P1",
        "totalAmount": "12.50",
        "ebpCode": "E",
        "currency": "142",
        "verDept": "3",
        "payType": "1",
        "tradingTime": "20240301080000",
        "recpAccount": "1",
        "recpCode": "2",
        "recpName": "n",
    }
    order = {
        "payCode": "4403160BUF",
        "payTransactionId": "P1",
        "orderNo": "O1",
        "ebpCode": "E",
        "gname": "奶粉",
        "itemLink": "x",
    }
    folder = tmp_path / "flat"
    folder.mkdir()
    write(folder, csv_of([flat]), "raw_payments.csv")
    write(folder, csv_of([order]), "raw_payment_orders.csv")
    done, same = load([write(tmp_path, json.dumps(value), name)]), load([folder])
    assert done.rejects == []
    for kind in ("raw_payments", "raw_payment_orders"):
        assert [r["content_hash"] for r in done.rows(kind)] == [r["content_hash"] for r in same.rows(kind)]


def test_a_raw_payment_without_orders_falls_and_others_land(tmp_path: Path) -> None:
    path = write(
        tmp_path, json.dumps([{"payExchangeInfoHead": {}}, RAW, RAW | {"payExchangeInfoHead": {}}]), "a.json"
    )
    done = load([path])
    assert len(done.rows("raw_payments")) == len(done.rows("raw_payment_orders")) == 1
    assert sorted((r["position"], r["field"]) for r in done.rejects) == [
        (1, "payExchangeInfoLists"),
        (3, "payTransactionId"),
    ]


@pytest.mark.parametrize("text", ['{"payExchangeInfoHead": ', "[" * 100_000, "[1, 2]"])
def test_json_that_is_none_is_one_reject(tmp_path: Path, text: str) -> None:
    assert len(load([write(tmp_path, text, "things.json")]).rejects) == 1


def test_a_file_given_alone_may_have_its_folder_s_name(tmp_path: Path) -> None:
    (tmp_path / "payments").mkdir()
    path = write(tmp_path / "payments", csv_of(NUMBERS), "part-0.csv")
    assert len(load([path]).rows("payments")) == 5


def test_a_file_whose_name_is_no_text_is_read_and_named_as_far_as_it_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in (b"payments-\xb6\xa9.csv", b"\xb6\xa9.csv"):
        (folder / os.fsdecode(name)).write_bytes(b"a\n1\n")
    for given in ([folder], sorted(folder.iterdir())):
        found = list(Expansion(tmp_path).walk(given))
        assert sorted(one.name for one in found) == ["in/??.csv", "in/payments-??.csv"]
