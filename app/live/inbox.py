"""What was posted and waits to be loaded: a folder in the data folder, a file for each body."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from app.errors import BadInputError, NotFoundError, UnavailableError
from app.graph.files import write_atomically
from app.live.receipts import Receipt
from app.settings import Settings

FORMS = {"application/xml": "xml", "text/xml": "xml", "application/json": "json"}
"""Media type of a body → suffix of the file that holds it."""


@dataclass(frozen=True)
class Waiting:
    """A body that waits: its id, where it is, and when it came."""

    id: str
    path: Path
    received: datetime


class Inbox:
    """Bodies that wait and receipts of those that were taken; both survive a kill."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._waiting, self._receipts, self._limit = folder / "waiting", folder / "receipts", limit

    @classmethod
    def of(cls, settings: Settings) -> "Inbox":
        """That of a data folder."""
        return cls(settings.inbox_folder, settings.inbox_limit)

    def put(self, body: bytes, form: str, at: datetime) -> Receipt:
        """Keep a body durably; gives the receipt of the same one where it came before.

        `form` is the suffix that tells what it is. Raises BadInputError for an empty body, UnavailableError
        where too much waits.
        """
        if not body.strip():
            raise BadInputError("There is nothing in the body: post a message, or an array of documents.")
        identity = hashlib.sha256(body).hexdigest()
        with suppress(NotFoundError):
            return self.receipt(identity)
        self._waiting.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sum(1 for _ in self._waiting.iterdir()) >= self._limit:
            raise UnavailableError(f"{self._limit} bodies wait to be loaded already: post again later.")
        # Names sort by arrival.
        path = self._waiting / f"{at.timestamp():017.6f}-{identity}.{form}"
        write_atomically(path, body)
        return Receipt(identity, path.name, "waiting", at)

    def waiting(self) -> Iterator[Waiting]:
        """What waits, in the order of arrival."""
        if not self._waiting.is_dir():
            return
        for path in sorted(self._waiting.iterdir()):
            stamp, _, rest = path.name.partition("-")
            if rest and path.suffix != ".new":
                yield Waiting(rest.split(".")[0], path, datetime.fromtimestamp(float(stamp), UTC))

    def receipt(self, identity: str) -> Receipt:
        """What became of a body; raises NotFoundError where none of this id was posted."""
        with suppress(FileNotFoundError):
            return Receipt.from_dict(json.loads(self._receipt(identity).read_text("utf-8")))
        for one in self.waiting():
            if one.id == identity:
                return Receipt(identity, one.path.name, "waiting", one.received)
        raise NotFoundError(f"Nothing was posted that has the id {identity!r}.")

    def done(self, one: Waiting, receipt: Receipt) -> None:
        """Keep the receipt, then let go of the body.

        Killed between the two, it is loaded again, which changes nothing.
        """
        path = self._receipt(one.id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = replace(receipt, id=one.id, name=one.path.name, received=one.received)
        write_atomically(path, json.dumps(told.as_dict(), ensure_ascii=False))
        one.path.unlink(missing_ok=True)

    def _receipt(self, identity: str) -> Path:
        return self._receipts / identity[:2] / f"{identity}.json"
