"""Messages as files: what goes out appears whole or not at all, what comes back is taken once."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from app.outbox.answers import object_of

OUT: Final = "out"
ANSWERS: Final = "answers"
_TAKEN, _UNUSABLE = "taken", "unusable"
_LARGEST = 64 * 1024
_MOST_FILES = 500
_PATIENCE = 60
"""Seconds after which a file that is no JSON yet is not being written any more."""


def drop(folder: Path, name: str, text: str) -> None:
    """Write a file into `out` of a folder that is there: to disk under a hidden name, then renamed.

    The same name again replaces the file by itself. Raises OSError.
    """
    target = folder / OUT
    target.mkdir(exist_ok=True)
    part = target / f".{name}.part"
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target / name)
    _sync(target)


def answers(folder: Path, at: datetime) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Files of `answers` that are whole, by name; those that never become so are set aside with the reason.

    Files whose names begin with a dot are being written.
    """
    inbox = folder / ANSWERS
    if not inbox.is_dir():
        return
    for path in sorted(inbox.glob("*.json"))[:_MOST_FILES]:
        try:
            state = path.lstat()
            if path.name.startswith(".") or not stat.S_ISREG(state.st_mode):
                continue
            told = object_of(path.read_bytes()) if state.st_size <= _LARGEST else {}
        except OSError:  # taken back, or not for us to read yet
            continue
        if told:
            yield path, told
        elif state.st_size > _LARGEST or at.timestamp() - state.st_mtime > _PATIENCE:
            set_aside(path, f"This is no JSON object of at most {_LARGEST} bytes.")


def taken(path: Path) -> None:
    """Move an answer to those that were taken."""
    _move(path, _TAKEN)


def set_aside(path: Path, why: str) -> None:
    """Move an answer to those that cannot be used, with the reason beside it."""
    kept = _move(path, _UNUSABLE)
    kept.with_name(f"{kept.name}.reason.txt").write_text(why + "\n", "utf-8")


def _move(path: Path, where: str) -> Path:
    target = path.parent / where
    target.mkdir(exist_ok=True)
    return path.replace(target / path.name)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
