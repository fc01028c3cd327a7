"""The clearance system, which receives instructions: over HTTP, or by files in a folder."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.casebook.outbox_models import OutboxEntry
from app.casebook.store import Casebook, Change
from app.errors import BadInputError, CluegraphError
from app.outbox import folder as files
from app.outbox.answers import outcome_of
from app.outbox.entries import Entry
from app.outbox.http import UnreachableError, check_address, post
from app.outbox.outcome import USUAL, Channel, Outcome, Policy
from app.settings import Settings
from app.supervision.instructions import CHANNEL, answered

_OF: Final = {"instruction.issued": "issue", "instruction.withdrawn": "withdrawal"}
_RECEIVER = "receiver"


def clearance(settings: Settings, at: datetime, policy: Policy = USUAL) -> Channel | None:
    """The channel that the settings name; None where none is configured: then instructions wait.

    `at` is when what comes back is said to have come. BadInputError for an address that is none.
    """
    where = settings.clearance
    if where is None:
        return None
    if "://" not in where:
        return ClearanceFolder(Path(where))
    secret = settings.clearance_token
    token = None if secret is None else secret.get_secret_value()
    return ClearanceHttp(check_address(where), token, at, policy)


@dataclass(frozen=True)
class ClearanceHttp:
    """Each instruction is one POST; what the receiver answers may be its acknowledgement or refusal."""

    address: str
    token: str | None
    at: datetime
    policy: Policy = USUAL

    def send(self, entry: Entry) -> Outcome:
        """One POST with the idempotency key."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": entry.key}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            answer = post(self.address, entry.payload.encode(), headers, self.policy)
        except UnreachableError as error:
            return Outcome("failed", str(error), unreachable=True)
        return outcome_of(answer, refusals=True)

    def settled(self, change: Change, entry: Entry, outcome: Outcome) -> None:
        """Keep what the receiver said of the instruction."""
        state = "refused" if outcome.kind == "refused" else outcome.answer.get("state")
        if outcome.kind != "failed" and state in ("acknowledged", "refused"):
            _keep(change, entry.payload, state, outcome.answer, outcome.error, self.at)


@dataclass(frozen=True)
class ClearanceFolder:
    """Each instruction is one file in `out`, named by its number and its idempotency key."""

    folder: Path

    def send(self, entry: Entry) -> Outcome:
        """Write the file; a folder that is not there is waited for, and not made."""
        if not self.folder.is_dir():
            return Outcome("failed", "the folder is not there", unreachable=True)
        try:
            files.drop(self.folder, f"{entry.number:010}-{entry.key}.json", entry.payload)
        except OSError as error:
            return Outcome("failed", f"the folder cannot be written ({error.strerror})", unreachable=True)
        return Outcome("delivered")

    def settled(self, change: Change, entry: Entry, outcome: Outcome) -> None:
        """Nothing: answers come as files of their own."""


def take_answers(casebook: Casebook, folder: Path, at: datetime) -> tuple[int, int]:
    """Take the answers of a folder: JSON objects with `key`, `state`, and `by` and `reason` where there are
    any. Returns how many were taken and how many cannot be used. One taken twice changes nothing."""
    took = unusable = 0
    for path, told in files.answers(folder, at):
        try:
            _take(casebook, told, at)
        except CluegraphError as error:
            files.set_aside(path, str(error))
            unusable += 1
        else:
            files.taken(path)
            took += 1
    return took, unusable


def _take(casebook: Casebook, told: dict[str, Any], at: datetime) -> None:
    key, state = told.get("key"), told.get("state")
    if state not in ("acknowledged", "refused"):
        raise BadInputError("`state` is acknowledged or refused.")
    with casebook.change(shown=False) as change:
        known = select(OutboxEntry.payload).where(OutboxEntry.key == str(key), OutboxEntry.channel == CHANNEL)
        payload = change.connection.execute(known).scalar_one_or_none()
        if payload is None:
            raise BadInputError("`key` is no idempotency key of an instruction that was sent.")
        _keep(change, payload, state, told, None, at)


def _keep(
    change: Change, payload: str, state: str, told: dict[str, Any], otherwise: str | None, at: datetime
) -> None:
    """Keep an answer to a message; the reason of a refusal may stand where problem details have it."""
    message = orjson.loads(payload)
    texts = (told.get(name) for name in ("reason", "detail", "title"))
    why = next((text for text in texts if isinstance(text, str) and text.strip()), otherwise)
    by = told.get("by")
    answered(
        change,
        message["instruction"],
        _OF[message["type"]],
        accepted=state == "acknowledged",
        by=by if isinstance(by, str) and by.strip() else _RECEIVER,
        why=why or ("" if state == "acknowledged" else "no reason given"),
        at=at,
    )
