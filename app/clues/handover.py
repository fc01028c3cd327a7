"""Clues handed to a recipient, batch by batch: each once, again when it materially changed, kill-safe.

A batch is kept in the casebook, with the words of its clues, before its folder is written; the folder is
written hidden and renamed; then the batch is marked as handed over. Whoever is killed in between leaves a
batch that the next run finishes under the same id, with the same words, whatever became of the findings.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout
from sqlalchemy import func, insert, select, update

from app.casebook.findings import FindingRecord
from app.casebook.handover_models import Handover, HandoverItem
from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook, Change
from app.clues.due import DueClue, due_clues
from app.clues.export import export_clues
from app.clues.status import about_versions
from app.errors import BadInputError, BusyError, CluegraphError
from app.local_time import LOCAL
from app.masking import refuse_numbers_of_persons
from app.settings import Settings
from loaders.ledger.ledger import Ledger

_LONGEST_RECIPIENT, _LONGEST_NAME = 40, 80


@dataclass(frozen=True)
class Batch:
    """One batch as it was handed over; `mended`: an earlier run was cut off, and this one finished it."""

    id: str
    recipient: str
    number: int
    folder: str
    clues: dict[str, int]
    mended: bool


@dataclass(frozen=True)
class Round:
    """What one run did for one recipient; `error` says in one sentence why it could not."""

    recipient: str
    batches: list[Batch]
    error: str | None = None


def checked_recipient(recipient: str) -> str:
    """The recipient, if it can name a folder: letters, digits, - and _, in lower case; else BadInputError."""
    plain = recipient.replace("-", "").replace("_", "")
    if not plain.isalnum() or recipient != recipient.lower() or len(recipient) > _LONGEST_RECIPIENT:
        raise BadInputError(
            f"A recipient names a folder: give letters in lower case, digits, - and _, at most "
            f"{_LONGEST_RECIPIENT} of them."
        )
    refuse_numbers_of_persons(recipient)
    return recipient


def checked_name(by: str) -> str:
    """Who does it, trimmed; BadInputError for nobody's name, a long one, or a number of a person."""
    if not by.strip() or len(by.strip()) > _LONGEST_NAME:
        raise BadInputError(f"Say who does it, in at most {_LONGEST_NAME} characters.")
    refuse_numbers_of_persons(by)
    return by.strip()


def hand_over(
    ledger: Ledger,
    casebook: Casebook,
    recipient: str,
    out: Path,
    *,
    severity: str = SEVERITIES[0],
    by: str,
    at: datetime,
    tell: Callable[[str], None] = lambda _step: None,
) -> list[Batch]:
    """Hand over what is due for a recipient, into a folder of its own under `out`; nothing due, no folder.

    A batch that an earlier run did not finish goes first. `tell` is told each step (prepared, written,
    recorded) when it is done. Raises BadInputError for a recipient that names no
    folder, an unknown severity or nobody's name, BusyError while another run hands over to that recipient,
    UnavailableError where the disk refuses: the batch is kept, and the next run finishes it.
    """
    checked_recipient(recipient)
    who = checked_name(by)
    if severity not in SEVERITIES:
        raise BadInputError(f"{severity!r} is no severity: give one of {', '.join(SEVERITIES)}.")
    with _alone(ledger.folder.parent, recipient):
        unfinished = _unfinished(casebook, recipient)
        batches = [_finish(casebook, row, out, at, tell, mended=True) for row in unfinished]
        about = orjson.loads(orjson.dumps(about_versions(ledger, casebook)))
        row = _prepare(casebook, recipient, out, about, severity=severity, by=who, at=at)
        if row is not None:
            tell("prepared")
            batches.append(_finish(casebook, row, out, at, tell, mended=False))
    return batches


def run_once(settings: Settings, ledger: Ledger, casebook: Casebook, at: datetime) -> list[Round]:
    """Hand over to every recipient of the settings, for a scheduler: it may be killed and repeated.

    What goes wrong with one recipient is told and keeps no other from its clues. Nothing where no folder or
    no recipient is set.
    """
    rounds = []
    for recipient in settings.export_recipients if settings.export_folder is not None else ():
        assert settings.export_folder is not None
        try:
            batches = hand_over(
                ledger,
                casebook,
                recipient,
                settings.export_folder,
                severity=settings.export_severity,
                by="scheduler",
                at=at,
            )
            rounds.append(Round(recipient, batches))
        except CluegraphError as error:
            rounds.append(Round(recipient, [], str(error)))
    return rounds


