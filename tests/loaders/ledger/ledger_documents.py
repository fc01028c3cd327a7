"""Small documents to build histories from: raw rows with sensible values, and the batches that carry them."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.contract import KINDS, RawBatch, SourceFile

Row = dict[str, str]
Document = list[tuple[str, Row]]
"""A document as (kind, row) pairs: the head, then its lines."""

_PERSON = {"buyerIdNumber": "11010519491231002X", "buyerName": "王小明", "buyerTelephone": "13800000001"}
_ITEM = {"gmodel": "盒", "unit": "011", "currency": "142", "country": "502", "itemName": "奶粉"}


def order(no: str = "O1", ebp: str = "E1", *, lines: int = 1, price: str = "100", **changes: str) -> Document:
    """An order of `lines` lines of one piece each."""
    total = f"{float(price) * lines:.2f}"
    head = {
        "orderType": "I",
        "orderNo": no,
        "ebpCode": ebp,
        "ebpName": "平台",
        "ebcCode": "M1",
        "ebcName": "商家",
        "goodsValue": total,
        "freight": "0",
        "discount": "0",
        "taxTotal": "0",
        "acturalPaid": total,
        "currency": "142",
        "buyerRegNo": "u1",
        **_PERSON,
        "payCode": "P1",
        "payTransactionId": f"T-{ebp}-{no}",
        "consignee": "王小明",
        "consigneeTelephone": "13800000001",
        "consigneeAddress": "北京市朝阳区某路1号",
    }
    items = [
        {
            "ebpCode": ebp,
            "orderNo": no,
            "gnum": str(n),
            "qty": "1",
            "price": price,
            "totalPrice": price,
            **_ITEM,
        }
        for n in range(1, lines + 1)
    ]
    return _document("orders", head, "order_items", items, changes)


def payment(no: str = "O1", ebp: str = "E1", *, amount: str = "100", **changes: str) -> Document:
    """A payment of an order."""
    head = {
        "payCode": "P1",
        "payName": "支付",
        "payTransactionId": f"T-{ebp}-{no}",
        "orderNo": no,
        "ebpCode": ebp,
        "ebpName": "平台",
        "payerIdNumber": _PERSON["buyerIdNumber"],
        "payerName": "王小明",
        "telephone": "13800000001",
        "amountPaid": amount,
        "currency": "142",
        "payTime": "20240105100000",
    }
    return _document("payments", head, "", [], changes)


def waybill(no: str = "O1", number: str | None = None, **changes: str) -> Document:
    """A waybill; by default its number is that of the declaration of E1's order."""
    head = {
        "logisticsCode": "L1",
        "logisticsName": "物流",
        "logisticsNo": number or f"W-E1-{no}",
        "orderNo": no,
        "currency": "142",
        "weight": "1",
        "packNo": "1",
        "consignee": "王小明",
        "consigneeAddress": "北京市朝阳区某路1号",
        "consigneeTelephone": "13800000001",
    }
    return _document("waybills", head, "", [], changes)


def signed(number: str = "W-E1-O1", when: str = "20240108120000", **changes: str) -> Document:
    """The carrier's word that a parcel was signed for."""
    head = {
        "logisticsCode": "L1",
        "logisticsName": "物流",
        "logisticsNo": number,
        "logisticsStatus": "S",
        "logisticsTime": when,
    }
    return _document("waybill_status", head, "", [], changes)


def inventory(
    no: str = "O1",
    ebp: str = "E1",
    *,
    lines: int = 1,
    price: str = "100",
    cop: str | None = None,
    **changes: str,
) -> Document:
    """A declaration of `lines` lines of one piece each, without a number of customs yet."""
    cop = cop if cop is not None else f"C-{ebp}-{no}"
    head = {
        **_sale(no, ebp),
        "copNo": cop,
        "assureCode": "G1",
        "ieFlag": "I",
        "declTime": "20240106",
        "customsCode": "0100",
        "portCode": "0100",
        **_PERSON,
        "consigneeAddress": "北京市朝阳区某路1号",
        "agentCode": "A1",
        "agentName": "代理",
        "tradeMode": "1210",
        "areaCode": "Q1",
        "trafMode": "Y",
        "country": "502",
        "freight": "0",
        "insuredFee": "0",
        "currency": "142",
        "packNo": "1",
        "grossWeight": "1",
        "netWeight": "1",
    }
    items = [
        {
            "ebpCode": ebp,
            "orderNo": no,
            "copNo": cop,
            "gnum": str(n),
            "gcode": "1901101000",
            "gname": "奶粉",
            "qty": "1",
            "qty1": "1",
            "unit1": "011",
            "price": price,
            "totalPrice": price,
            **_ITEM,
        }
        for n in range(1, lines + 1)
    ]
    return _document("inventories", head, "inventory_items", items, changes)


