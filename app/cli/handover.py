"""A command beside a running service hands it the job: the service's note in the data folder, the asking."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app import __version__
from app.cli.job import Task
from app.errors import UnavailableError
from app.graph.files import write_atomically
from app.graph.processes import created, lives
from app.settings import Settings

_NO_MATTER = {
    *("data", "api_host", "api_port", "log_level", "debug", "neo4j_password"),
    *("clearance", "clearance_token", "webhook_loopback"),
}
_CONNECT_SECONDS = 5


@dataclass(frozen=True)
class Note:
    """Where the service of a data folder takes jobs, which process it is, and what its jobs run with."""

    address: str
    token: str
    runs_with: str
    pid: int
    started: float


class HandedOverError(Exception):
    """The job that was handed over failed; `code` and `sentence` are those of the command itself."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@contextmanager
def announced(settings: Settings, address: str, token: str) -> Iterator[None]:
    """While it holds, commands on this data folder find the service. Only its owner can read the note."""
    path, pid = settings.service_file, os.getpid()
    note = Note(address, token, _runs_with(settings), pid, created(pid))
    write_atomically(path, json.dumps(asdict(note)))
    try:
        yield
    finally:
        # Another service on this folder may have put its own there since.
        if _read(path) == note:
            path.unlink()


def hand_over(settings: Settings, task: Task, progress: Callable[..., None]) -> dict[str, Any] | None:
    """The report of a job that the service of this data folder did; None where the command must do it itself.

    That is where no service runs, where it runs with other settings, and for standard input. Raises
    HandedOverError with what the command itself would have said, UnavailableError where the service ends
    before the job does.
    """
    note = _read(settings.service_file)
    if note is None or not lives(note.pid, note.started) or "-" in task.paths:
        return None
    service = f"The service of this data folder (process {note.pid})"
    if note.runs_with != _runs_with(settings):
        print(f"{service} runs with other settings, so this command works beside it.", file=sys.stderr)
        return None
    # Imported here: without a service there is nothing to ask.
    import requests

    task = replace(task, paths=tuple(str(Path(path).absolute()) for path in task.paths))
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between here and here
        try:
            answer = session.post(
                f"{note.address}/jobs",
                json=asdict(task),
                headers={"Authorization": f"Bearer {note.token}"},
                timeout=(_CONNECT_SECONDS, None),
                stream=True,
            )
            answer.raise_for_status()
        except requests.RequestException:
            return None  # on its way out, or none of ours: the writer's lock keeps whatever it does apart
        progress(f"handed to the service, process {note.pid}")
        # The connection breaks where the service is killed.
        with suppress(requests.RequestException):
            for line in answer.iter_lines():
                report = _heard(json.loads(line), progress)
                if report is not None:
                    return report
    raise UnavailableError(
        f"{service} ended before this job did: run the command again, which goes on from what was finished "
        "and repeats nothing."
    )


def _heard(event: dict[str, Any], progress: Callable[..., None]) -> dict[str, Any] | None:
    """One event of the worker: a step, something said, the report, or how it failed."""
    if "step" in event:
        progress(*event["step"])
    elif "said" in event:
        print(event["said"], file=sys.stderr)
    elif "code" in event:
        raise HandedOverError(event["code"], event["sentence"])
    report: dict[str, Any] | None = event.get("report")
    return report


def _read(path: Path) -> Note | None:
    try:
        return Note(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _runs_with(settings: Settings) -> str:
    """A digest of all that a job depends on besides its own words: the service's must be the command's."""
    values = {
        name: str(value.absolute()) if isinstance(value, Path) else value
        for name, value in settings.model_dump(exclude=_NO_MATTER).items()
    }
    # A file may be named from the working folder on.
    folder = str(Path.cwd()) if (settings.casebook_url or "").startswith("sqlite") else ""
    return hashlib.sha256(json.dumps([__version__, folder, values]).encode()).hexdigest()
