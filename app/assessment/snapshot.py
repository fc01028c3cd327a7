"""What the casebook says, held in memory and in a local file: locks, instructions, findings, classes,
measures.

The file is written whole and put in the place of the old one, with a checksum; persons stand in it as keys.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.casebook.instants import instant
from app.casebook.models import Finding
from app.casebook.models import Sequence as SequenceRow
from app.casebook.protections import periods
from app.casebook.store import Casebook
from app.supervision.class_history import records
from app.supervision.instructions import Instruction, standing
from app.supervision.measure_changes import in_force_on
from app.supervision.measure_table import MeasureTable
from app.supervision.risk_weights import SUBJECTS
from app.supervision.sale_risk import CLEARED, classes_of

Row = dict[str, Any]
FORMAT = 1
_OF_ONE = ("Consumer", "Phone", "Address", "Transaction")
"""Subjects whose findings are about them alone, whoever else is named."""


@dataclass(frozen=True)
class Found:
    """A present finding of a live rule: `only` are the merchants and platforms that it is about, by column of
    a sale; empty for all sales of its subject."""

    id: str
    rule: str
    rule_version: str
    severity: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def means(self, sale: Mapping[str, Any]) -> bool:
        """Whether a sale of its subject is one of those that it is about."""
        return all(sale.get(column) in keys for column, keys in self.only.items())


@dataclass(frozen=True)
class Snapshot:
    """The casebook at one casebook_seq, for one day; `findings` by label and key, `classes` by code,
    `protections` by key (level, first and last day)."""

    seq: int
    day: date
    findings: Mapping[tuple[str, str], tuple[Found, ...]]
    classes: Mapping[str, str]
    measures: MeasureTable
    protections: Mapping[str, tuple[tuple[str, date, date], ...]]
    instructions: tuple[Instruction, ...]

    def about(self, sale: Mapping[str, Any]) -> list[tuple[str, Found]]:
        """Findings about the parts of a sale (part, finding), each once, by what is nearest to the parcel."""
        out: dict[str, tuple[str, Found]] = {}
        for part, (labels, columns) in SUBJECTS.items():
            for column in columns:
                key = sale.get(column)
                for label in labels if key is not None else ():
                    for one in self.findings.get((label, str(key)), ()):
                        if one.means(sale):
                            out.setdefault(one.id, (part, one))
        return list(out.values())


def take_snapshot(casebook: Casebook, at: datetime, day: date, measures: Path | None = None) -> Snapshot:
    """What the casebook says now, for a day; one state of it. `measures` is a table of one's own."""
    with casebook.read() as connection:
        seq = select(SequenceRow.value).where(SequenceRow.name == "casebook")
        protected: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
        for row in periods(connection).to_pylist():
            protected[row["key"]].append((row["level"], row["since"], row["until"]))
        return Snapshot(
            seq=int(connection.execute(seq).scalar_one()),
            day=day,
            findings=_findings(connection),
            classes=classes_of(records(connection), day),
            measures=in_force_on(connection, day, measures).table,
            protections={key: tuple(rows) for key, rows in protected.items()},
            instructions=tuple(standing(connection, at)),
        )


def _findings(connection: Connection) -> dict[tuple[str, str], tuple[Found, ...]]:
    columns = [
        getattr(Finding, name)
        for name in ("id", "rule", "rule_version", "severity", "subject_kind", "subject_key")
    ]
    present = [Finding.present, Finding.maturity == "live", Finding.decision.not_in(CLEARED)]
    found: dict[tuple[str, str], list[Found]] = defaultdict(list)
    alone = select(*columns).where(*present, Finding.subject_kind.in_(_OF_ONE)).order_by(Finding.id)
    for row in connection.execute(alone):
        found[row.subject_kind, row.subject_key].append(
            Found(row.id, row.rule, row.rule_version, row.severity)
        )
    others = select(*columns, Finding.result).where(*present, Finding.subject_kind.not_in(_OF_ONE))
    for row in connection.execute(others.order_by(Finding.id)):
        members = orjson.loads(row.result)["members"]
        one = Found(row.id, row.rule, row.rule_version, row.severity, _only(row.subject_kind, members))
        # Members of a community are meant; those of another subject are its partners.
        parts = (
            members
            if row.subject_kind == "Community"
            else [{"kind": row.subject_kind, "key": row.subject_key}]
        )
        for part in parts:
            found[part["kind"], part["key"]].append(one)
    return {about: tuple(ones) for about, ones in found.items()}


def _only(kind: str, members: list[Row]) -> dict[str, tuple[str, ...]]:
    if kind == "Community":
        return {}
    named = {
        column: tuple(sorted(one["key"] for one in members if one["kind"] == label))
        for label, column in (("Merchant", "merchant"), ("Platform", "platform"))
    }
    return {column: keys for column, keys in named.items() if keys}


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Put the file in the place of the old one; on the disk before this returns."""
    findings: dict[str, Row] = {}
    about: list[tuple[str, str, list[str]]] = []
    for (label, key), ones in snapshot.findings.items():
        about.append((label, key, [one.id for one in ones]))
        findings |= {
            one.id: {"rule": one.rule, "rule_version": one.rule_version, "severity": one.severity}
            | {"only": dict(one.only)}
            for one in ones
        }
    body = orjson.dumps(
        {
            "format": FORMAT,
            "seq": snapshot.seq,
            "day": snapshot.day,
            "findings": findings,
            "about": about,
            "classes": dict(snapshot.classes),
            "measures": snapshot.measures.model_dump(mode="json"),
            "protections": dict(snapshot.protections),
            "instructions": [one.as_dict() for one in snapshot.instructions],
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(_checksum(body) + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot of the file; None where there is none that is whole and of this version."""
    try:
        checksum, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if checksum != _checksum(body):
        return None
    try:
        return _told(orjson.loads(body))
    except (KeyError, TypeError, ValueError):
        return None  # another version of cluegraph wrote it


def _told(told: Row) -> Snapshot | None:
    if told["format"] != FORMAT:
        return None
    found = {
        identity: Found(
            identity,
            one["rule"],
            one["rule_version"],
            one["severity"],
            {column: tuple(keys) for column, keys in one["only"].items()},
        )
        for identity, one in told["findings"].items()
    }
    return Snapshot(
        seq=told["seq"],
        day=date.fromisoformat(told["day"]),
        findings={
            (label, key): tuple(found[identity] for identity in ids) for label, key, ids in told["about"]
        },
        classes=told["classes"],
        measures=MeasureTable.model_validate(told["measures"]),
        protections={
            key: tuple(
                (level, date.fromisoformat(since), date.fromisoformat(until)) for level, since, until in rows
            )
            for key, rows in told["protections"].items()
        },
        instructions=tuple(told_instruction(one) for one in told["instructions"]),
    )


def told_instruction(row: Row) -> Instruction:
    """The instruction that `as_dict` told."""
    times = {name: instant(row[name]) for name in ("starts", "ends")}
    return Instruction(**{**row, **times, "rate": Decimal(row["rate"])})


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=32).hexdigest().encode()


def nothing_known(day: date, measures: MeasureTable) -> Snapshot:
    """The snapshot of who has none: nothing but the measures that come with cluegraph."""
    return Snapshot(-1, day, {}, {}, measures, {}, ())