@contextmanager
def _alone(data: Path, recipient: str) -> Iterator[None]:
    """One run at a time for a recipient; the operating system frees the lock when the process dies."""
    lock = FileLock(data / f"handover-{recipient}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyError(f"Another run hands clues over to {recipient} right now: let it end.") from error
    try:
        yield
    finally:
        lock.release()


def _unfinished(casebook: Casebook, recipient: str) -> list[dict[str, Any]]:
    table = Handover.__table__
    query = select(table).where(table.c.recipient == recipient, table.c.handed_at.is_(None))
    with casebook.read() as connection:
        return [dict(row) for row in connection.execute(query.order_by(table.c.number)).mappings()]


def _prepare(
    casebook: Casebook,
    recipient: str,
    out: Path,
    about: dict[str, Any],
    *,
    severity: str,
    by: str,
    at: datetime,
) -> dict[str, Any] | None:
    """Keep what is due as the recipient's next batch, words included; None where nothing is."""
    with casebook.change(shown=False) as change:
        due = due_clues(change.connection, recipient, severity, at.astimezone(LOCAL).date())
        if not due:
            return None
        number = _next_number(change, recipient)
        name = batch_id(recipient, number)
        items = [
            {"recipient": recipient, "number": number, "finding": clue.finding.id, "change": clue.change}
            | {"content": _json(clue.finding.as_dict())}
            for clue in due
        ]
        row = {
            "recipient": recipient,
            "number": number,
            "severity": severity,
            "about": _json(_about(about, recipient, number, severity, due, items, at)),
            "folder": str((out / name).absolute()),
            "prepared_by": by,
            "prepared_at": at.astimezone(UTC).isoformat(timespec="seconds"),
            "handed_at": None,
            "sha256": None,
        }
        # The casebook's sequence stays: it counts what the graph is given, and a handover is none of that.
        change.connection.execute(insert(Handover), row)
        change.connection.execute(insert(HandoverItem), items)
    return row


def _next_number(change: Change, recipient: str) -> int:
    last = change.connection.execute(
        select(func.max(Handover.number)).where(Handover.recipient == recipient)
    ).scalar()
    return 1 + (last or 0)


def batch_id(recipient: str, number: int) -> str:
    """The id of a batch, which its folder has as its name."""
    return f"{recipient}-{number:06d}"


def _about(
    about: dict[str, Any],
    recipient: str,
    number: int,
    severity: str,
    due: list[DueClue],
    items: list[dict[str, Any]],
    at: datetime,
) -> dict[str, Any]:
    """What the manifest says of the batch besides its files; the hash is that of the clues' words."""
    words = hashlib.sha256("\n".join(item["content"] for item in items).encode())
    told = {
        "id": batch_id(recipient, number),
        "recipient": recipient,
        "number": number,
        "severity": severity,
        "prepared_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "clues": [{"finding": clue.finding.id, "change": clue.change} for clue in due],
        "words_sha256": words.hexdigest(),
    }
    return {**about, "since": "last", "handover": told}


def _finish(
    casebook: Casebook,
    row: dict[str, Any],
    out: Path,
    at: datetime,
    tell: Callable[[str], None],
    *,
    mended: bool,
) -> Batch:
    """Write the folder of a batch unless it is there, whole, and mark the batch as handed over."""
    about = orjson.loads(row["about"])
    name = batch_id(row["recipient"], row["number"])
    folder = Path(row["folder"])
    if not _is_there(folder, about["handover"]):
        folder = (out / name).absolute()
        for left in folder.parent.glob(f".{name}-*"):  # by a run that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
        if not _is_there(folder, about["handover"]):
            export_clues(folder, _words(casebook, row), about)
    tell("written")
    values = {
        "folder": str(folder),
        "handed_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "sha256": hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest(),
    }
    with casebook.change(shown=False) as change:
        change.connection.execute(
            update(Handover)
            .where(Handover.recipient == row["recipient"], Handover.number == row["number"])
            .where(Handover.handed_at.is_(None))
            .values(values)
        )
    tell("recorded")
    counts = Counter(clue["change"] for clue in about["handover"]["clues"])
    return Batch(name, row["recipient"], row["number"], str(folder), dict(sorted(counts.items())), mended)


def _words(casebook: Casebook, row: dict[str, Any]) -> list[FindingRecord]:
    """The clues of a batch as they stood when it was made, in its order."""
    table = HandoverItem.__table__
    query = select(table).where(table.c.recipient == row["recipient"], table.c.number == row["number"])
    with casebook.read() as connection:
        kept = {item["finding"]: item["content"] for item in connection.execute(query).mappings()}
    order = [clue["finding"] for clue in orjson.loads(row["about"])["handover"]["clues"]]
    return [_record(orjson.loads(kept[finding])) for finding in order]


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _record(told: dict[str, Any]) -> FindingRecord:
    days = {name: told[name] and date.fromisoformat(told[name]) for name in ("as_of", "snoozed_until")}
    return FindingRecord(**{**told, **days})


def _is_there(folder: Path, handover: dict[str, Any]) -> bool:
    """Whether a folder holds this very batch: the same clues in the same words, each file unchanged."""
    try:
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
        return manifest.get("handover") == handover and all(
            hashlib.sha256((folder / file["name"]).read_bytes()).hexdigest() == file["sha256"]
            for file in manifest["files"]
        )
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return False
