"""The local journal: what was answered while the casebook could not be reached, until it can be again.

Append-only lines, each with its checksum, on the disk before an answer goes out. A line that a kill cut off
is none. Processes of one machine take turns by a lock of the system, which ends with its holder.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

Row = dict[str, Any]
_HEAD = 64


class Journal:
    """The file at a path, which need not be there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator["Journal"]:
        """Nobody else reads or writes inside."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self
        finally:
            os.close(handle)

    @property
    def waiting(self) -> bool:
        """Whether anything is there to be replayed."""
        return self.size > 0

    def read(self, start: int = 0) -> list[Row]:
        """Every whole record from an offset on, the earliest first."""
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        return [orjson.loads(body) for line in lines if (body := _whole(line)) is not None]

    @property
    def head(self) -> bytes:
        """With what it begins: other records, which have other ids, after it was emptied."""
        try:
            with self._path.open("rb") as file:
                return file.read(_HEAD)
        except FileNotFoundError:
            return b""

    @property
    def size(self) -> int:
        """Bytes that are there."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, records: list[Row]) -> None:
        """Add records; on the disk before this returns. The caller holds it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            # After a line that a kill cut off a new one begins.
            cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            text = b"".join(_line(orjson.dumps(record, default=str)) for record in records)
            os.write(handle, b"\n" + text if cut else text)
            os.fsync(handle)
        finally:
            os.close(handle)

    def replay(self, put: Callable[[list[Row]], None]) -> int:
        """Hand all records to `put`, and empty the file when it has them for good.

        Killed in between, they are handed over once more: `put` must know what it has.
        """
        with self.held():
            records = self.read()
            if records:
                put(records)
            if self.waiting:
                os.truncate(self._path, 0)
            return len(records)


class Journaled:
    """What a journal holds, read as it grows: the newest record of each sale (without its inputs), and the
    sales that reserve for each person."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._upto, self._head = 0, b""
        self.latest: dict[str, Row] = {}
        self.reserving: dict[str, set[str]] = {}

    def follow(self) -> None:
        """Read what has come; from the beginning where the file was emptied. The caller holds the journal."""
        size, head = self._journal.size, self._journal.head
        if size < self._upto or not head.startswith(self._head):
            self._upto, self.latest, self.reserving = 0, {}, {}
        self._head = head
        if size == self._upto:
            return
        for record in self._journal.read(self._upto):
            del record["inputs"]
            self.latest[record["sale_id"]] = record
            if record["reserve"] is not None:
                self.reserving.setdefault(record["reserve"]["person"], set()).add(record["sale_id"])
        self._upto = size

    def reserved(self, person: str) -> dict[str, Row]:
        """What is reserved for a person, by sale."""
        held = {sale: self.latest[sale]["reserve"] for sale in sorted(self.reserving.get(person, ()))}
        return {sale: row for sale, row in held.items() if row is not None and row["person"] == person}


def _line(body: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(body), body)


def _whole(line: bytes) -> bytes | None:
    checksum, _, body = line.partition(b" ")
    return body if body and checksum == b"%08x" % crc32(body) else None
