"""The tallies of the batch over sales at hand: the same SQL text, planned once, for a few sales at a time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.assessment.listed_goods import ListedGoods
from app.detection.quota_limits import quota_limits
from app.detection.tally import statement_text, tally
from loaders.ledger.at_hand import AtHand, Row, SaleAtHand, Shown, run
from loaders.ledger.schemas import TRANSACTIONS
from loaders.ledger.views import connection, duck_type

_MONEY = pa.decimal128(19, 5)
_PARAMETER = re.compile(r"\$(\w+)")
FIRMS = ("platform", "merchant", "agent", "company", "carrier", "warehouse")
_CODES = ("ebp_code", "ebc_code", "agent_code", "pay_code", "logistics_code", "area_code")
_QUOTA = (
    *("sale_id", "consumer", "year", "decl_date", "state", "dutiable", "given_back", "counted"),
    *("annual_limit", "single_limit", "over_single"),
)
_READ = (
    *("sale_id", *_CODES, "currency", "consumer_key", "declared_consumer_key", "buyer_phone_key"),
    *("payer_phone_key", "consignee_phone_key", "address_key", "first_date", "last_date", "decl_date"),
    *("orders", "payments", "waybills", "inventories", "cancelled", "receipt_status", "pieces"),
    *("dutiable_value", "goods_value", "freight", "actural_paid", "amount_paid"),
    *("missing", "differences", "unjudgeable", "chapters"),
)
"""What the tallies told here read of a row of `transactions`: a column costs time in every step."""
_SALES = pa.schema([TRANSACTIONS.field(name) for name in _READ])
_IDENTITY = ("buyerIdNumber", "buyerIdNumber_key", "buyerIdType")
_PIECES = pa.schema([("sale_id", pa.string()), ("pieces", _MONEY), ("value", _MONEY)])
QUOTA_ROWS = pa.schema(
    [
        *((name, pa.string()) for name in ("sale_id", "consumer", "platform")),
        ("year", pa.int32()),
        ("counted", _MONEY),
        ("given_back", _MONEY),
        ("annual_limit", _MONEY),
        ("over_single", pa.bool_()),
    ]
)
"""What consumer-quota reads of quota-sales."""
NUMBERED = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("sale_id", "platform", "company", "carrier", "pay_transaction_id")
        ),
        ("logistics_no", pa.string()),
        ("payments", pa.int32()),
        ("first_date", pa.date32()),
        ("waybill_time", pa.timestamp("us", "UTC")),
        ("decl_date", pa.date32()),
        ("cancelled", pa.bool_()),
        ("receipt_status", pa.string()),
    ]
)
"""What reused-numbers reads of a sale."""


@dataclass(frozen=True)
class Surroundings:
    """What the ledger says around the sales at hand: codes that stand for firms (code → canonical), platforms
    that authenticate buyers, the positive list, and which kinds of documents arrive here at all."""

    codes: Mapping[str, str]
    authenticated: frozenset[str]
    positive_list: pa.Table
    delivered: Mapping[str, int]


@dataclass(frozen=True)
class Worked:
    """What the tallies say of one sale.

    `row` is that of `transactions` with the codes that stand for firms, and `goods`, its declared codes;
    `quota` and `judgeable` with `differing` are the rows of quota-sales and judged-sales; whether the
    identity is none; the declared codes that the positive list lacks (None: no list of that day); whether the
    company that the order names and the one that was paid are one; and of its surroundings what counted.
    """

    row: Row
    quota: Row | None
    judgeable: tuple[str, ...]
    differing: tuple[str, ...]
    invalid_identity: bool | None
    unlisted: tuple[str, ...] | None
    one_company: bool
    around: Row


class Working:
    """The statements of one day on a connection of their own. One thread at a time.

    `until` is the day of the assessment: what is missing is so after a grace.
    """

    def __init__(self, scratch: Path, until: date) -> None:
        self._connection = connection(scratch, threads=1, memory="512MB")
        self._at_hand = AtHand(self._connection)
        self._limits = quota_limits()
        columns = ", ".join(f'CAST(NULL AS {duck_type(one.type)}) AS "{one.name}"' for one in _SALES)
        self._connection.execute(f"CREATE VIEW transactions AS SELECT {columns} WHERE false")
        self._shown = {
            name: Shown(self._connection, f"shown_{name}", schema) for name, schema in _shown().items()
        }
        self._goods = ListedGoods(self._connection)
        self._connection.execute("CREATE MACRO is_asked(platform, merchant, agent) AS true")
        for name, sql in _statements(until).items():
            self._connection.execute(f"PREPARE {name} AS {sql}")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def work(self, sales: Sequence[SaleAtHand], around: Surroundings) -> dict[str, Worked]:
        """What the tallies say of each sale, by its id."""
        rows = {row["sale_id"]: row for row in self._at_hand.rows(sales)}
        self._show(sales, list(rows.values()), around)
        told = self._run("sales_told")
        codes = {one.sale_id: _codes(one) for one in sales}
        for row in told:
            rows[row["sale_id"]] |= {name: row[name] for name in FIRMS} | {"goods": codes[row["sale_id"]]}
        goods = self._goods.unlisted(around.positive_list, sales, list(rows.values()))
        asked = {one.sale_id: one for one in sales}
        return {
            row["sale_id"]: _worked(row, rows[row["sale_id"]], goods, asked[row["sale_id"]], around)
            for row in told
        }

    def reused(
        self, sales: list[Row], payments: list[Row], payment_orders: list[Row]
    ) -> dict[str, dict[str, tuple[str, int]]]:
        """Of each sale the documents whose number stands behind others, with the first sale and how many;
        `payments` and `payment_orders` are the 179 data about these sales."""
        self._shown["numbered"].rows(sales)
        self._shown["raw_payments"].rows(payments)
        self._shown["raw_payment_orders"].rows(payment_orders)
        out: dict[str, dict[str, tuple[str, int]]] = {}
        for row in self._run("numbers_reused"):
            out.setdefault(row["sale_id"], {})[row["document"]] = (row["first_sale"], row["sales"])
        return out

    def _show(self, sales: Sequence[SaleAtHand], rows: list[Row], around: Surroundings) -> None:
        self._shown["transactions"].rows(rows)
        days = sorted({row["decl_date"] for row in rows if row["decl_date"] is not None})
        self._shown["quota_days"].table = quota_limits().of_days(days)
        codes = {row[name] for row in rows for name in _CODES}
        self._shown["code_map"].rows(
            [{"code": code, "canonical": around.codes[code]} for code in sorted(codes & around.codes.keys())]
        )
        self._shown["enterprises"].rows(
            [
                {"code": code, "identityAuthenticated": "yes"}
                for code in sorted({around.codes.get(code, code) for code in codes} & around.authenticated)
            ]
        )
        self._shown["delivered"].rows([dict(around.delivered)])
        for kind in ("orders", "inventories"):
            self._shown[f"{kind}_identities"].rows([one.heads[kind] for one in sales if kind in one.heads])

    def _run(self, name: str) -> list[Row]:
        return run(self._connection, name)


class QuotaSum:
    """What people used of their limits, by the text of consumer-quota. One thread at a time."""

    def __init__(self, scratch: Path) -> None:
        self._connection = connection(scratch, threads=1, memory="256MB")
        self._rows = Shown(self._connection, "quota_sales", QUOTA_ROWS)
        self._connection.execute(f"PREPARE quota_used AS {tally('consumer_quota').sql}")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def used(self, rows: list[Row]) -> dict[tuple[str, int], Row]:
        """Rows of consumer-quota by (person, year), over rows of quota-sales."""
        if not rows:
            return {}
        self._rows.rows(rows)
        return {(row["consumer"], row["year"]): row for row in run(self._connection, "quota_used")}


def _shown() -> dict[str, pa.Schema]:
    return {
        "transactions": _SALES,
        "code_map": pa.schema([("code", pa.string()), ("canonical", pa.string())]),
        "enterprises": pa.schema([("code", pa.string()), ("identityAuthenticated", pa.string())]),
        "quota_days": quota_limits().of_days([]).schema,
        "delivered": pa.schema([(name, pa.int32()) for name in DELIVERED]),
        "orders_identities": pa.schema([(name, pa.string()) for name in _IDENTITY]),
        "inventories_identities": pa.schema([(name, pa.string()) for name in _IDENTITY]),
        "numbered": NUMBERED,
        "raw_payments": pa.schema(
            [(name, pa.string()) for name in ("document_id", "ebpCode", "payCode", "payTransactionId")]
        ),
        "raw_payment_orders": pa.schema(
            [(name, pa.string()) for name in ("ebpCode", "orderNo", "payCode", "payTransactionId")]
        ),
    }


DELIVERED = ("orders", "payments", "waybills", "inventories")


def _statements(until: date) -> dict[str, str]:
    """Each statement: what is shown under the names that the tallies read, and the tallies' text."""

    def text(name: str) -> str:
        given = {one.name: one.default for one in tally(name).front.parameters} | {"until": until}
        return _PARAMETER.sub(lambda found: _literal(given[found[1]]), tally(name).sql)

    nothing = ", ".join(f"CAST(NULL AS {duck_type(one.type)}) AS {one.name}" for one in _PIECES)
    told = f"""WITH additional_sales AS (FROM shown_transactions), code_map AS (FROM shown_code_map),
every_sale AS MATERIALIZED ({statement_text("every_sale")}),
consumer_sales AS (FROM every_sale), at_hand AS MATERIALIZED ({statement_text("all_sales")}),
sales AS MATERIALIZED (FROM at_hand WHERE last_date <= {_literal(until)}),
all_sales AS (FROM shown_delivered),
quota_days AS (FROM shown_quota_days), quota_returns AS (SELECT {nothing} WHERE false),
current_enterprises AS (FROM shown_enterprises),
orders AS (FROM shown_orders_identities), inventories AS (FROM shown_inventories_identities),
quota_sales AS ({text("quota_sales")}), judged_sales AS ({text("judged_sales")}),
judged_identities AS ({text("judged_identities")})
SELECT
    at_hand.sale_id, {", ".join(f"at_hand.{name}" for name in FIRMS)},
    quota.* EXCLUDE (sale_id, platform), judged.judgeable, judged.differing, identity.invalid
FROM at_hand
LEFT JOIN quota_sales AS quota ON quota.sale_id = at_hand.sale_id
LEFT JOIN judged_sales AS judged ON judged.sale_id = at_hand.sale_id
LEFT JOIN judged_identities AS identity ON identity.person = at_hand.consumer_key"""
    numbers = f"""WITH window_sales AS (FROM shown_numbered),
current_raw_payments AS (FROM shown_raw_payments),
current_raw_payment_orders AS (FROM shown_raw_payment_orders)
FROM ({text("reused_numbers")})"""
    return {
        "sales_told": told,
        "numbers_reused": numbers,
    }


