"""Every tally has one definition: a sale at hand counts as if it were in the ledger, keys as if alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date

import duckdb
import pyarrow as pa
import pytest
from goods_documents import bought, listed, tax_bill
from ledger_desk import Desk
from ledger_documents import alias, receipt, signed
from quota_documents import cop, returns
from shops import check, cleared, inspection, paid_into, replied, reply, report, reported, sale

from app.detection.strata import months_before
from app.detection.tally import Tallies, tally, tally_names
from loaders.contract import Keys

UNTIL = date(2024, 12, 31)
# They count external data alone, or documents as they were written.
WITHOUT_SALES = (
    "platform_checks",
    "check_results",
    "payment_mergers",
    "register_attributes",
    "tax_rates",
    "virtual_phones",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Sales of three platforms: some differ, some are before the window, one has two codes."""
    folder = tmp_path_factory.mktemp("tallies")
    desk = Desk(folder / "data", Keys.open(folder / "key"))
    firm = {"code": "4401960001", "name": "One", "roles": "platform", "uscc": "91350100M000100Y43"}
    documents = [
        alias("OLDPAY", "NEWPAY"),
        [("enterprises", {**firm, "asOf": "2024-01-01"})],
        check("TWO", "fail"),
        check("TWO", "pass", at="2024-02-01T00:00:00"),
        check("91350100M000100Y43", "fail"),
        check("TWO", "fail", at="2025-01-01T09:00:00"),
        check("TWO", "fail", at="2024-02-16T09:00:00", what="traffic_match", observed="9"),
        report("TWO", 2, 2),
        *(cleared("TWO", no, agent="A0") for no in range(2, 40, 4)),
    ]
    # Each about a sale at hand: number 31, 33 and 35.
    documents += [
        inspection("I1", "THREE|00031", "discrepancy"),
        reported("R1", "91350100M000100Y43|00033"),
        replied("Q1", "NEWPAY", "THREE|00039", "no_fund_flow"),
        replied("Q2", "NEWPAY", "T-4401960001-00036", "genuine"),
        receipt("4401960001-00036", "100", "20240301120000000", agentCode="A0", returnInfo="1313"),
    ]
    for no in range(40):
        platform = ("4401960001", "91350100M000100Y43", "TWO", "THREE")[no % 4]
        documents += sale(
            platform,
            no,
            no,
            day=no if no % 7 else -400,
            merchant=f"M{no % 3}",
            agent=f"A{no % 2}",
            company="OLDPAY" if no % 5 == 0 else "NEWPAY",
            payment_says={
                "payTransactionId": f"{no % 32:012d}",
                "copCode": f"S{no % 3}",
                "dxpId": "DXP",
                **({"amountPaid": "50"} if no % 6 == 0 else {}),
            },
            inventory_says={"lines": 2} if no % 9 == 0 else {},
            drop=["waybill"] if no % 8 == 0 else [],
        )
        if no % 3 == 0 and no % 7:
            company = "OLDPAY" if no % 5 == 0 else "NEWPAY"
            documents += [
                paid_into(platform, no, f"621700000{no % 2}", company=company),
                reply(platform, no, "genuine" if no % 2 else "no_fund_flow", company=company),
            ]
    # Goods that six merchants sell, with a list of what may be and bills that tell the tax.
    documents += [listed("1901", "2019-01-01"), *(tax_bill(no, "1901101000", 9) for no in range(3))]
    for no in (*range(12, 24), *range(36, 42)):
        documents += bought("FOUR", no, day=no, merchant=f"G{no % 6}", company="NEWPAY")
    # One sale of THREE goes back in part, another is refused because the person's limit is used up.
    documents += returns("THREE", 31, 1)
    documents.append(receipt(cop("THREE", 39), "100", returnInfo="1313,订购人购买超过年度限额"))
    # A dozen unlike parcels of one weight, all signed for in one minute.
    for no in range(24, 36):
        goods = {"price": str(20 * 2 ** (no % 6))}
        said = {"order_says": goods, "inventory_says": goods, "waybill_says": {"weight": "1.234"}}
        documents += sale("FOUR", no, no, day=no, merchant="M4", company="NEWPAY", **said)  # type: ignore[arg-type]
        documents += [signed(f"W-FOUR-{no:05d}", f"202403151030{no:02d}")]
    # Eight people at one door, all at hand, who buy from as many merchants what nobody else sells.
    door = {"consigneeTelephone": "13900000000", "consigneeAddress": "广东省广州市天河区中山路900号"}
    for no in range(30, 38):
        of_sale = sale(
            "FIVE", no, no, day=no, merchant=f"N{no}", company="NEWPAY", order_says=door, waybill_says=door,
            inventory_says={"consigneeAddress": door["consigneeAddress"]},
        )  # fmt: skip
        line = {"gcode": "3304990000", "gname": "面霜"}
        documents += [
            [(kind, {**row, **line} if kind == "inventory_items" else row) for kind, row in document]
            for document in of_sale
        ]
    desk.load(*documents)
    assert desk.rows("SELECT reason FROM rejects") == []
    return desk


