"""Which process is the server of a home folder: its state file, and the process table beyond it."""

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from app.graph.files import write_atomically
from loaders.ledger.lock import command_name

_CLOCK_SECONDS = 2  # the kernel's time of boot, from which creation times are told, wavers by a second


@dataclass(frozen=True)
class State:
    """What a start leaves behind. `started` is the process's creation time (seconds since 1970)."""

    pid: int
    started: float
    bolt: int
    http: int
    database: str


def write_state(path: Path, state: State) -> None:
    """Write the state file, whole or not at all."""
    write_atomically(path, json.dumps(asdict(state)))


def read_state(path: Path) -> State | None:
    """The state file, or None where it is absent or not one."""
    try:
        return State(**json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@dataclass(frozen=True)
class User:
    """A process that works with the server. `started` as in `State`; `command` without its arguments."""

    pid: int
    started: float
    command: str


def this_process() -> User:
    """The process that asks."""
    return User(os.getpid(), created(os.getpid()), command_name())


def read_users(path: Path) -> list[User]:
    """The users in a file that live, by age; of one that died, or whose pid another has, nothing is told."""
    try:
        users = [User(**one) for one in json.loads(path.read_text("utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return sorted((user for user in users if lives(user.pid, user.started)), key=lambda user: user.started)


def add_user(path: Path, user: User) -> None:
    """Add a user to the file, unless it is there, and leave those out that are gone."""
    users = read_users(path)
    if all(user.pid != one.pid for one in users):
        write_atomically(path, json.dumps([asdict(one) for one in [*users, user]]))


def created(pid: int) -> float:
    """Creation time of a process in seconds since 1970; 0 where it has ended already."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).create_time()
    return 0.0


def is_alive(state: State, argument: str) -> bool:
    """Whether the very process of `state` lives: a pid alone may have gone to another.

    It is known by its creation time, or, if the machine's clock has been set since, by `argument`. (The
    arguments alone would not do: they are not there yet in the first moment of a process.)
    """
    return lives(state.pid, state.started, argument)


def lives(pid: int, started: float, argument: str | None = None) -> bool:
    """Whether the process `pid` that was created at `started` lives, or one that was given `argument`."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        if _has_ended(process):
            return False
        return abs(process.create_time() - started) < _CLOCK_SECONDS or argument in process.cmdline()
    return False


def _has_ended(process: psutil.Process) -> bool:
    """Whether only its entry is left, for its parent to reap. While a thread of it still ends, it holds
    its ports and files."""
    return bool(process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1)


def with_argument(argument: str) -> list[psutil.Process]:
    """Living processes of this user that were started with exactly this argument."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if argument in process.cmdline() and not _has_ended(process):
                found.append(process)
    return found


def end(process: psutil.Process, timeout: float) -> bool:
    """Ask the process to end, make it end after `timeout` seconds. Whether it ended by itself."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        if not _ends(process, timeout):
            process.kill()
            _ends(process, 10)
            return False
    return True


def _ends(process: psutil.Process, timeout: float) -> bool:
    """Whether it ends within `timeout` seconds; one that its parent, another process, must reap has ended."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        try:
            process.wait(0.05)
            return True
        except psutil.TimeoutExpired:
            if _has_ended(process):
                return True
    return False
