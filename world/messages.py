"""Tables of text as XML messages of the standard: at most 100 documents of one sender a file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from world.identifiers import Ints, fixed_text, join
from world.render import Table

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
MOST = 100  # documents of a message
_SENDER = ("copCode", "dxpId")
# Columns of a flat line that its message states in the head.
_OF_HEAD = ("ebpCode", "orderNo", "copNo", "agentCode", "invtNo", "taxNo", "appType", "appTime")


@dataclass(frozen=True)
class Message:
    """How documents of a kind stand in their message: names of the wrapping, head and line elements."""

    name: str
    entity: str
    head: str | None = None
    lines: str | None = None
    items: str | None = None
    signed: bool = False
    sent: bool = True
    most: int = MOST


MESSAGES: dict[str, Message] = {
    "orders": Message("CEB311", "Order", "OrderHead", "OrderList", "order_items"),
    "payments": Message("CEB411", "Payment", "PaymentHead"),
    "waybills": Message("CEB511", "Logistics", "LogisticsHead"),
    "waybill_status": Message("CEB513", "LogisticsStatus"),
    "inventories": Message(
        "CEB621", "Inventory", "InventoryHead", "InventoryList", "inventory_items", signed=True
    ),
    "cancels": Message("CEB623", "InvtCancel", signed=True),
    "refunds": Message(
        "CEB625", "InvtRefund", "InvtRefundHead", "InvtRefundList", "refund_items", signed=True
    ),
    "deliveries": Message("CEB711", "Delivery", "DeliveryHead", "DeliveryList", signed=True, most=1),
    "taxes": Message("CEB816", "Tax", "TaxHeadRd", "TaxListRd", "tax_items", sent=False),
}
RECEIPTS: dict[str, Message] = {
    "CEB312": Message("CEB312", "OrderReturn", sent=False),
    "CEB412": Message("CEB412", "PaymentReturn", sent=False),
    "CEB512": Message("CEB512", "LogisticsReturn", sent=False),
    "CEB514": Message("CEB514", "LogisticsStatusReturn", sent=False),
    "CEB622": Message("CEB622", "InventoryReturn", sent=False),
    "CEB624": Message("CEB624", "InvtCancelReturn", sent=False),
    "CEB626": Message("CEB626", "InvtRefundReturn", sent=False),
    "CEB712": Message("CEB712", "DeliveryReturn", sent=False),
}
_DELIVERY_LINE = ("gnum", "logisticsNo")
# Stands where customs wants a signature; it signs nothing.
_SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
    '<ds:SignatureMethod Algorithm="http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3"/>'
    '<ds:Reference URI=""><ds:DigestMethod Algorithm="http://www.chinaport.gov.cn/2022/04/xmldsig#sm3"/>'
    "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo><ds:KeyName>0001</ds:KeyName></ds:KeyInfo>"
    "</ds:Signature>\n"
)


@dataclass
class MessageFolder:
    """Writes the messages of a world, a folder a message type; counts go on from slice to slice."""

    folder: Path
    seed: int
    names: dict[str, str]
    _files: dict[str, int] = field(default_factory=dict)
    _documents: dict[str, int] = field(default_factory=dict)

    def write(self, tables: dict[str, Table]) -> None:
        """Write every document of a slice."""
        for kind, message in MESSAGES.items():
            if kind == "deliveries":
                self._send(message, *_deliveries(self, message, tables[kind]))
                continue
            head = tables[kind]
            inner = self._numbered(message, head)
            lines = _lines(message, tables[message.items]) if message.items else None
            self._send(message, _wrap(message, inner, lines), head)
        receipts = pa.table(tables["receipts"])
        for name, message in RECEIPTS.items():
            some = receipts.filter(pc.equal(receipts["kind"], name)).drop_columns("kind").combine_chunks()
            names = some.column_names
            if name in ("CEB624", "CEB626"):  # the standard puts the agent before the platform in these
                names = [
                    "customsCode",
                    "agentCode",
                    *[c for c in names if c not in ("customsCode", "agentCode")],
                ]
            columns = {c: some[c].combine_chunks() for c in names}
            self._send(message, _wrap(message, self._numbered(message, columns), None), columns)

    def _numbered(self, message: Message, columns: Table) -> pa.Array:
        """Elements of each row, after a guid that no other document has."""
        n = len(next(iter(columns.values())))
        start = self._documents.get(message.name, 0)
        self._documents[message.name] = start + n
        guid = join(self._guid(message), _hexadecimal(np.arange(start, start + n)))
        return elements({"guid": guid} | {c: v for c, v in columns.items() if c not in _SENDER})

    def _guid(self, message: Message) -> str:
        return f"{self.seed % 2**32:08X}-0{message.name[3:]}-4000-8000-"

    def _send(self, message: Message, documents: pa.Array, columns: Table) -> None:
        """Put documents together by sender, at most `message.most` a file."""
        if not len(documents):
            return
        sender = _codes(columns["copCode"]) if message.sent else np.zeros(len(documents), dtype=np.int64)
        order = np.argsort(sender, kind="stable")
        starts = _starts(sender[order], message.most)
        bodies = _glue(documents.take(pa.array(order)), starts).to_pylist()
        first = order[starts]
        codes = columns["copCode"].take(pa.array(first)).to_pylist() if message.sent else [None] * len(first)
        boxes = columns["dxpId"].take(pa.array(first)).to_pylist() if message.sent else [None] * len(first)
        folder = self.folder / message.name
        folder.mkdir(exist_ok=True)
        for body, code, box in zip(bodies, codes, boxes, strict=True):
            number = self._files[message.name] = self._files.get(message.name, 0) + 1
            path = folder / f"{message.name}Message-{number:05d}.xml"
            path.write_bytes(self._text(message, number, body, code, box))

    def _text(self, message: Message, number: int, body: str, code: str | None, box: str | None) -> bytes:
        guid = f"{self.seed % 2**32:08X}-1{message.name[3:]}-4000-8000-{number:012X}"
        tail = ""
        if code and box:
            tail = (
                f"<ceb:BaseTransfer><ceb:copCode>{code}</ceb:copCode><ceb:copName>{self.names[code]}</ceb:copName>"
                f"<ceb:dxpMode>DXP</ceb:dxpMode><ceb:dxpId>{box}</ceb:dxpId></ceb:BaseTransfer>\n"
            )
        tail += _SIGNATURE if message.signed else ""
        root = f"{message.name}Message"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ceb:{root} guid="{guid}" version="1.0" xmlns:ceb="{NAMESPACE}">\n{body}{tail}</ceb:{root}>\n'
        )
        # Senders differ: some write the default namespace, some put a mark of byte order in front.
        if number % 10 == 3:
            text = text.replace("xmlns:ceb=", "xmlns=").replace("ceb:", "")
        return text.encode("utf-8-sig" if number % 10 == 7 else "utf-8")


def elements(columns: Table) -> pa.Array:
    """The columns of each row as elements in their order; nulls are left out."""
    parts: list[pa.Array | str] = []
    for name, value in columns.items():
        if value.null_count:
            whole = join(f"<ceb:{name}>", value, f"</ceb:{name}>")
            parts.append(pc.fill_null(whole, ""))
        else:
            parts += [f"<ceb:{name}>", value, f"</ceb:{name}>"]
    return join(*parts)


def _wrap(message: Message, inner: pa.Array, lines: pa.Array | None) -> pa.Array:
    if message.head is None:
        return join(f"<ceb:{message.entity}>", inner, f"</ceb:{message.entity}>\n")
    start, stop = f"<ceb:{message.entity}><ceb:{message.head}>", f"</ceb:{message.head}>"
    return join(start, inner, stop, "" if lines is None else lines, f"</ceb:{message.entity}>\n")


def _lines(message: Message, items: Table) -> pa.Array:
    """The lines of each head put together: a head's lines follow each other and count from 1."""
    text = join(
        f"<ceb:{message.lines}>",
        elements({c: v for c, v in items.items() if c not in _OF_HEAD}),
        f"</ceb:{message.lines}>",
    )
    return _glue(text, _firsts(items))


