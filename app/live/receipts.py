"""What was posted or dropped, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from loaders.contract import KINDS
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import FileReport, LoadReport
from loaders.sources.files import file_hash, readable, shown_name

State = Literal["waiting", "loaded", "refused"]


@dataclass(frozen=True)
class Receipt:
    """What became of one body or file: `id` is the SHA-256 of its bytes.

    `load` is the load that holds it (an earlier one where it came before), `new` the rows by table, `known`
    how many rows the ledger had already, `refused` what was not accepted (kind, position, field, reason). It
    is refused as a whole where nothing of it was accepted; `reason` says why, or that it came before.
    """

    id: str
    name: str
    state: State
    received: datetime | None = None
    loaded: datetime | None = None
    load: int | None = None
    new: Mapping[str, int] = field(default_factory=dict)
    known: int = 0
    refused: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        plain = asdict(self)
        for name in ("received", "loaded"):
            plain[name] = plain[name] and plain[name].isoformat()
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Receipt":
        """What `as_dict` made plain."""
        times = {name: plain[name] and datetime.fromisoformat(plain[name]) for name in ("received", "loaded")}
        return cls(**{**plain, **times, "refused": tuple(plain["refused"])})


def receipts(ledger: Ledger, report: LoadReport, paths: Sequence[Path], at: datetime) -> list[Receipt]:
    """A receipt for each of the files that a load was given; the load told of each file."""
    return [_receipt(ledger, report, path, at) for path in paths]


def _receipt(ledger: Ledger, report: LoadReport, path: Path, at: datetime) -> Receipt:
    name, own = shown_name(path), readable(path.name)
    blank = Receipt(file_hash(path), own, "loaded", loaded=at)
    inside = tuple(f"{name}{form}!" for form in ("", ".zip", ".tar"))
    of_path = [of for key, of in report.of_files.items() if key == blank.id or of.name.startswith(inside)]
    skipped = [why for of, why in report.skipped_files if of == name or of.startswith(inside)]
    if of_path:
        return _told(blank, of_path, report.load_seq)
    if skipped:
        return replace(blank, state="refused", reason=f"{own} {skipped[0]}.")
    return _earlier(ledger, blank)


def _told(blank: Receipt, parts: list[FileReport], load: int | None) -> Receipt:
    new: dict[str, int] = {}
    for part in parts:
        for kind, count in part.new.items():
            new[kind] = new.get(kind, 0) + count
    new = {kind: count for kind, count in sorted(new.items()) if count}
    known = sum(part.known for part in parts)
    refused = tuple(one for part in parts for one in _named_once(part.refused, part.name))
    state: State = "loaded" if new or known else "refused"
    reason = None
    if state == "refused":
        reason = refused[0]["reason"] if refused else "It holds no documents."
    return replace(blank, state=state, load=load, new=new, known=known, refused=refused, reason=reason)


def _named_once(refused: Iterable[Mapping[str, Any]], name: str | None) -> tuple[Mapping[str, Any], ...]:
    """Without the name of a file that cannot be read: the receipt has it, and of a body it is one of ours."""
    start = f"{name} cannot be read: "
    return tuple(
        {**one, "reason": "It cannot be read: " + one["reason"].removeprefix(start)}
        if name is not None and one["reason"].startswith(start) and "!" not in name
        else one
        for one in refused
    )


def _earlier(ledger: Ledger, blank: Receipt) -> Receipt:
    """Of bytes that the ledger had before: the load that brought them, and what that refused."""
    with ledger.connect() as connection:
        asked = "SELECT min(load_seq), min_by(name, load_seq) FROM files WHERE file_id = ?"
        [(load, name)] = connection.execute(asked, [blank.id]).fetchall()
        asked = (
            "SELECT kind, position, field, reason FROM rejects WHERE file_id = ? ORDER BY position, reason"
        )
        rows = connection.sql(asked, params=[blank.id]).to_arrow_table().to_pylist()
        # Refused then is refused now: whoever sends a mistake again is not told that it is in the ledger.
        state: State = "refused" if rows and not _kept(connection, blank.id, load) else "loaded"
    reason = "The same bytes came before: nothing was loaded again."
    return replace(blank, state=state, load=load, refused=_named_once(rows, name), reason=reason)


def _kept(connection: duckdb.DuckDBPyConnection, file_id: str, load: int) -> bool:
    """Whether the ledger has a row of these bytes. Asking for the load too spares reading whole tables."""
    asked = "SELECT 1 FROM {} WHERE load_seq = ? AND file_id = ? LIMIT 1"
    return any(connection.execute(asked.format(kind), [load, file_id]).fetchone() for kind in KINDS)
