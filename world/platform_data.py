"""Raw payment data as platforms hand it over (announcement 2018 no. 179): one JSON document a payment."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from world.render import Table

FOLDER = "customs179"
_MOST = 100  # payments of a file, one a line
_PAYEE = ("recpAccount", "recpCode", "recpName")


@dataclass
class PaymentFolder:
    """Writes the raw payments of a world; counts go on from slice to slice."""

    folder: Path
    seed: int
    _payments: int = 0
    _files: int = 0

    def write(self, payments: Table, orders: Table) -> None:
        """Write the payments of a slice, each with the orders that it pays for."""
        lines = list(self._documents(payments, orders))
        folder = self.folder / FOLDER
        folder.mkdir(exist_ok=True)
        for at in range(0, len(lines), _MOST):
            self._files += 1
            path = folder / f"payExInfo-{self._files:05d}.json"
            path.write_text("".join(lines[at : at + _MOST]), encoding="utf-8", newline="")

    def _documents(self, payments: Table, orders: Table) -> Iterator[str]:
        covered: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for order in _rows(orders):
            covered[order["payCode"], order["payTransactionId"]].append(order)
        for payment in _rows(payments):
            self._payments += 1
            guid = f"{self.seed % 2**32:08X}-2179-4000-8000-{self._payments:012X}"
            payee = {name: payment[name] for name in _PAYEE}
            head = {"guid": guid} | {name: v for name, v in payment.items() if name not in _PAYEE}
            head["totalAmount"] = float(head["totalAmount"])  # a JSON number; prints the same two decimals
            lists = [
                {
                    "orderNo": order["orderNo"],
                    "ebpCode": order["ebpCode"],
                    "goodsInfo": [{"gname": order["gname"]}],
                    **payee,
                }
                for order in covered[payment["payCode"], payment["payTransactionId"]]
            ]
            document = {"sessionID": guid, "payExchangeInfoHead": head, "payExchangeInfoLists": lists}
            # Stands where customs wants a signature; it signs nothing.
            yield json.dumps(document | {"certNo": "0001", "signValue": "AAAA"}, ensure_ascii=False) + "\n"


def _rows(columns: Table) -> Iterator[dict[str, Any]]:
    lists = [column.to_pylist() for column in columns.values()]
    for row in zip(*lists, strict=True):
        yield dict(zip(columns, row, strict=True))
