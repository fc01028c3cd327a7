"""The tallies of the batch over sales at hand, by the same SQL text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from app.assessment.listed_goods import ListedGoods
from app.assessment.reused_numbers import ReusedNumbers
from app.detection.quota_limits import quota_limits
from app.detection.tally import statement_text, tally
from loaders.ledger.at_hand import AtHand, Row, SaleAtHand, macros
from loaders.ledger.schemas import TRANSACTIONS
from loaders.ledger.views import connection
from loaders.rowwise.expressions import Macro
from loaders.rowwise.statements import Statement

FIRMS = ("platform", "merchant", "agent", "company", "carrier", "warehouse")
_CODES = ("ebp_code", "ebc_code", "agent_code", "pay_code", "logistics_code", "area_code")
_QUOTA = (
    *("sale_id", "consumer", "year", "decl_date", "state", "dutiable", "given_back", "counted"),
    *("annual_limit", "single_limit", "over_single"),
)
DELIVERED = ("orders", "payments", "waybills", "inventories")
_IDENTITY = ("buyerIdNumber", "buyerIdNumber_key", "buyerIdType")
_MOST_DAYS = 1000
"""Limits of days are kept at hand for so many: a declaration may name any."""
_QUOTA_ROWS = (
    *("sale_id", "consumer", "platform", "year", "counted", "given_back"),
    *("annual_limit", "over_single"),
)
"""What consumer-quota reads of quota-sales."""


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
    """The statements of one day, read once. One thread at a time.

    `until` is the day of the assessment: what is missing is so after a grace.
    """

    def __init__(self, scratch: Path, until: date) -> None:
        self._connection = connection(scratch, threads=1, memory="512MB")
        self._at_hand = AtHand()
        self._told = _sales_told(until)
        self._goods = ListedGoods(self._connection)
        self._numbers = ReusedNumbers(self._connection)
        self._days: dict[date, list[Row]] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def work(self, sales: Sequence[SaleAtHand], around: Surroundings) -> dict[str, Worked]:
        """What the tallies say of each sale, by its id."""
        rows = {sale.sale_id: self._at_hand.row(sale) for sale in sales}
        looked_at = {sale: _looked_at(row, around) for sale, row in rows.items()}
        told = {sale.sale_id: self._tell(sale, rows[sale.sale_id], looked_at[sale.sale_id]) for sale in sales}
        for sale in sales:
            rows[sale.sale_id] |= {name: told[sale.sale_id][name] for name in FIRMS} | {"goods": _codes(sale)}
        goods = self._goods.unlisted(around.positive_list, sales, list(rows.values()))
        return {
            sale.sale_id: _worked(
                told[sale.sale_id], rows[sale.sale_id], goods, sale, looked_at[sale.sale_id]
            )
            for sale in sales
        }

    def reused(
        self, sales: list[Row], payments: list[Row], payment_orders: list[Row]
    ) -> dict[str, dict[str, tuple[str, int]]]:
        """See ReusedNumbers."""
        return self._numbers.reused(sales, payments, payment_orders)

    def _tell(self, sale: SaleAtHand, row: Row, around: Row) -> Row:
        day = row["decl_date"]
        if day is not None and day not in self._days:
            if len(self._days) >= _MOST_DAYS:
                self._days.clear()
            self._days[day] = quota_limits().of_days([day]).to_pylist()
        tables: dict[str, list[Row]] = {
            "additional_sales": [row],
            "code_map": [{"code": code, "canonical": firm} for code, firm in around["codes"].items()],
            "current_enterprises": [
                {"code": code, "identityAuthenticated": "yes"} for code in around["authenticated"]
            ],
            "all_sales": [around["delivered"]],
            "quota_days": self._days.get(day, []),
            "transactions": [],
            "quota_returns": [],
        }
        for kind in ("orders", "inventories"):
            tables[kind] = [sale.heads[kind]] if kind in sale.heads else []
        (told,) = self._told.rows(tables)
        return told


class QuotaSum:
    """What people used of their limits, by the text of consumer-quota."""

    def __init__(self) -> None:
        self._sum = Statement(tally("consumer_quota").sql, {"quota_sales": _QUOTA_ROWS}, macros())

    def used(self, rows: list[Row]) -> dict[tuple[str, int], Row]:
        """Rows of consumer-quota by (person, year), over rows of quota-sales."""
        return {(row["consumer"], row["year"]): row for row in self._sum.rows({"quota_sales": rows})}


def _sales_told(until: date) -> Statement:
    """A row of what the tallies say of a sale at hand, by their text."""
    names = ("quota_sales", "judged_sales", "judged_identities")
    values = {one.name: one.default for name in names for one in tally(name).front.parameters}
    sql = f"""WITH every_sale AS ({statement_text("every_sale")}),
consumer_sales AS (FROM every_sale), at_hand AS ({statement_text("all_sales")}),
sales AS (FROM at_hand WHERE last_date <= $until),
{", ".join(f"{name} AS ({tally(name).sql})" for name in names)}
SELECT
    {", ".join(f"at_hand.{name}" for name in FIRMS)},
    quota.* EXCLUDE (platform), judged.judgeable, judged.differing, identity.invalid
FROM at_hand
LEFT JOIN quota_sales AS quota ON quota.sale_id = at_hand.sale_id
LEFT JOIN judged_sales AS judged ON judged.sale_id = at_hand.sale_id
LEFT JOIN judged_identities AS identity ON identity.person = at_hand.consumer_key"""
    tables = {
        "transactions": TRANSACTIONS.names,
        "additional_sales": TRANSACTIONS.names,
        "code_map": ("code", "canonical"),
        "current_enterprises": ("code", "identityAuthenticated"),
        "all_sales": DELIVERED,
        "quota_days": quota_limits().of_days([]).schema.names,
        "quota_returns": ("sale_id", "pieces", "value"),
        "orders": _IDENTITY,
        "inventories": _IDENTITY,
    }
    everybody = Macro(("platform", "merchant", "agent"), exp.true())
    return Statement(sql, tables, {**macros(), "is_asked": everybody}, values | {"until": until})


def _worked(
    told: Row, row: Row, goods: Mapping[str, tuple[str, ...]], sale: SaleAtHand, around: Row
) -> Worked:
    quota = {name: told[name] for name in _QUOTA}
    return Worked(
        row=row,
        quota=quota | {"platform": told["platform"]} if told["consumer"] is not None else None,
        judgeable=tuple(told["judgeable"] or ()),
        differing=tuple(told["differing"] or ()),
        invalid_identity=told["invalid"],
        unlisted=goods.get(sale.sale_id),
        one_company=sale.one_company,
        around=around,
    )


def _looked_at(row: Row, around: Surroundings) -> Row:
    """What of the surroundings is about one sale, as plain values."""
    codes = {row[name] for name in _CODES if row[name]}
    firms = {around.codes.get(code, code) for code in codes}
    return {
        "codes": {code: around.codes[code] for code in sorted(codes & around.codes.keys())},
        "authenticated": sorted(firms & around.authenticated),
        "delivered": dict(around.delivered),
    }


def _codes(one: SaleAtHand) -> list[str]:
    return sorted({line["gcode"] for line in one.lines.get("inventory_items", ()) if line["gcode"]})