def receipt(
    cop: str = "C-E1-O1", status: str = "800", when: str = "20240107120000000", **changes: str
) -> Document:
    """What customs answered to a declaration; it gives the number."""
    head = {
        "kind": "CEB622",
        "agentCode": "A1",
        "copNo": cop,
        "preNo": f"{cop:N>18}"[:18],
        "returnStatus": status,
        "returnTime": when,
        "returnInfo": "回执",
    }
    return _document("receipts", head, "", [], changes)


def raw_payment(transaction: str, orders: Iterable[tuple[str, str]], total: str, **changes: str) -> Document:
    """179 data: one payment and the (ebpCode, orderNo) that it covers."""
    head = {
        "payTransactionId": transaction,
        "payCode": "P1",
        "totalAmount": total,
        "tradingTime": "20240105100000",
        "currency": "142",
        "verDept": "3",
        "payType": "1",
        "recpAccount": "6217850100007893905",
    }
    items = [
        {"payCode": "P1", "payTransactionId": transaction, "orderNo": no, "ebpCode": ebp}
        for ebp, no in orders
    ]
    return _document("raw_payments", head, "raw_payment_orders", items, changes)


def alias(code: str, same_as: str, since: str = "2020-01-01") -> Document:
    """Two payment codes are one company."""
    return [("payment_aliases", {"payCode": code, "sameAs": same_as, "validFrom": since})]


def cancel(no: str = "O1", ebp: str = "E1", invt: str = "010020241000000001", **changes: str) -> Document:
    """An application to take a declaration back."""
    head = {
        "customsCode": "0100",
        **_sale(no, ebp),
        "copNo": f"X-{ebp}-{no}",
        "invtNo": invt,
        **_PERSON,
        "agentCode": "A1",
        "agentName": "代理",
        "reason": "退",
    }
    return _document("cancels", head, "", [], changes)


def _sale(no: str, ebp: str) -> Row:
    """Elements by which a declaration and what follows it name their sale."""
    return {
        "orderNo": no,
        "ebpCode": ebp,
        "ebpName": "平台",
        "ebcCode": "M1",
        "ebcName": "商家",
        "logisticsNo": f"W-{ebp}-{no}",
        "logisticsCode": "L1",
        "logisticsName": "物流",
    }


def _document(kind: str, head: Row, line_kind: str, lines: list[Row], changes: Mapping[str, str]) -> Document:
    """Envelope elements go to the lines too, as a message gives them; other changes to the head alone."""
    envelope = {
        n: v for n, v in changes.items() if n in ("appType", "appTime", "appStatus", "copCode", "dxpId")
    }
    return [(kind, {**head, **changes}), *((line_kind, {**line, **envelope}) for line in lines)]


def batch(documents: Iterable[Document], folder: Path, name: str | None = None) -> RawBatch:
    """A batch as one flat file of each kind would give it; the file's content is that of its rows."""
    documents = list(documents)
    text = repr(documents).encode()
    file_id = hashlib.sha256(text).hexdigest()
    path = folder / file_id
    path.write_bytes(text)
    rows: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        for kind, row in document:
            place = {"file_id": file_id, "message_guid": None, "position": len(rows.get(kind, [])) + 1}
            rows.setdefault(kind, []).append({**row, **place})
    tables = {}
    for kind, found in rows.items():
        names = [*KINDS[kind].by_name, "guid", "appType", "appTime", "appStatus", "copCode", "dxpId"]
        schema = pa.schema(
            [
                *((n, pa.string()) for n in dict.fromkeys(names)),
                ("file_id", pa.string()),
                ("message_guid", pa.string()),
                ("position", pa.int64()),
            ]
        )
        tables[kind] = pa.Table.from_pylist(found, schema=schema)
    name = name or f"{file_id[:8]}.csv"
    file = SourceFile(file_id, name, len(text), "csv", path)
    return RawBatch(files=(file,), tables=tables, file_names={file_id: name})
