"""Masks, the codes that stand for firms, and money, as SQL says them."""

from typing import Any

import duckdb
import pytest

from loaders.ledger.queries import sql
from loaders.projection.rows import prepare_codes
from loaders.projection.schema import read_sql


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(sql("macros"))
    con.execute(read_sql("macros.sql"))
    return con


def _value(con: duckdb.DuckDBPyConnection, expression: str, *values: object) -> Any:
    return con.execute(f"SELECT {expression}", list(values)).fetchall()[0][0]


@pytest.mark.parametrize(
    ("macro", "raw", "masked"),
    [
        ("mask_number", "11010519491231002X", "110*************2X"),
        ("mask_number", "１１０１０５１９４９１２３１００２ｘ", "110*************2X"),
        ("mask_number", "E1234", "***"),
        ("mask_phone", "13812345678", "138****5678"),
        ("mask_phone", "+86 138-1234-5678", "138****5678"),
        ("mask_phone", "12345", "***"),
        ("mask_bank", "6217 8501 0000 7893 905", "***************3905"),
        ("mask_name", "张三丰", "张**"),
        ("mask_name", "张", "**"),
        ("district_of", "浙江省杭州市西湖区文三路1号3幢2单元501室", "浙江省杭州市西湖区"),
        ("district_of", "北京市朝阳区建国路9号", "北京市朝阳区"),
        ("district_of", "Somewhere else 5", None),
        ("place_of", "广东省广州市天河区体育西路8号丰巢智能柜", "locker"),
        ("place_of", "广东省广州市天河区体育西路8号", None),
        ("birth_year_of", "11010519491231002X", 1949),
        ("birth_year_of", "110105491231002", 1949),
        ("birth_year_of", "P1234567", None),
    ],
)
def test_masks(con: duckdb.DuckDBPyConnection, macro: str, raw: str, masked: object) -> None:
    assert _value(con, f"{macro}(?)", raw) == masked


@pytest.mark.parametrize(
    ("amount", "whole"),
    [
        ("CAST(12.34567 AS DECIMAL(19, 5))", 1_234_567),
        ("CAST(-0.00001 AS DECIMAL(19, 5))", -1),
        ("CAST(99999999999999.99999 AS DECIMAL(19, 5))", 2**63 - 1),
        ("CAST(-99999999999999.99999 AS DECIMAL(19, 5))", 1 - 2**63),
        ("92233720368547.75807", 2**63 - 1),
        ("1e300", 2**63 - 1),
        ("sum(CAST(99999999999999.99999 AS DECIMAL(19, 5)))", 2**63 - 1),
        ("CAST(NULL AS DECIMAL(19, 5))", None),
    ],
)
def test_money_is_whole_and_an_absurd_amount_stops_nothing(
    con: duckdb.DuckDBPyConnection, amount: str, whole: int | None
) -> None:
    assert _value(con, f"e5({amount})") == whole


def test_local_time_is_eight_hours_ahead(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("SET TimeZone = 'America/New_York'")
    assert str(_value(con, "local_time(TIMESTAMPTZ '2024-12-31 16:30:00+00')")) == "2025-01-01 00:30:00"


def test_one_code_stands_for_a_firm(con: duckdb.DuckDBPyConnection) -> None:
    uscc, other = "91350100M000100Y43", "91110000000000000A"
    con.execute("CREATE TABLE current_enterprises (code VARCHAR, uscc VARCHAR)")
    rows = [("4401960AAA", uscc), ("3301960BBB", uscc), (uscc, None), ("5001960CCC", None), (other, other)]
    con.executemany("INSERT INTO current_enterprises VALUES (?, ?)", rows)
    mapped = con.execute(read_sql("code_map.sql") + " ORDER BY code").fetchall()
    assert mapped == [("4401960AAA", "3301960BBB"), (uscc, "3301960BBB")]


def test_the_code_of_a_firm_is_told_of_a_column_named_code(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """An increment asks for touched entries of the register this way: it found none, names went."""
    con.execute("CREATE TABLE current_enterprises (code VARCHAR, uscc VARCHAR)")
    con.execute("INSERT INTO current_enterprises VALUES ('4401960AAA', 'U1'), ('3301960BBB', 'U2')")
    prepare_codes(con)
    con.execute("CREATE TABLE touched AS SELECT '4401960AAA' AS key")
    asked = "SELECT code FROM current_enterprises WHERE canonical(code) IN (SELECT key FROM touched)"
    assert con.execute(asked).fetchall() == [("4401960AAA",)]
    assert con.execute("SELECT canonical('U2')").fetchall() == [("3301960BBB",)]
