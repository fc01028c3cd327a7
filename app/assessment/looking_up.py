"""What the ledger says of a batch: its sales worked out, the past of its people, numbers used before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.assessment.declaration import Declaration
from app.assessment.index import SaleIndex
from app.assessment.reused_numbers import NUMBERED
from app.assessment.working import Worked, Working
from app.local_time import local_day
from loaders.ledger.at_hand import SaleAtHand

Row = dict[str, Any]


@dataclass(frozen=True)
class Looked:
    """`worked` by sale; `in_ledger` the sales of the batch, and of its people's past, that the ledger has;
    `reused` by sale and document; `version` None where the ledger's sales cannot be looked up."""

    worked: Mapping[str, Worked]
    version: int | None
    in_ledger: frozenset[str]
    reused: Mapping[str, Mapping[str, tuple[str, int]]]
    past_rows: tuple[Row, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """What had to be done without."""
        return ("ledger",) if self.version is None else ()

    def past(self, person: str | None, sale: str) -> list[Row] | None:
        """Rows of quota-sales of a person without this sale; None where they cannot be known."""
        if self.version is None:
            return None
        return [row for row in self.past_rows if row["consumer"] == person and row["sale_id"] != sale]


def look_up(
    declarations: Sequence[Declaration], working: Working, index: SaleIndex, *, there: bool
) -> Looked:
    """What the ledger says; `there` is whether the index can be read."""
    worked = working.work([_company(one.sale, index) for one in declarations], index.around)
    if not there:
        return Looked(worked, None, frozenset(), {}, ())
    people = sorted({person for one in declarations for person in one.people})
    past = index.past(people)
    in_ledger = {row["sale_id"] for row in past} | index.declared(list(worked))
    return Looked(
        worked,
        index.version,
        frozenset(in_ledger),
        _reused(worked, working, index),
        tuple(past),
    )


def _company(sale: SaleAtHand, index: SaleIndex) -> SaleAtHand:
    order, paid = sale.heads.get("orders"), sale.heads.get("payments")
    if not order or not paid or order["payCode"] in (None, paid["payCode"]):
        return sale
    one = index.one_company(order["payCode"], paid["payCode"], local_day(paid["payTime"]))
    return replace(sale, one_company=one)


def _reused(
    worked: Mapping[str, Worked], working: Working, index: SaleIndex
) -> dict[str, dict[str, tuple[str, int]]]:
    rows = [{name: one.row[name] for name in NUMBERED.names} for one in worked.values()]
    payments = [row["pay_transaction_id"] for row in rows if row["payments"] and row["pay_transaction_id"]]
    waybills = [row["logistics_no"] for row in rows if row["logistics_no"]]
    others = [row for row in index.numbered(payments, waybills) if row["sale_id"] not in worked]
    if not others:
        return {}
    every = rows + others
    raw = index.raw_payments([row["sale_id"].partition("|")[2] for row in every])
    found = working.reused(
        every,
        [
            {
                "document_id": row["document_id"],
                "ebpCode": row["raw_platform"],
                "payCode": row["pay_code"],
                "payTransactionId": row["number"],
            }
            for row in raw
        ],
        [
            {
                "ebpCode": row["platform"],
                "orderNo": row["order_no"],
                "payCode": row["pay_code"],
                "payTransactionId": row["number"],
            }
            for row in raw
        ],
    )
    return {sale: told for sale, told in found.items() if sale in worked}
