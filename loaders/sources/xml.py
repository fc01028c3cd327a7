"""Import messages: a stream of documents, read without entities, document types or network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from loaders.contract import KINDS, Kind

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
MAX_LINES = 99
STREAM_BYTES = 32 << 20
"""A larger file is taken document by document."""
_BESIDE = frozenset(
    f"{{{NAMESPACE}}}{name}" for name in ("BaseTransfer", "BaseSubscribe", "ExtendMessage")
) | {"{http://www.w3.org/2000/09/xmldsig#}Signature"}
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


@dataclass
class Rows:
    """Rows of one kind while messages are read, element by element in the order of `names`."""

    names: tuple[str, ...]
    values: list[list[str | None]] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    files: list[tuple[int, int]] = field(default_factory=list)
    """(file number, rows of it)."""


@dataclass(frozen=True)
class _Shape:
    """How one message type becomes rows: the element of a document, of its head and of its lines."""

    document: str
    head: str | None
    kind: str
    lines: str | None = None
    lines_kind: str | None = None
    line_is_row: bool = False
    """Each line is a row that repeats the head (711)."""


@dataclass
class Message:
    """What one file held."""

    guid: str | None = None
    kind: str | None = None
    cop_code: str | None = None
    dxp_id: str | None = None
    documents: int = 0
    wrong: list[tuple[int, str | None, str]] = field(default_factory=list)
    """Documents refused by their shape: position, field, reason."""


class UnreadableError(Exception):
    """The file is no message that can be read; the text says why."""


_SHAPES: Mapping[str, _Shape] = {
    "CEB311": _Shape("Order", "OrderHead", "orders", "OrderList", "order_items"),
    "CEB411": _Shape("Payment", "PaymentHead", "payments"),
    "CEB511": _Shape("Logistics", "LogisticsHead", "waybills"),
    "CEB513": _Shape("LogisticsStatus", None, "waybill_status"),
    "CEB621": _Shape("Inventory", "InventoryHead", "inventories", "InventoryList", "inventory_items"),
    "CEB623": _Shape("InvtCancel", None, "cancels"),
    "CEB625": _Shape("InvtRefund", "InvtRefundHead", "refunds", "InvtRefundList", "refund_items"),
    "CEB711": _Shape(
        "Delivery", "DeliveryHead", "deliveries", "DeliveryList", "deliveries", line_is_row=True
    ),
    "CEB816": _Shape("Tax", "TaxHeadRd", "taxes", "TaxListRd", "tax_items"),
    "CEB312": _Shape("OrderReturn", None, "receipts"),
    "CEB412": _Shape("PaymentReturn", None, "receipts"),
    "CEB512": _Shape("LogisticsReturn", None, "receipts"),
    "CEB514": _Shape("LogisticsStatusReturn", None, "receipts"),
    "CEB622": _Shape("InventoryReturn", None, "receipts"),
    "CEB624": _Shape("InvtCancelReturn", None, "receipts"),
    "CEB626": _Shape("InvtRefundReturn", None, "receipts"),
    "CEB712": _Shape("DeliveryReturn", None, "receipts"),
}
MESSAGES = tuple(_SHAPES)
DOCUMENTS = {f"{name}Message": shape.document for name, shape in _SHAPES.items()}
"""Name of a document's element, by that of its message's root."""


def _slots(kind: Kind) -> tuple[tuple[str, ...], dict[str, int]]:
    names = (*(f.name for f in kind.fields), *kind.envelope)
    return names, {f"{{{NAMESPACE}}}{name}": n for n, name in enumerate(names)}


class Reader:
    """Reads message files one after the other into rows of each kind."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.units = 0

    def read(self, path: Path, number: int) -> Message:
        """Add the documents of a file, which gets `number`. Raises UnreadableError, and then adds nothing."""
        marks = {name: len(rows.values) for name, rows in self.rows.items()}
        message = Message()
        try:
            self._read(path, message)
        except (etree.XMLSyntaxError, UnreadableError, OSError, ValueError) as error:
            for name, rows in self.rows.items():
                del rows.values[marks.get(name, 0) :]
                del rows.units[marks.get(name, 0) :]
                del rows.positions[marks.get(name, 0) :]
            raise UnreadableError(_why(error)) from None
        for name, rows in self.rows.items():
            if added := len(rows.values) - marks.get(name, 0):
                rows.files.append((number, added))
        return message

    def _read(self, path: Path, message: Message) -> None:
        if path.stat().st_size > STREAM_BYTES:
            self._stream(path, message)
            return
        # An ordinary message is parsed at once, twice as fast as event by event.
        root = etree.parse(str(path), etree.XMLParser(**_SAFE)).getroot()
        take = self._opened(root, message)
        for element in root:
            if element.tag == take.tag:
                message.documents += 1
                take(element, message)
        _closed(root, take.tag, message)

    def _stream(self, path: Path, message: Message) -> None:
        documents = [f"{{{NAMESPACE}}}{shape.document}" for shape in _SHAPES.values()]
        root: etree._Element | None = None
        take: _Take | None = None
        events = etree.iterparse(str(path), events=("end",), tag=documents, **_SAFE)
        for _, element in events:
            parent = element.getparent()
            if root is None:
                root = element.getroottree().getroot()
                take = self._opened(root, message)
            if take is None or parent is not root or element.tag != take.tag:
                continue
            before = element.getprevious()
            if before is not None and before.tag == element.tag:
                parent.remove(before)
            message.documents += 1
            take(element, message)
            element.clear()
        if root is None or take is None:
            self._opened(events.root, message)
            raise UnreadableError("it holds no document")
        _closed(root, take.tag, message)

    def _opened(self, root: etree._Element, message: Message) -> "_Take":
        docinfo = root.getroottree().docinfo
        if docinfo.internalDTD is not None or docinfo.externalDTD is not None:
            raise UnreadableError("it declares a document type, which no message may")
        name = etree.QName(root).localname.removesuffix("Message")
        if root.tag != f"{{{NAMESPACE}}}{name}Message" or name not in _SHAPES:
            raise UnreadableError(_unknown(root))
        message.guid = root.get("guid")
        message.kind = _SHAPES[name].kind
        return _Take(self, name, _SHAPES[name])

    def kind(self, name: str) -> Rows:
        """Rows of a kind so far."""
        if name not in self.rows:
            self.rows[name] = Rows(_slots(KINDS[name])[0])
        return self.rows[name]

    def next_unit(self) -> int:
        """Number of the next document over all files of this reader."""
        self.units += 1
        return self.units

    def tables(self, messages: Mapping[int, Message]) -> dict[str, pa.Table]:
        """All rows as text columns with unit, position and (by the file's number) the sender."""
        return {name: _table(rows, messages) for name, rows in self.rows.items() if rows.values}