def _worked(
    told: Row, row: Row, goods: Mapping[str, tuple[str, ...]], sale: SaleAtHand, around: Surroundings
) -> Worked:
    quota = {name: told[name] for name in _QUOTA}
    return Worked(
        row=row,
        quota=quota | {"platform": told["platform"]} if told["consumer"] is not None else None,
        judgeable=tuple(told["judgeable"] or ()),
        differing=tuple(told["differing"] or ()),
        invalid_identity=told["invalid"],
        unlisted=goods.get(told["sale_id"]),
        one_company=sale.one_company,
        around=_looked_at(row, around),
    )


def _looked_at(row: Row, around: Surroundings) -> Row:
    codes = {row[name] for name in _CODES if row[name]}
    firms = {around.codes.get(code, code) for code in codes}
    return {
        "codes": {code: around.codes[code] for code in sorted(codes & around.codes.keys())},
        "authenticated": sorted(firms & around.authenticated),
        "delivered": dict(around.delivered),
    }


def _codes(one: SaleAtHand) -> list[str]:
    return sorted({line["gcode"] for line in one.lines.get("inventory_items", ()) if line["gcode"]})


def _literal(value: Any) -> str:
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case int() | float() | Decimal():
            return str(value)
    raise TypeError(f"no parameter of a tally is a {type(value).__name__}")
