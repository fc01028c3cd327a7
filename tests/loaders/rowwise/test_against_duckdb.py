"""What is evaluated row by row is what DuckDB says: expressions with nulls, joins, groups, macros."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.ledger.queries import sql
from loaders.rowwise.expressions import UnsupportedError, read_macros
from loaders.rowwise.statements import Statement

_MONEY = pa.decimal128(19, 5)
T = pa.schema(
    [
        ("id", pa.int64()),
        ("n", pa.int32()),
        ("a", _MONEY),
        ("b", _MONEY),
        ("s", pa.string()),
        ("x", pa.bool_()),
        ("y", pa.bool_()),
        ("d", pa.date32()),
        ("e", pa.date32()),
        ("seen", pa.timestamp("us", "UTC")),
        ("names", pa.list_(pa.string())),
        ("found", pa.list_(pa.struct([("name", pa.string()), ("size", _MONEY)]))),
        ("o", pa.struct([("code", pa.string()), ("total", _MONEY)])),
    ]
)
U = pa.schema([("code", pa.string()), ("firm", pa.string()), ("weight", pa.int64())])


def _row(number: int, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(T.names) | {"id": number} | values


ROWS = [
    _row(
        1,
        n=3,
        a=Decimal("10.00000"),
        b=Decimal("-0.00005"),
        s="ab|cd",
        x=True,
        y=None,
        d=date(2024, 2, 28),
        e=date(2024, 3, 1),
        seen=datetime(2024, 2, 29, 17, 0, tzinfo=UTC),
        names=["p", "q"],
        found=[{"name": "u", "size": Decimal("1.50000")}, {"name": "v", "size": None}],
        o={"code": "ab|cd", "total": Decimal("7.00000")},
    ),
    _row(2, n=-7, a=Decimal("99999999999999.99999"), b=Decimal("2.50000"), s="", x=False, y=True, names=[]),
    _row(3, n=0, a=Decimal(0), b=Decimal("0.00001"), s="11010519491231002X", x=None, y=False, found=[]),
    _row(4, s="ａＢ 1"),
    _row(5, n=17, a=Decimal("3.14159"), s="AB", x=True, y=True, d=date(2023, 12, 31), names=["p", None]),
]
OTHERS = [
    {"code": "ab|cd", "firm": "ONE", "weight": 2},
    {"code": "ab|cd", "firm": "TWO", "weight": None},
    {"code": "AB", "firm": None, "weight": 5},
    {"code": None, "firm": "LOST", "weight": 1},
]
EXPRESSIONS = [
    *("x AND y", "x OR y", "NOT x", "NOT (x AND y) OR x", "x IS NULL", "n IS NOT NULL", "x = y", "s <> 'AB'"),
    *("n > 2", "n <= 0", "n BETWEEN 0 AND 5", "n IN (3, 0)", "n IN (3, NULL)", "n NOT IN (3, 0)"),
    *("n IS DISTINCT FROM 3", "coalesce(n, id, 0)", "least(n, id)", "greatest(n, id, NULL)"),
    *("n // 4", "n % 4", "abs(n)", "n & 3", "a + b", "a - b - 1", "abs(a - b)", "-n", "a > 0", "a <> b"),
    "CASE WHEN x THEN 'yes' WHEN y THEN 'perhaps' END",
    "CASE WHEN n > 2 THEN n ELSE -1 END",
    *(
        "CAST(x AS INTEGER)",
        "CAST(a * CAST('0.01' AS DECIMAL(9, 6)) AS DECIMAL(19, 5))",
        "CAST(seen AS DATE)",
    ),
    *("s || '!' || s", "substr(s, 1, instr(s, '|') - 1)", "substr(s, instr(s, '|') + 1)", "upper(s)"),
    *("strlen(s)", "len(s)", "translate(s, 'ａＢ', 'aB')", "regexp_replace(s, '[^0-9A-Za-z]', '', 'g')"),
    *("regexp_full_match(s, '[0-9]{17}[0-9X]')", "TRY_CAST(substr(s, 1, 17) AS BIGINT)"),
    *("date_diff('day', d, e)", "year(d)", "d < e", "d BETWEEN DATE '2024-01-01' AND e"),
    "CAST(try_strptime(substr(s, 7, 8), '%Y%m%d') AS DATE)",
    *("len(names)", "list_contains(names, 'p')", "list_contains(['p'], s)", "list_contains(names, s)"),
    "list_filter(names, lambda one: one IS NOT NULL)",
    "list_filter(found, lambda one: one.size > n OR one.name IN ('v'))",
    "len(list_filter(found, lambda one: one.size > 1)) = 1",
    "[CASE WHEN x THEN 'x' END, s]",
    "{'name': s, 'size': money(a)}",
    *(
        "o.code",
        "o.total > n",
        "money(a * 3)",
        "money(a)",
        "is_foreign(s)",
        "local_day(seen)",
        "bucket_of(s)",
    ),
    "line_gap(a, b, b)",
]


def _duckdb(text: str, t: list[dict[str, Any]], u: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(sql("macros"))
        connection.register("t", pa.Table.from_pylist(t, schema=T))
        connection.register("u", pa.Table.from_pylist(u, schema=U))
        found = connection.execute(text)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _rowwise(text: str, t: list[dict[str, Any]], u: list[dict[str, Any]]) -> list[dict[str, Any]]:
    statement = Statement(text, {"t": T.names, "u": U.names}, read_macros(sql("macros")))
    rows = statement.rows({"t": t, "u": u})
    assert all(tuple(row) == statement.columns for row in rows)
    return rows


def _same(text: str, t: list[dict[str, Any]] = ROWS, u: list[dict[str, Any]] = OTHERS) -> None:
    assert sorted(map(repr, _rowwise(text, t, u))) == sorted(map(repr, _duckdb(text, t, u)))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression(expression: str) -> None:
    _same(f"SELECT id, {expression} AS told FROM t")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT t.id, u.firm FROM t JOIN u ON u.code = t.s",
        "SELECT t.id, u.firm FROM t LEFT JOIN u ON t.s = u.code",
        "SELECT t.id, u.firm, u.code FROM t FULL JOIN u ON t.s = u.code",
        "SELECT t.id, u.firm FROM t LEFT JOIN u ON t.s = u.code AND t.n = u.weight + 1",
        "SELECT one.id, other.id AS its FROM t AS one CROSS JOIN t AS other WHERE one.id < other.id",
        "SELECT id FROM t WHERE x",
        "SELECT id FROM t WHERE s IN (SELECT code FROM u)",
        "SELECT id FROM t WHERE NOT s IN (SELECT code FROM u)",
        "SELECT DISTINCT firm IS NULL AS lost, 1 AS one FROM u",
        "SELECT DISTINCT * FROM (SELECT code FROM u) AS codes",
        "SELECT code, count(*) AS rows, count(firm) AS firms, sum(weight) AS all FROM u GROUP BY code",
        "SELECT max(weight) AS most, min(firm) AS first, coalesce(max(weight), 0) > 4 AS heavy FROM u",
        "SELECT count(*) AS none, sum(weight) AS all, count_if(firm = code) AS same FROM u WHERE weight > 9",
        "SELECT count_if(weight > 1) AS heavy, bool_or(weight > 4) AS any FROM u GROUP BY code",
        "SELECT code, list(DISTINCT firm ORDER BY firm) FILTER (firm IS NOT NULL) AS f FROM u GROUP BY code",
        "SELECT count(*) FILTER (WHERE firm IS NOT NULL) AS named FROM u",
        "WITH v AS (FROM u WHERE weight > 1), w AS (SELECT v.*, weight * 2 AS twice FROM v) FROM w",
        "SELECT * FROM (SELECT code, firm FROM u UNION ALL BY NAME SELECT firm, weight FROM u) AS every",
        "SELECT code AS name FROM u UNION ALL SELECT firm FROM u",
        "SELECT u.* EXCLUDE (firm), firm || '!' AS loud FROM u",
    ],
)
def test_a_statement(text: str) -> None:
    _same(text)


amounts = st.none() | st.decimals(
    min_value="-99999999999999", max_value="99999999999999", places=5, allow_nan=False
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(amounts, amounts, st.none() | st.integers(-9, 9), st.booleans() | st.none()), max_size=6
    )
)
def test_amounts_to_the_last_place(values: list[tuple[Any, Any, Any, Any]]) -> None:
    rows = [_row(number, a=a, b=b, n=n, x=x) for number, (a, b, n, x) in enumerate(values)]
    _same("SELECT id, money(a - b) AS less, money(abs(a + b)) AS more, greatest(a, b) AS top FROM t", rows)
    _same(
        "SELECT x, money(sum(a)) AS total, count_if(a <> b) AS other, min(n) AS low FROM t GROUP BY x", rows
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT row_number() OVER (ORDER BY id) AS place FROM t",
        "SELECT id FROM t LIMIT 1",
        "SELECT s FROM t GROUP BY s HAVING count(*) > 1",
        "SELECT id FROM t UNION SELECT weight FROM u",
        "SELECT t.id FROM t JOIN u ON t.id > u.weight",
        "SELECT nobody FROM t",
        "SELECT DISTINCT ON (s) s, id FROM t",
        "SELECT t.id FROM t SEMI JOIN u ON t.s = u.code",
        "SELECT t.id FROM t LEFT JOIN u USING (id)",
        "SELECT t.id FROM t ASOF JOIN u ON t.s = u.code AND t.id >= u.weight",
        "SELECT s FROM t GROUP BY ALL",
        "SELECT * REPLACE (id + 1 AS id) FROM t",
        "SELECT id FROM t USING SAMPLE 1",
        "SELECT id FROM nothing",
        "SELECT soundex(s) FROM t",
    ],
)
def test_what_is_not_understood_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(UnsupportedError):
        Statement(text, {"t": T.names, "u": U.names}, {})
