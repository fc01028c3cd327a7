"""One writer a data folder: whoever loads, projects, detects or compacts holds it, and says who it is."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from loaders.errors import BusyError

_PATIENCE = 2.0
"""Seconds between two words to whoever waits."""


@contextmanager
def writer_lock(
    data: Path, *, wait: float = 0.0, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the writer's lock of a data folder; the operating system frees it when the process dies.

    A thread that holds it already gets it again. Waits up to `wait` seconds (negative: for ever) and tells
    `on_wait` every two seconds for whom. Raises BusyError that names the holder: process, command, since
    when.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "lock", is_singleton=True)
    _acquire(lock, data, wait, on_wait)
    try:
        (data / "lock.holder").write_text(json.dumps({"pid": os.getpid(), "command": command_name()}))
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, data: Path, wait: float, on_wait: Callable[[str], None] | None) -> None:
    until = None if wait < 0 else time.monotonic() + wait
    while True:
        left = _PATIENCE if until is None else min(_PATIENCE, until - time.monotonic())
        try:
            lock.acquire(timeout=max(left, 0.0), poll_interval=0.05)
            return
        except Timeout:
            holder = _holder(data)
            if until is not None and time.monotonic() >= until:
                raise BusyError(
                    f"{data} is being written by {holder}; wait for it to end, or stop it, and try again."
                ) from None
            if on_wait is not None:
                on_wait(f"Waiting for {holder}.")


def _holder(data: Path) -> str:
    """The holder as a phrase; since when comes from the process table, as nothing here reads the clock."""
    try:
        holder = json.loads((data / "lock.holder").read_text())
        since = datetime.fromtimestamp(psutil.Process(holder["pid"]).create_time(), UTC)
        return f"process {holder['pid']} ({holder['command']}), running since {since:%Y-%m-%d %H:%M:%S} UTC"
    except (OSError, ValueError, KeyError, psutil.Error):
        return "another process"


def command_name() -> str:
    """Name of this process's command without its arguments, which may name files of persons."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    if program != "cluegraph":
        return program
    words = iter(sys.argv[1:])
    for word in words:
        if word == "--data":
            next(words, None)
        elif not word.startswith("-"):
            return f"{program} {word}"
    return program
