"""A sale's row of `transactions` from documents at hand, by the ledger's own text and without a ledger.

The sale has at most one document of a kind, each in one version, so that no document has to be joined to its
sale; lines, differences and the columns of the row come from the SQL that a load runs. What customs said of
it later (receipts, movements, withdrawals) there is none of. The statement is planned once: rows come in by
Arrow streams, whose plan DuckDB keeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from loaders.contract import KINDS
from loaders.ledger.queries import sql
from loaders.ledger.refresh import USED

Row = dict[str, Any]
HEADS = {"orders": "o", "payments": "p", "inventories": "v", "waybills": "w"}
"""Kinds of which a sale at hand has one document at most, and the names that the SQL has for them."""
LINES = ("order_items", "inventory_items")
_MOST = Decimal("99999999999999.99999")
_TIME, _MONEY = pa.timestamp("us", "UTC"), pa.decimal128(19, 5)
_BESIDES = {
    "orders": (),
    "payments": (("payments", pa.int32()), ("paid_in_all", _MONEY)),
    "inventories": (
        ("inventories", pa.int32()),
        ("charges", _MONEY),
        ("invt_no", pa.string()),
        ("receipt_status", pa.string()),
    ),
    "waybills": (("waybills", pa.int32()), ("waybill_time", _TIME)),
}
"""What the SQL asks of a document besides its fields: of several of a kind it would be worked out."""
_NEVER = {
    "m": (("operator_code", pa.string()), ("sign_time", _TIME)),
    "t": (("cancelled", pa.bool_()), ("refunded", pa.bool_())),
    "r": (("raw_payments", pa.int64()), ("trading_time", _TIME)),
    "e": (("sale_id", pa.string()),),
    "x": (("conflicts", pa.int64()),),
    "u": (("orderNo", pa.string()),),
}
"""What a sale at hand has none of, by the names that the SQL has for it."""


@dataclass(frozen=True)
class SaleAtHand:
    """One sale: typed documents by kind (`loaders.contract.one`), its lines, and whether the company that the
    order names and the one that was paid are one."""

    sale_id: str
    heads: dict[str, Row]
    lines: dict[str, list[Row]] = field(default_factory=dict)
    one_company: bool = False


class Shown:
    """A table that DuckDB reads as it is when a statement runs: set `table`, and run the statement again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
        self.table = schema.empty_table()
        self.schema = schema
        connection.register(name, self)

    def rows(self, rows: list[Row]) -> None:
        """Show these rows; columns that one lacks are null in it."""
        self.table = pa.Table.from_pylist(rows, schema=self.schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


class AtHand:
    """The statement, planned on a connection that has the ledger's macros (`loaders.ledger.views`)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lines = {
            kind: Shown(connection, f"hand_{kind}", pa.schema(_columns(kind, "document_id")))
            for kind in LINES
        }
        shown = ", ".join(f"current_{kind} AS (FROM hand_{kind})" for kind in LINES)
        lines = f"WITH {shown} FROM ({sql('sale_lines')})"
        connection.execute(f"PREPARE lines_at_hand AS {lines}")
        # By themselves: joined to the row within one statement they take it twice as long.
        added_up = connection.sql(lines).to_arrow_table().schema
        self._sales = Shown(connection, "hand_sales", _sales_schema(pa.struct(list(added_up))))
        joined = f"joined AS ({sql('sale_columns')} FROM hand_sales)"
        connection.execute(f"PREPARE sales_at_hand AS WITH {joined}, {sql('sale_told')}")

    def rows(self, sales: Sequence[SaleAtHand]) -> list[Row]:
        """The row of `transactions` of each sale, in no order."""
        for kind, shown in self._lines.items():
            shown.rows([line for one in sales for line in one.lines.get(kind, ())])
        lines = {row["sale_id"]: row for row in run(self._connection, "lines_at_hand")}
        self._sales.rows([_documents(one, lines.get(one.sale_id)) for one in sales])
        return run(self._connection, "sales_at_hand")


def run(connection: duckdb.DuckDBPyConnection, prepared: str) -> list[Row]:
    """Rows of a prepared statement."""
    found = connection.execute(f"EXECUTE {prepared}")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _columns(kind: str, *besides: str) -> list[tuple[str, pa.DataType]]:
    schema = KINDS[kind].schema
    return [(name, schema.field(name).type) for name in dict.fromkeys((*besides, *USED[kind].split()))]


def _sales_schema(lines: pa.DataType) -> pa.Schema:
    structs = {
        name: [*_columns(kind, "document_id", "appTime"), *_BESIDES[kind]] for kind, name in HEADS.items()
    }
    structs["c"] = [("sale_id", pa.string())]
    structs |= {name: list(columns) for name, columns in _NEVER.items()}
    return pa.schema(
        [
            ("sale_id", pa.string()),
            ("l", lines),
            *((name, pa.struct(columns)) for name, columns in structs.items()),
        ]
    )


def _documents(one: SaleAtHand, lines: Row | None) -> Row:
    company = {"sale_id": one.sale_id} if one.one_company else None
    row: Row = {"sale_id": one.sale_id, "l": lines, "c": company}
    for kind, head in one.heads.items():
        row[HEADS[kind]] = {**head, "document_id": one.sale_id, **_besides(kind, head)}
    return row


def _besides(kind: str, head: Row) -> Row:
    match kind:
        case "payments":
            return {"payments": 1, "paid_in_all": head["amountPaid"]}
        case "inventories":
            charges = min(head["freight"] + head["insuredFee"], _MOST)
            return {"inventories": 1, "charges": charges, "invt_no": head["invtNo"]}
        case "waybills":
            return {"waybills": 1, "waybill_time": head["appTime"]}
        case _:
            return {}
