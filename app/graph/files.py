"""Careful file work that the embedded server needs: atomic writes, disks that fail with a sentence."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import UnavailableError

_REASONS = {
    errno.ENOSPC: "the disk is full; free some room and try again",
    errno.EDQUOT: "the disk quota is used up; free some room and try again",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENOTDIR: "part of its path is a file; choose another folder",
    errno.EEXIST: "a file is in its place; choose another folder",
    errno.EACCES: "it may not be written; change its rights or choose another folder",
    errno.EPERM: "it may not be written; change its rights or choose another folder",
}


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into an `UnavailableError` that names `folder`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REASONS:
            raise
        raise UnavailableError(f"Cannot write below {folder}: {_REASONS[error.errno]}.") from error


def need_room(folder: Path, size: int, what: str) -> None:
    """Raise `UnavailableError` where the disk of `folder` has less than `size` bytes free for `what`."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise UnavailableError(
            f"The disk of {folder} has {free / 1e6:.0f} MB free, {what} needs {size / 1e6:.0f} MB; "
            "free some room and try again."
        )


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file (text in UTF-8; mode 0600) so that a reader sees the old one or the new one, even after a
    crash. Until then it has `.new` at the end of its name."""
    part = path.with_name(path.name + ".new")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