def _deliveries(folder: MessageFolder, message: Message, columns: Table) -> tuple[pa.Array, Table]:
    """Store receipts: flat rows that belong together become one document with a line a waybill."""
    starts = _firsts(columns)
    line = elements({c: columns[c] for c in _DELIVERY_LINE})
    lines = _glue(join(f"<ceb:{message.lines}>", line, f"</ceb:{message.lines}>"), starts)
    head = {c: v.take(pa.array(starts)) for c, v in columns.items() if c not in _DELIVERY_LINE}
    return _wrap(message, folder._numbered(message, head), lines), head


def _firsts(columns: Table) -> Ints:
    """Rows where a new document begins."""
    return np.flatnonzero(pc.equal(columns["gnum"], "1").to_numpy(zero_copy_only=False))


def _glue(text: pa.Array, starts: Ints) -> pa.Array:
    """Rows from each start up to the next, joined to one text each."""
    offsets = pa.array(np.append(starts, len(text)), pa.int32())
    return pc.binary_join(pa.ListArray.from_arrays(offsets, text), "")


def _codes(values: pa.Array) -> Ints:
    encoded = values.dictionary_encode()
    rank = pc.rank(encoded.dictionary, "ascending").to_numpy()
    codes: Ints = rank[encoded.indices.to_numpy()].astype(np.int64)
    return codes


def _starts(sorted_codes: Ints, most: int) -> Ints:
    """Where messages begin among documents in order of their senders."""
    new = np.flatnonzero(np.concatenate([[True], np.diff(sorted_codes) != 0]))
    sizes = np.diff(np.append(new, len(sorted_codes)))
    return np.concatenate([np.arange(at, at + size, most) for at, size in zip(new, sizes, strict=True)])


def _hexadecimal(values: npt.NDArray[np.int64]) -> pa.Array:
    figures = (values[:, None] >> (4 * np.arange(11, -1, -1))) & 15
    table = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
    return fixed_text(table[figures])
