"""Raw payment data (announcements 2018 no. 165 and 179): one payment with the orders that it pays for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.contract import KINDS

_MAX_DEPTH = 6
_HEAD = "payExchangeInfoHead"
_ORDERS = "payExchangeInfoLists"
_PAYEE = ("recpAccount", "recpCode", "recpName")


class NoPaymentError(Exception):
    """The file holds no raw payment data; the text says what is wrong with it."""


def read(path: Path) -> tuple[dict[str, pa.Table], list[tuple[int, str | None, str]]]:
    """Tables raw_payments and raw_payment_orders, and documents refused by their shape (position, field,
    reason).

    Accepts one document, a list of them, one a line, or any of these inside an envelope. Raises
    NoPaymentError.
    """
    rows: dict[str, list[dict[str, Any]]] = {"raw_payments": [], "raw_payment_orders": []}
    wrong: list[tuple[int, str | None, str]] = []
    position = 0
    for position, document in enumerate(_documents(path), 1):
        try:
            head, orders = _payment(document)
        except _WrongShapeError as error:
            wrong.append((position, error.field, str(error)))
            continue
        place = {"document": position, "position": position}
        rows["raw_payments"].append(head | place)
        rows["raw_payment_orders"] += [order | place for order in orders]
    if not position:
        raise NoPaymentError(
            "it is no array of documents, holds no payExchangeInfoHead, and is named after no table"
        )
    return {name: _table(name, own) for name, own in rows.items() if own}, wrong


def _documents(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoPaymentError("it is not UTF-8") from None
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    at = 0
    while at < len(text):
        rest = len(text) - len(text[at:].lstrip()) if text[at].isspace() else at
        if rest >= len(text):
            return
        try:
            value, at = decoder.raw_decode(text, rest)
        except (ValueError, RecursionError) as error:
            line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
            raise NoPaymentError(f"it is no JSON{line}") from None
        yield from _inside(value, 0)


def _inside(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The payments in a value: itself, or those of its parts; a part may be JSON in a string."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict) and _HEAD in value:
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _inside(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _inside(part, depth + 1)
    elif isinstance(value, str) and _HEAD in value:
        try:
            yield from _inside(json.loads(value, parse_float=str, parse_int=str), depth + 1)
        except (ValueError, RecursionError):
            return


class _WrongShapeError(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def _payment(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, lists = document[_HEAD], document.get(_ORDERS)
    if not isinstance(head, dict):
        raise _WrongShapeError(_HEAD, "is no object")
    if not isinstance(lists, list) or not lists or not all(isinstance(one, dict) for one in lists):
        raise _WrongShapeError(_ORDERS, "must list at least one order")
    payment = {name: _text(head.get(name), name) for name in (*KINDS["raw_payments"].by_name, "guid")}
    for name in _PAYEE:
        # The payee stands with every order; the first one's is the payment's.
        payment[name] = _text(head.get(name, lists[0].get(name)), name)
    orders = []
    for one in lists:
        goods = one.get("goodsInfo") or []
        if not isinstance(goods, list) or not all(isinstance(item, dict) for item in goods):
            raise _WrongShapeError("goodsInfo", "is no list of objects")
        orders.append(
            {
                "payCode": payment["payCode"],
                "payTransactionId": payment["payTransactionId"],
                "ebpCode": _text(one.get("ebpCode", head.get("ebpCode")), "ebpCode"),
                "orderNo": _text(one.get("orderNo"), "orderNo"),
                "gname": _joined(goods, "gname"),
                "itemLink": _joined(goods, "itemLink"),
            }
        )
    return payment, orders


def _joined(goods: list[dict[str, Any]], name: str) -> str | None:
    return ";".join(_text(item.get(name), name) or "" for item in goods).strip(";") or None


def _text(value: Any, name: str) -> str | None:
    if isinstance(value, (dict, list)):
        raise _WrongShapeError(name, "is no plain value")
    return value if value is None or isinstance(value, str) else str(value).lower()


def _table(kind: str, rows: list[dict[str, Any]]) -> pa.Table:
    names = [*KINDS[kind].by_name, *(("guid",) if kind == "raw_payments" else ())]
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    columns |= {name: pa.array([row[name] for row in rows], pa.int64()) for name in ("document", "position")}
    return pa.table(columns)
