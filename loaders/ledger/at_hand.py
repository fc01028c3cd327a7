"""A sale's row of `transactions` from documents at hand, by the ledger's own text and without a ledger.

The sale has at most one document of a kind, each in one version, so that no document has to be joined to its
sale; lines, differences and the columns of the row come from the SQL that a load runs. What customs said of
it later (receipts, movements, withdrawals) there is none of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from loaders.ledger.queries import sql
from loaders.ledger.refresh import USED
from loaders.rowwise.expressions import Macro, read_macros
from loaders.rowwise.statements import Statement

Row = dict[str, Any]
HEADS = {"orders": "o", "payments": "p", "inventories": "v", "waybills": "w"}
"""Kinds of which a sale at hand has one document at most, and the names that the SQL has for them."""
LINES = ("order_items", "inventory_items")
_MOST = Decimal("99999999999999.99999")
_PLACES = Decimal("0.00001")
_NEVER = ("m", "t", "r", "e", "x", "u")
"""What a sale at hand has none of, by the names that the SQL has for it."""


@dataclass(frozen=True)
class SaleAtHand:
    """One sale: typed documents by kind (`loaders.contract.one`), its lines, and whether the company that the
    order names and the one that was paid are one."""

    sale_id: str
    heads: dict[str, Row]
    lines: dict[str, list[Row]] = field(default_factory=dict)
    one_company: bool = False


@cache
def macros() -> dict[str, Macro]:
    """The ledger's macros, as statements at hand take them."""
    return read_macros(sql("macros"))


class AtHand:
    """The statements, read once."""

    def __init__(self) -> None:
        lines = {f"current_{kind}": USED[kind].split() for kind in LINES}
        self._lines = Statement(sql("sale_lines"), lines, macros())
        joined = f"WITH joined AS ({sql('sale_columns')} FROM hand_sales), {sql('sale_told')}"
        names = ("sale_id", "l", "c", *HEADS.values(), *_NEVER)
        self._sales = Statement(joined, {"hand_sales": names}, macros())

    def row(self, sale: SaleAtHand) -> Row:
        """The row of `transactions` of a sale; amounts have five places."""
        of_kind = {f"current_{kind}": [scaled(one) for one in sale.lines.get(kind, ())] for kind in LINES}
        lines = self._lines.rows(of_kind)
        (row,) = self._sales.rows({"hand_sales": [_documents(sale, lines)]})
        return row


def scaled(row: Row) -> Row:
    """A typed row with five places in every amount, as a column of the ledger has."""
    return {
        name: value.quantize(_PLACES) if isinstance(value, Decimal) else value for name, value in row.items()
    }


def _documents(sale: SaleAtHand, lines: Iterable[Row]) -> Row:
    company = {"sale_id": sale.sale_id} if sale.one_company else None
    row: Row = {"sale_id": sale.sale_id, "l": next(iter(lines), None), "c": company}
    for kind, head in sale.heads.items():
        told = scaled(head)
        row[HEADS[kind]] = {**told, "document_id": sale.sale_id, **_besides(kind, told)}
    return row


def _besides(kind: str, head: Row) -> Row:
    """What the SQL asks of a document besides its fields: of several of a kind it would be worked out."""
    match kind:
        case "payments":
            return {"payments": 1, "paid_in_all": head["amountPaid"]}
        case "inventories":
            charges = min(head["freight"] + head["insuredFee"], _MOST)
            return {"inventories": 1, "charges": charges, "invt_no": head["invtNo"], "receipt_status": None}
        case "waybills":
            return {"waybills": 1, "waybill_time": head["appTime"]}
        case _:
            return {}