class _Take:
    """Takes one document element apart, for one message type."""

    def __init__(self, reader: Reader, message_type: str, shape: _Shape) -> None:
        self.tag = f"{{{NAMESPACE}}}{shape.document}"
        self._reader = reader
        self._type = message_type
        self._shape = shape
        self._head_tag = f"{{{NAMESPACE}}}{shape.head}"
        self._line_tag = f"{{{NAMESPACE}}}{shape.lines}"
        kind = KINDS[shape.kind]
        names, head = _slots(kind)
        self._width = len(names)
        self._constant = names.index("kind") if kind.variants else None
        lines: dict[str, int] = {}
        self._from_head: list[tuple[int, int]] = []
        self._line_width = 0
        if shape.lines_kind and not shape.line_is_row:
            lines_kind = KINDS[shape.lines_kind]
            line_names, lines = _slots(lines_kind)
            self._line_width = len(line_names)
            # A line's version is its head's.
            shared = (*lines_kind.from_head, "appType", "appTime", "appStatus")
            self._from_head = [(line_names.index(n), names.index(n)) for n in shared]
            for name in lines_kind.from_head:
                del lines[f"{{{NAMESPACE}}}{name}"]
        elif shape.line_is_row:
            listed = {"gnum": "gnum", "logisticsNo": "logisticsNo", "note": "listNote"}
            lines = {f"{{{NAMESPACE}}}{tag}": names.index(name) for tag, name in listed.items()}
            for name in ("gnum", "logisticsNo"):
                del head[f"{{{NAMESPACE}}}{name}"]
        self._head = _Layout(head, self._width)
        self._lines = _Layout(lines, self._line_width or self._width)

    def __call__(self, document: etree._Element, message: Message) -> None:
        position = message.documents
        unit = self._reader.next_unit()
        shape = self._shape
        head: list[str | None] = [None] * (self._width + 1)
        lines: list[list[str | None]] = []
        wrong: tuple[str | None, str] | None = None
        if shape.head is None:
            wrong = self._head.fill(document, head)
            if self._constant is not None:
                head[self._constant] = self._type
        else:
            heads = 0
            for part in document:
                if part.tag == self._head_tag:
                    heads += 1
                    wrong = self._head.fill(part, head) or wrong
                elif part.tag == self._line_tag:
                    line: list[str | None] = [*head, None]
                    if not shape.line_is_row:
                        line = [None] * (self._line_width + 1)
                    wrong = self._lines.fill(part, line) or wrong
                    lines.append(line)
            if heads != 1:
                wrong = (shape.head, f"stands {heads} times; a document has one")
            if shape.lines and not lines:
                wrong = (shape.lines, "is required")
            elif len(lines) > MAX_LINES and not shape.line_is_row:
                wrong = (shape.lines, f"stands {len(lines)} times; a document has at most {MAX_LINES} lines")
        if wrong:
            message.wrong.append((position, *wrong))
            return
        if not shape.line_is_row:
            self._add(shape.kind, [head], unit, position)
        if lines and shape.lines_kind:
            for line in lines:
                for to, source in self._from_head:
                    line[to] = head[source]
            self._add(shape.lines_kind, lines, unit, position)

    def _add(self, kind: str, rows: list[list[str | None]], unit: int, position: int) -> None:
        table = self._reader.kind(kind)
        table.values += rows
        table.units.extend(repeat(unit, len(rows)))
        table.positions.extend(repeat(position, len(rows)))


