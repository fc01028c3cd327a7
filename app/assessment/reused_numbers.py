"""Documents at hand whose number stands behind other sales: by the tally's text, over all that have it."""

import re
from typing import Any

import duckdb
import pyarrow as pa

from app.detection.tally import tally
from loaders.ledger.shown import Row, Shown, run

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
_PAYMENTS = pa.schema(
    [(name, pa.string()) for name in ("document_id", "ebpCode", "payCode", "payTransactionId")]
)
_PAYMENT_ORDERS = pa.schema(
    [(name, pa.string()) for name in ("ebpCode", "orderNo", "payCode", "payTransactionId")]
)


class ReusedNumbers:
    """The statement, planned on a connection with the ledger's macros."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._sales = Shown(connection, "shown_numbered", NUMBERED)
        self._payments = Shown(connection, "shown_raw_payments", _PAYMENTS)
        self._payment_orders = Shown(connection, "shown_raw_payment_orders", _PAYMENT_ORDERS)
        connection.execute(
            f"""PREPARE numbers_reused AS WITH window_sales AS (FROM shown_numbered),
            current_raw_payments AS (FROM shown_raw_payments),
            current_raw_payment_orders AS (FROM shown_raw_payment_orders) FROM ({_text()})"""
        )

    def reused(
        self, sales: list[Row], payments: list[Row], payment_orders: list[Row]
    ) -> dict[str, dict[str, tuple[str, int]]]:
        """Of each sale the documents whose number stands behind others, with the first sale and how many;
        `payments` and `payment_orders` are the 179 data about these sales."""
        self._sales.rows(sales)
        self._payments.rows(payments)
        self._payment_orders.rows(payment_orders)
        out: dict[str, dict[str, tuple[str, int]]] = {}
        for row in run(self._connection, "numbers_reused"):
            out.setdefault(row["sale_id"], {})[row["document"]] = (row["first_sale"], row["sales"])
        return out


def _text() -> str:
    """The tally's text with its parameters, whole numbers, written in."""
    given: dict[str, Any] = {one.name: one.default for one in tally("reused_numbers").front.parameters}
    return re.sub(r"\$(\w+)", lambda found: f"{given[found[1]]:d}", tally("reused_numbers").sql)