@pytest.fixture
def connection(desk: Desk) -> Iterator[duckdb.DuckDBPyConnection]:
    with desk.ledger.connect() as connection:
        yield connection


def tallies(connection: duckdb.DuckDBPyConnection, **given: pa.Table) -> Tallies:
    return Tallies(connection, since=months_before(UNTIL, 12), until=UNTIL, **given)


def rows(of: Tallies, name: str) -> list[str]:
    return sorted(map(repr, of.table(name).to_pylist()))


@pytest.fixture(scope="module")
def counted(desk: Desk) -> Iterator[dict[str, Tallies]]:
    """Tallies of the whole ledger, of one without some sales, and of that one with these sales at hand."""
    with ExitStack() as open_ones:
        whole, without, at_hand = (open_ones.enter_context(desk.ledger.connect()) for _ in range(3))
        some = whole.sql("SELECT * FROM main.transactions WHERE order_no >= '00030'").to_arrow_table()
        assert some.num_rows == 30
        rest = whole.sql("FROM main.transactions WHERE order_no < '00030'").to_arrow_table()
        for connection in (without, at_hand):
            connection.register("without", rest)
            connection.execute("DROP VIEW main.transactions")
            connection.execute("CREATE VIEW main.transactions AS FROM without")
        yield {
            "whole": tallies(whole),
            "without": tallies(without),
            "at hand": tallies(at_hand, additional_sales=some),
        }


@pytest.mark.parametrize("name", tally_names())
def test_a_sale_at_hand_counts_as_if_it_were_in_the_ledger(counted: dict[str, Tallies], name: str) -> None:
    whole = rows(counted["whole"], name)
    assert rows(counted["without"], name) != whole or name in WITHOUT_SALES
    assert rows(counted["at hand"], name) == whole


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("platform_activity", "platform"),
        ("platform_checks", "platform"),
        ("platform_payment_company", "platform"),
        ("document_differences", "key"),
        ("payment_replies", "platform"),
        ("payee_sales", "platform"),
        ("platform_traffic", "platform"),
        ("platform_reports", "platform"),
        ("platform_identities", "platform"),
    ],
)
def test_keys_alone_count_as_among_all(connection: duckdb.DuckDBPyConnection, name: str, column: str) -> None:
    whole = tallies(connection).table(name).to_pylist()
    wanted = {"TWO", "M1", "A0"}
    some = tallies(connection, keys=pa.table({"key": sorted(wanted)})).table(name).to_pylist()
    assert some == [row for row in whole if row[column] in wanted]
    assert some


@pytest.mark.parametrize("name", ["quota_sales", "quota_refusals", "quota_returns"])
def test_people_alone_count_as_among_all(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    whole = tallies(connection).table(name).to_pylist()
    refused = tallies(connection).table("quota_refusals").to_pylist()[0]["consumer"]
    returned = connection.sql("SELECT consumer_key FROM main.transactions WHERE refunded").fetchall()[0][0]
    sales = {
        row["sale_id"]
        for row in tallies(connection).table("quota_sales").to_pylist()
        if row["consumer"] in (refused, returned)
    }
    people = pa.table({"key": [refused, returned]})
    some = tallies(connection, consumers=people).table(name).to_pylist()
    assert sorted(map(repr, some)) == sorted(repr(row) for row in whole if row["sale_id"] in sales)
    assert some


def test_two_codes_of_a_firm_are_one_platform(connection: duckdb.DuckDBPyConnection) -> None:
    found = {
        row["platform"]: row["window_sales"]
        for row in tallies(connection).table("platform_activity").to_pylist()
    }
    assert found.keys() == {"4401960001", "TWO", "THREE", "FOUR", "FIVE"}
    # Twenty sales, of which every seventh was long before the window.
    assert found["4401960001"] == sum(1 for no in range(40) if no % 4 < 2 and no % 7)


def test_the_latest_result_of_a_check_counts_as_of_the_day(connection: duckdb.DuckDBPyConnection) -> None:
    found = {row["platform"]: row for row in tallies(connection).table("platform_checks").to_pylist()}
    assert (found["TWO"]["passed"], found["TWO"]["failed"]) == (["can_login"], ["traffic_match"])
    assert found["TWO"]["last_checked"] == date(2024, 2, 16)
    assert found["4401960001"]["failed"] == ["can_login"]


def test_merged_payment_companies_are_one(connection: duckdb.DuckDBPyConnection) -> None:
    found = tallies(connection).table("platform_payment_company").to_pylist()
    assert {row["company"] for row in found} == {"NEWPAY"}


def test_months_before_a_day_that_the_month_does_not_have() -> None:
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2024, 12, 31), 12) == date(2023, 12, 31)
    assert months_before(date(2024, 1, 15), 1) == date(2023, 12, 15)


@pytest.mark.parametrize("name", tally_names())
def test_a_tally_sums_no_floats_and_leaves_no_order_to_chance(name: str) -> None:
    sql = tally(name).sql.lower()
    assert "double" not in sql
    assert "float" not in sql
    assert not {"any_value(", "first(", "list()"} & set(sql.split())
    assert "list(" not in sql or "order by" in sql