class _Layout:
    """Where the children of an element go, worked out once for each sequence of tags."""

    def __init__(self, slots: Mapping[str, int], width: int) -> None:
        self.slots = slots
        self._width = width
        self._known: dict[tuple[str, ...], tuple[list[int], str | None]] = {}

    def fill(self, part: etree._Element, row: list[str | None]) -> tuple[str | None, str] | None:
        """Put the texts of an element's children where they belong; what is wrong with its shape, if
        anything."""
        children = list(part)
        tags = tuple([child.tag for child in children])
        layout, twice = self._known.get(tags) or self._learn(tags)
        for slot, child in zip(layout, children, strict=True):
            row[slot] = child.text
        del row[self._width :]
        if twice:
            return twice, "stands twice"
        if any(map(len, children)):
            nested = next(child for child in children if len(child))
            return etree.QName(nested).localname, "holds elements where a value is expected"
        return None

    def _learn(self, tags: tuple[str, ...]) -> tuple[list[int], str | None]:
        # Elements that the schema does not know are ignored, as unknown columns are: they go behind the row.
        layout = [self.slots.get(tag, self._width) for tag in tags]
        known = [tag for tag in tags if tag in self.slots]
        twice = next((tag for n, tag in enumerate(known) if tag in known[:n]), None)
        found = layout, None if twice is None else etree.QName(twice).localname
        if len(self._known) < 1000:
            self._known[tags] = found
        return found


def _closed(root: etree._Element, document: str, message: Message) -> None:
    """At the end of a message: its sender, and whatever stands there that no message has."""
    for part in root:
        if part.tag == f"{{{NAMESPACE}}}BaseTransfer":
            message.cop_code = part.findtext(f"{{{NAMESPACE}}}copCode")
            message.dxp_id = part.findtext(f"{{{NAMESPACE}}}dxpId")
        elif part.tag != document and part.tag not in _BESIDE:
            name = etree.QName(part).localname
            message.wrong.append((0, name, f"stands where a {etree.QName(document).localname} is expected"))
    if not message.documents and not message.wrong:
        raise UnreadableError("it holds no document")


def _table(rows: Rows, messages: Mapping[int, Message]) -> pa.Table:
    columns: dict[str, pa.Array] = {
        name: pa.array(column, pa.string())
        for name, column in zip(rows.names, zip(*rows.values, strict=True), strict=True)
    }
    numbers = [number for number, _ in rows.files]
    counts = pa.array([count for _, count in rows.files], pa.int64())
    spread = pa.array([n for n, count in enumerate(counts.to_pylist()) for _ in range(count)], pa.int32())
    for name, values in (
        ("copCode", [messages[n].cop_code for n in numbers]),
        ("dxpId", [messages[n].dxp_id for n in numbers]),
        ("message_guid", [messages[n].guid for n in numbers]),
    ):
        columns[name] = pa.array(values, pa.string()).take(spread)
    columns["file"] = pa.array(numbers, pa.int32()).take(spread)
    columns["document"] = pa.array(rows.units, pa.int64())
    columns["position"] = pa.array(rows.positions, pa.int64())
    return pa.table(columns)


def _unknown(root: etree._Element | None) -> str:
    if root is None:
        return "it holds no element"
    name = etree.QName(root)
    if name.namespace != NAMESPACE:
        return f"its root is not in the namespace {NAMESPACE}"
    return f"its root is no message that is read; known are {', '.join(MESSAGES)}"


def _why(error: Exception) -> str:
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, etree.XMLSyntaxError):
        # The parser's own words may quote the text around the mistake: its place does not.
        line, column = error.position or (0, 0)
        return f"it is not well-formed XML (line {line}, column {column})"
    return "it cannot be read as XML"
