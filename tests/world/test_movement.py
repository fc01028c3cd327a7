"""What the schemes of movement plant can be seen in the files."""

from pathlib import Path

import duckdb

import world

SALE = "orders o JOIN inventories i USING (ebpCode, orderNo)"
PARCEL = f"{SALE} JOIN waybills w ON (w.logisticsCode, w.logisticsNo) = (i.logisticsCode, i.logisticsNo)"
LATE = "i.declTime < '20250901'"


def planted(truth: world.Truth, rule: str, kind: str) -> str:
    """Key of the planted subject of a rule that is of no ring."""
    (key,) = (
        one["subject"]["key"]
        for one in truth.planted
        if one["rule"] == rule and one["subject"]["kind"] == kind and "ring" not in one["note"]
    )
    return str(key)


def share(tables: duckdb.DuckDBPyConnection, what: str, of: str, key: str) -> tuple[float, float]:
    """Share of rows that show something, with this key and with others."""
    shown = f"avg(CAST({what} AS INTEGER))"
    mine, others = tables.execute(
        f"SELECT {shown} FILTER (key = $key), {shown} FILTER (key <> $key) {of}", {"key": key}
    ).fetchone() or (0.0, 0.0)
    return mine, others


def test_parcels_of_a_platform_and_of_a_carrier_are_never_signed_for(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    unsigned = "(logisticsCode, logisticsNo) NOT IN (SELECT logisticsCode, logisticsNo FROM waybill_status)"
    for kind, column in (("Platform", "i.ebpCode"), ("LogisticsCompany", "i.logisticsCode")):
        key = planted(large_world[1], "waybill-not-signed", kind)
        of = f"FROM (SELECT {column} AS key, i.logisticsCode, i.logisticsNo FROM {PARCEL} WHERE {LATE})"
        mine, others = share(large_tables, unsigned, of, key)
        assert mine > 0.3 > 3 * others


def test_parcels_are_signed_for_by_the_dozen(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    key = planted(large_world[1], "waybill-mass-signed", "Platform")
    rows = large_tables.execute(
        "SELECT count(*) FROM waybill_status s JOIN inventories i USING (logisticsCode, logisticsNo) "
        "WHERE i.ebpCode = ? GROUP BY s.logisticsTime[1:12]",
        [key],
    ).fetchall()
    assert max(n for (n,) in rows) >= 10


def test_one_weight_and_waybills_from_before_the_payment(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    key = planted(large_world[1], "waybill-uniform", "Platform")
    weighs = f"FROM (SELECT i.ebpCode AS key, w.weight FROM {PARCEL})"
    assert share(large_tables, "weight = '0.520'", weighs, key)[0] > 0.6
    paid = f"{PARCEL} JOIN payments p USING (ebpCode, orderNo)"
    early = f"FROM (SELECT p.ebpCode AS key, p.payTime, w.appTime FROM {paid})"
    mine, others = share(large_tables, "appTime < payTime", early, key)
    assert mine > 0.6 > 0.1 > others


def test_direct_parcels_of_a_merchant_never_arrive(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    key = planted(large_world[1], "declared-not-arrived", "Merchant")
    direct = f"{PARCEL} WHERE tradeMode = '9610' AND {LATE}"
    of = f"FROM (SELECT i.ebcCode AS key, i.logisticsCode, i.logisticsNo FROM {direct})"
    absent = "(logisticsCode, logisticsNo) NOT IN (SELECT logisticsCode, logisticsNo FROM deliveries)"
    mine, others = share(large_tables, absent, of, key)
    assert mine > 0.3 > 0.15 > others
    # Whoever is left in a store receipt is numbered from one on.
    numbered = large_tables.execute(
        "SELECT list(CAST(gnum AS INTEGER) ORDER BY CAST(gnum AS INTEGER)) "
        "FROM deliveries GROUP BY copNo, operatorCode, logisticsCode"
    ).fetchall()
    assert all(numbers == list(range(1, len(numbers) + 1)) for (numbers,) in numbered)


def test_quota_is_freed_and_used_again(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    key = planted(large_world[1], "returns-abuse", "Platform")
    cancelled, again = large_tables.execute(
        "SELECT count(*), count(*) FILTER (EXISTS (FROM inventories i WHERE "
        "i.buyerIdNumber = c.buyerIdNumber AND i.declTime >= c.appTime[1:8] AND i.orderNo <> c.orderNo)) "
        "FROM cancels c WHERE c.ebpCode = ?",
        [key],
    ).fetchone() or (0, 0)
    assert again > 0.7 * cancelled > 5


def test_random_inspections_find_much_at_one_platform(
    large_world: tuple[Path, world.Truth], large_tables: duckdb.DuckDBPyConnection
) -> None:
    key = planted(large_world[1], "inspection-yield", "Platform")
    of = "FROM (SELECT ebpCode AS key, result FROM inspections WHERE selection = 'random')"
    mine, others = share(large_tables, "result = 'discrepancy'", of, key)
    assert mine > 0.3 > 0.1 > others
