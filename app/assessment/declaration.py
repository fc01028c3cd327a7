"""A declaration as it is handed in: flat documents of the contract, read strictly, keyed, and told apart by
content."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

from app.errors import BadInputError
from loaders.contract import KINDS
from loaders.contract.keys import Keys
from loaders.contract.one import read_document
from loaders.ledger.at_hand import HEADS, LINES, Row, SaleAtHand
from loaders.ledger.refresh import USED

MOST_BYTES: Final = 262_144
"""Of a body: the longest documents with 99 lines have fewer."""
MOST_LINES: Final = 99
"""Of a document, as in a message."""
_OF = {"order_items": "orders", "inventory_items": "inventories"}
_KEPT = {kind: frozenset(("document_id", "appTime", *USED[kind].split())) for kind in (*HEADS, *LINES)}
_GOODS = frozenset(("gname", "unit1", "qty1"))


class MistakenError(BadInputError):
    """A declaration that breaks the contract: each field (`orders[0].payCode`) with what is wrong with it."""

    def __init__(self, mistakes: tuple[tuple[str, str], ...]) -> None:
        self.mistakes = mistakes
        told = "; ".join(f"{name} {what}" for name, what in mistakes[:5])
        more = f"; and {len(mistakes) - 5} more" if len(mistakes) > 5 else ""
        super().__init__(f"The declaration cannot be assessed: {told}{more}. Nothing was changed.")


@dataclass(frozen=True)
class Declaration:
    """One sale at hand, the digest of its content (keys stand for what is personal), and everybody in it."""

    sale: SaleAtHand
    digest: str

    @property
    def people(self) -> frozenset[str]:
        """Keys of the persons whose quota it may touch."""
        heads = (self.sale.heads[kind] for kind in ("orders", "inventories") if kind in self.sale.heads)
        return frozenset(head["buyerIdNumber_key"] for head in heads if head["buyerIdNumber_key"])

    def kept(self) -> dict[str, Any]:
        """The documents as they are kept: what is counted, and no personal value."""
        sale = self.sale
        return {
            "sale_id": sale.sale_id,
            "heads": {kind: _without_persons(kind, head) for kind, head in sale.heads.items()},
            "lines": {
                kind: [_without_persons(kind, line) for line in rows] for kind, rows in sale.lines.items()
            },
        }


def _without_persons(kind: str, row: Row) -> Row:
    names = _KEPT[kind] | _GOODS if kind == "inventory_items" else _KEPT[kind]
    return {name: value for name, value in row.items() if name in names and value is not None}


def read_declaration(body: bytes, keys: Keys) -> Declaration:
    """The declaration in a JSON object: kinds of documents, each a list of flat rows (texts).

    At most one order, payment, waybill and declaration (inventories) of one sale, which the order or the
    declaration names; lines may leave out what their head says. Raises BadInputError for what is no such
    object, MistakenError with every field that is wrong; neither repeats a value.
    """
    if len(body) > MOST_BYTES:
        raise BadInputError(f"The body has more than {MOST_BYTES} bytes: one sale has fewer.")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInputError(f"The body is no JSON: line {error.lineno}, column {error.colno}.") from None
    if not isinstance(told, dict):
        raise BadInputError("The body is no JSON object of kinds of documents.")
    wrong: list[tuple[str, str]] = [
        (_named(name), "is no kind of document here") for name in told if name not in (*HEADS, *LINES)
    ]
    rows = {kind: _rows(kind, told.get(kind), wrong) for kind in (*HEADS, *LINES)}
    if not rows["orders"] and not rows["inventories"]:
        wrong.append(("inventories", "or orders must say which sale it is"))
    _raise(wrong)
    heads: dict[str, Row] = {}
    lines: dict[str, list[Row]] = {}
    for kind in HEADS:
        for number, row in enumerate(rows[kind]):
            heads[kind] = _read(kind, number, row, keys, wrong)
    for kind in LINES:
        head = (rows[_OF[kind]] or [{}])[0]
        if rows[kind] and not head:
            wrong.append((kind, f"stand without {_OF[kind]}"))
        given = {name: head.get(name) for name in KINDS[kind].from_head}
        lines[kind] = [_read(kind, number, given | row, keys, wrong) for number, row in enumerate(rows[kind])]
    _raise(wrong)
    _one_sale(heads, lines, wrong)
    _raise(wrong)
    main = heads.get("inventories") or heads["orders"]
    return Declaration(
        SaleAtHand(f"{main['ebpCode']}|{main['orderNo']}", heads, lines),
        _digest(heads, lines),
    )


def _rows(kind: str, given: Any, wrong: list[tuple[str, str]]) -> list[Row]:
    most = 1 if kind in HEADS else MOST_LINES
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        wrong.append((kind, "must be a list of flat rows"))
        return []
    if len(given) > most:
        wrong.append((kind, f"has more than {most} {'row' if most == 1 else 'rows'}"))
        return []
    return given


def _read(kind: str, number: int, row: Mapping[str, Any], keys: Keys, wrong: list[tuple[str, str]]) -> Row:
    values, mistakes = read_document(KINDS[kind], row, keys)
    if values.get("appType") == 3:
        mistakes = [*mistakes, ("appType", "withdraws the document: there is nothing to assess")]
    if values.get("appStatus") == "1":  # a load keeps it, and never counts it
        mistakes = [*mistakes, ("appStatus", "says that it is only saved: there is nothing to assess")]
    known = KINDS[kind].by_name
    wrong += [
        (f"{kind}[{number}].{name if name in known else _named(name)}", what) for name, what in mistakes
    ]
    return values


def _one_sale(heads: dict[str, Row], lines: dict[str, list[Row]], wrong: list[tuple[str, str]]) -> None:
    """Every document must be of the sale that the declaration, or else the order, names. Lines are those of
    their head, each with a number of its own: a load has no place for others."""
    main = "inventories" if "inventories" in heads else "orders"
    for kind, rows in ({kind: [head] for kind, head in heads.items()} | lines).items():
        for number, row in enumerate(rows):
            for name in ("ebpCode", "orderNo"):
                if name in row and row[name] != heads[main][name]:
                    wrong.append((f"{kind}[{number}].{name}", f"is not that of {main}: one sale at a time"))
    for kind, rows in lines.items():
        seen: set[int] = set()
        for number, row in enumerate(rows):
            if row.get("copNo") != heads[_OF[kind]].get("copNo") and "copNo" in row:
                wrong.append((f"{kind}[{number}].copNo", f"is not that of {_OF[kind]}"))
            if row["gnum"] in seen:
                wrong.append((f"{kind}[{number}].gnum", "is that of another line"))
            seen.add(row["gnum"])


_CONTENT = {
    kind: tuple(f"{f.name}_key" if f.personal else f.name for f in KINDS[kind].fields)
    for kind in (*HEADS, *LINES)
}


def _digest(heads: dict[str, Row], lines: dict[str, list[Row]]) -> str:
    """Of the business fields: not of who sent it when."""
    rows = {kind: [head] for kind, head in heads.items()} | lines
    content = [
        [kind, [[row[name] for name in _CONTENT[kind]] for row in rows[kind]]] for kind in sorted(rows)
    ]
    return blake2b(orjson.dumps(content, default=str), digest_size=32).hexdigest()


def _named(name: str) -> str:
    """A name that somebody gave, fit to be repeated: an unknown one may be anything, a value too."""
    known = name.isidentifier() and name.isascii() and len(name) <= 40 and not any(map(str.isdigit, name))
    return name if known else "(another)"


def _raise(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        raise MistakenError(tuple(wrong))
