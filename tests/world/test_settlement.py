"""What the settlement schemes plant can be seen in the files."""

from pathlib import Path

import duckdb

import world


def planted(truth: world.Truth, rule: str, kind: str) -> dict[str, dict[str, object]]:
    """Planted subjects of a rule by key."""
    return {
        one["subject"]["key"]: one
        for one in truth.planted
        if one["rule"] == rule and one["subject"]["kind"] == kind
    }


def test_a_platform_outside_the_rings_has_mostly_refuted_payments(
    csv_world: tuple[Path, world.Truth], tables: duckdb.DuckDBPyConnection
) -> None:
    truth = csv_world[1]
    ring = {code for one in truth.rings for code in one["members"]}
    (lone,) = planted(truth, "payment-refuted", "Platform").keys() - ring
    refuted, replies = tables.execute(
        "SELECT count(*) FILTER (result <> 'genuine'), count(*) FROM payment_verifications WHERE ebpCode = ?",
        [lone],
    ).fetchone() or (0, 0)
    assert refuted >= 0.7 * replies > 5


def test_mistyped_and_wrong_numbers_are_few_and_the_latest_replies_good(
    csv_world: tuple[Path, world.Truth], tables: duckdb.DuckDBPyConnection
) -> None:
    (honest,) = (
        one["subject"]["key"]
        for one in csv_world[1].look_alikes
        if one["what"].startswith("a mistyped number")
    )
    latest = tables.execute(
        "SELECT arg_max(result, repliedAt) FROM payment_verifications WHERE ebpCode = ? GROUP BY orderNo",
        [honest],
    ).fetchall()
    results = [row[0] for row in latest]
    assert results.count("not_found") == 1
    assert results.count("genuine") > 5


def test_one_account_stands_behind_the_ring_s_platforms(
    csv_world: tuple[Path, world.Truth], tables: duckdb.DuckDBPyConnection
) -> None:
    (shared,) = planted(csv_world[1], "payment-payee-shared", "BankAccount").values()
    members = {part["key"] for part in shared["members"]}  # type: ignore[attr-defined]
    rows = tables.execute(
        """SELECT recpAccount, list(DISTINCT ebpCode) FROM raw_payments WHERE recpCode IN (
               SELECT recpCode FROM raw_payments GROUP BY recpCode HAVING count(DISTINCT recpAccount) > 1)
           GROUP BY 1"""
    ).fetchall()
    assert members in [set(platforms) for _, platforms in rows]


def test_settlement_accounts_are_known_by_code_register_and_use(tables: duckdb.DuckDBPyConnection) -> None:
    many = tables.execute(
        """SELECT recpAccount, count(DISTINCT ebpCode) AS platforms, count(DISTINCT payCode) AS companies,
                  bool_and(recpCode = payCode) AS coded, bool_or(e.roles = 'payment') AS registered
           FROM raw_payments LEFT JOIN enterprises e ON e.bankAccount = recpAccount
           WHERE recpAccount LIKE '6214%' GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    settling = [row for row in many if row[2] == 1]
    assert sorted((bool(coded), bool(registered)) for *_, coded, registered in settling) == [
        (False, False),
        (False, True),
        (True, False),
    ]
