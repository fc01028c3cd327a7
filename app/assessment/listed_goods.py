"""Declared codes that the positive list of their day lacks: by the tally's text, once a code and list."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from app.detection.tally import tally
from loaders.contract import KINDS
from loaders.ledger.at_hand import Row, SaleAtHand
from loaders.ledger.shown import Shown, run

LISTED = pa.schema(
    [
        ("gcode", pa.string()),
        ("tradeModes", pa.string()),
        ("validFrom", pa.date32()),
        ("validTo", pa.date32()),
        ("load_seq", pa.int64()),
        ("content_hash", pa.string()),
    ]
)
"""What unlisted-goods reads of the positive list."""
_DECLARED = ("ebpCode", "orderNo", "gcode", "barCode", "gname", "unit1", "qty1", "currency", "totalPrice")
_SALES = pa.schema(
    [
        *((name, pa.string()) for name in ("sale_id", "platform", "merchant", "agent", "trade_mode")),
        *((name, pa.date32()) for name in ("decl_date", "last_date")),
    ]
)
_MOST_KNOWN = 100_000
"""Codes are what declarations say: nobody may fill the memory with them."""
_Place = tuple[str, str | None, int]
"""A code, the trade mode and the span of the day of its sale."""


class ListedGoods:
    """The statement, planned on a connection with the ledger's macros; what it said of the list at hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        items = KINDS["inventory_items"].schema
        self._list = Shown(connection, "shown_positive_list", LISTED)
        self._lines = Shown(
            connection, "shown_declared", pa.schema([items.field(name) for name in _DECLARED])
        )
        self._sales = Shown(connection, "shown_window_sales", _SALES)
        connection.execute(
            f"""PREPARE goods_unlisted AS WITH window_sales AS (FROM shown_window_sales),
            positive_list AS (FROM shown_positive_list), current_inventory_items AS (FROM shown_declared),
            declared_lines AS ({tally("declared_lines").sql}) FROM ({tally("unlisted_goods").sql})"""
        )
        self._hold(LISTED.empty_table())

    def unlisted(
        self, listed: pa.Table, sales: Sequence[SaleAtHand], rows: Sequence[Row]
    ) -> dict[str, tuple[str, ...]]:
        """Codes that the list lacks, sorted, of each sale whose day it covers; `rows` are those of the sales,
        with `goods`, their declared codes. The same list is known by being the same object."""
        if listed is not self._list.table:
            self._hold(listed)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        asked: dict[str, dict[str, _Place]] = {}
        for row in rows:
            day = row["decl_date"] or row["last_date"]
            span = bisect_right(self._starts, day) if day is not None else 0
            if span in self._covered:
                asked[row["sale_id"]] = {code: (code, row["trade_mode"], span) for code in row["goods"]}
        if any(place not in self._known for places in asked.values() for place in places.values()):
            self._ask(sales, rows, asked)
        return {
            sale: tuple(code for code, place in sorted(places.items()) if self._known[place])
            for sale, places in asked.items()
        }

    def _hold(self, listed: pa.Table) -> None:
        """Another list: the days on which any of its entries begins, or holds no more, part it into spans
        within which it says the same."""
        self._list.table = listed
        periods = {
            (first, last or date.max)
            for first, last in zip(
                listed.column("validFrom").to_pylist(), listed.column("validTo").to_pylist(), strict=True
            )
        }
        ends = {date.fromordinal(last.toordinal() + 1) for _, last in periods if last < date.max}
        self._starts = sorted({first for first, _ in periods} | ends)
        self._covered = {
            number
            for number, start in enumerate(self._starts, 1)
            if any(first <= start <= last for first, last in periods)
        }
        self._known: dict[_Place, bool] = {}

    def _ask(
        self, sales: Sequence[SaleAtHand], rows: Sequence[Row], asked: Mapping[str, Mapping[str, _Place]]
    ) -> None:
        self._lines.rows([line for one in sales for line in one.lines.get("inventory_items", ())])
        self._sales.rows(list(rows))
        self._known |= {place: False for places in asked.values() for place in places.values()}
        found: list[dict[str, Any]] = run(self._connection, "goods_unlisted")
        for row in found:
            for line in row["lines"] or ():
                self._known[asked[line["sale_id"]][line["what"]]] = True
