"""What a document is: its fields with type and length, its identity, and the columns the ledger keeps of
it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, cast

import pyarrow as pa

Type = Literal["text", "decimal", "integer", "time", "date"]
Personal = Literal["id", "phone", "address", "name", "account", "bank"]

CONTRACT_VERSION = 1
"""Goes with every row of the ledger; raised when the meaning of a column changes."""

ARROW_TYPES: Mapping[Type, pa.DataType] = {
    "text": pa.string(),
    "decimal": pa.decimal128(19, 5),
    "integer": pa.int32(),
    "time": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
}

ENVELOPE = ("guid", "appType", "appTime", "appStatus")
"""Elements of a document that say which version of it this is; they are no part of its content."""

_PROVENANCE: tuple[tuple[str, pa.DataType], ...] = (
    ("copCode", pa.string()),
    ("dxpId", pa.string()),
    ("file_id", pa.string()),
    ("message_guid", pa.string()),
    ("position", pa.int64()),
    ("offset", pa.int64()),
    ("contract_version", pa.int32()),
)

REJECTS_SCHEMA = pa.schema(
    [
        ("file_id", pa.string()),
        ("file_name", pa.string()),
        ("message_guid", pa.string()),
        ("kind", pa.string()),
        ("position", pa.int64()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("offset", pa.int64()),
    ]
)
"""What was refused: where it stands and why, never a value of it."""


@dataclass(frozen=True)
class Field:
    """One element of a document, under its message name. Lengths count characters; None is unbounded."""

    name: str
    type: Type = "text"
    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    personal: Personal | None = None
    choices: tuple[str, ...] = ()
    several: bool = False
    """Several of the choices, separated by `;`."""
    default: str | None = None
    """What a flat row means that leaves the column out or empty."""
    lengths: tuple[int, ...] = ()
    """The only lengths allowed, where they are no range."""
    optional_when_flat: bool = False


@dataclass(frozen=True)
class Kind:
    """One table of documents or of external data: what comes in, and what the ledger keeps."""

    name: str
    fields: tuple[Field, ...]
    identity: tuple[str, ...]
    fallback_identity: tuple[str, ...] = ()
    """Identity where the last value of `identity` is empty."""
    items_of: str | None = None
    """The kind whose lines these are."""
    message: str | None = None
    """The message that carries it, `CEB311`; receipts come in several, see `variants`."""
    entity: str | None = None
    """Name of the schema's entity that holds `fields` and the envelope."""
    document: bool = True
    """False for external regulatory data, which has no envelope and no sender."""
    all_or_nothing: bool = False
    version_time: str = "appTime"
    """The column that orders the versions of one identity."""
    variants: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    """Receipts: the fields of each message type, which say what that type requires."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """At least one of these groups of columns must be filled."""
    from_head: tuple[str, ...] = ()
    """Fields of a line that its message states once, in the head."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The business fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def personal_fields(self) -> tuple[Field, ...]:
        """The fields that get a key column."""
        return tuple(f for f in self.fields if f.personal)

    @cached_property
    def envelope(self) -> tuple[str, ...]:
        """guid, appType, appTime, appStatus for documents; nothing for external data."""
        return ENVELOPE if self.document else ()

    @cached_property
    def key_columns(self) -> tuple[tuple[str, str], ...]:
        """(key column, field it is of), in ledger order; an address has one of the unit and one of the
        building."""
        out: list[tuple[str, str]] = []
        for f in self.personal_fields:
            out.append((f"{f.name}_key", f.name))
            if f.personal == "address":
                out.append((f"{f.name}_building_key", f.name))
        return tuple(out)

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of the ledger's table, all nullable, without `load_seq`, which the ledger adds."""
        columns = [(f.name, ARROW_TYPES[f.type]) for f in self.fields]
        columns += [(name, pa.string()) for name, _ in self.key_columns]
        columns += [("document_id", pa.string()), ("content_hash", pa.string())]
        if self.document:
            columns += [
                ("guid", pa.string()),
                ("appType", pa.int32()),
                ("appTime", ARROW_TYPES["time"]),
                ("appStatus", pa.string()),
            ]
        return pa.schema([*columns, *_PROVENANCE])

    def ledger_schema(self) -> pa.Schema:
        """The same as `schema`, as a call."""
        return self.schema


_LINE = re.compile(r"^(?P<name>\w+)(?P<rest>( \S+)*)$")
_PERSONAL = {"id", "phone", "address", "name", "account", "bank"}


def fields(table: str) -> tuple[Field, ...]:
    """Read a field table: one field a line, `name [*] [=n | a..b | ..b | type | personal | in:a,b |
    default:x | flat?]`.

    `*` is required, `=n` an exact length, `in:` the values allowed (`some:` several of them, separated by
    `;`), `flat?` a field that the schema requires and a flat row may leave out.
    """
    out: list[Field] = []
    for line in filter(None, (line.strip() for line in table.splitlines())):
        if not (found := _LINE.match(line)):
            raise ValueError(f"not a field: {line!r}")
        f = Field(found["name"])
        for word in found["rest"].split():
            f = _with(f, word)
        out.append(f)
    return tuple(out)


def _with(f: Field, word: str) -> Field:
    if word == "*":
        return replace(f, required=True)
    if word in ARROW_TYPES:
        return replace(f, type=cast(Type, word))
    if word in _PERSONAL:
        return replace(f, personal=cast(Personal, word))
    if word.startswith("="):
        allowed = tuple(int(n) for n in word[1:].split("|"))
        exact = f if len(allowed) == 1 else replace(f, lengths=allowed)
        return replace(exact, min_length=min(allowed), max_length=max(allowed))
    if word.startswith(("in:", "some:")):
        return replace(f, choices=tuple(word.split(":")[1].split(",")), several=word.startswith("some:"))
    if word.startswith("default:"):
        return replace(f, default=word.removeprefix("default:"), optional_when_flat=True)
    if word == "flat?":
        return replace(f, optional_when_flat=True)
    low, dots, high = word.partition("..")
    if not dots:
        raise ValueError(f"{f.name}: what is {word!r}?")
    return replace(f, min_length=int(low) if low else None, max_length=int(high) if high else None)
