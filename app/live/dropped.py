"""A folder that others drop files into: which of them are whole, and where they go when they are done."""

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from app.errors import BadInputError, UnavailableError
from app.graph.files import write_atomically
from app.live.receipts import Receipt
from loaders.sources.files import readable

DONE, REFUSED, RECEIPT = "done", "refused", ".receipt.json"
_UNFINISHED = (".part", ".tmp", ".new", ".filepart", ".crdownload", ".swp", "~")
"""Ends of names that programs give to what they are still writing."""
_ENDS = 4096
_LONGEST_NAME = 255
"""Bytes of a name in a folder."""
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")


@dataclass(frozen=True)
class Patience:
    """Seconds for which a file must not have changed: one that looks whole, and one that does not."""

    whole: float = 1.0
    cut: float = 30.0


@dataclass
class DropFolder:
    """Files of one folder (not of folders in it), each handed out once it is whole."""

    folder: Path
    patience: Patience = Patience()
    _seen: dict[Path, tuple[int, int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise BadInputError(f"There is no folder {self.folder}.")
        for name in (DONE, REFUSED):
            (self.folder / name).mkdir(exist_ok=True)
        self._lock = FileLock(self.folder / ".cluegraph-watch.lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise UnavailableError(f"Another process watches {self.folder} already.") from None

    def close(self) -> None:
        """Lets another process watch the folder."""
        self._lock.release()

    def waits(self) -> bool:
        """Whether there are files that are not done."""
        return next(self._files(), None) is not None

    def ready(self, now: float) -> list[Path]:
        """Files that are whole, the oldest first. `now` is seconds of a clock that only goes forward."""
        there = {}
        for path in self._files():
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # whoever dropped it has taken it back
            size, changed, since = self._seen.get(path, (-1, -1, now))
            if (size, changed) != (state.st_size, state.st_mtime_ns):
                since = now
            there[path] = (state.st_size, state.st_mtime_ns, since)
        self._seen = there
        quiet = [path for path, (_, _, since) in there.items() if now - since >= self._wait(path)]
        written = _open_for_writing(set(quiet)) if quiet else set()
        return sorted((path for path in quiet if path not in written), key=lambda path: there[path][1])

    def put_away(self, path: Path, receipt: Receipt) -> Path:
        """Moves a file that is done with into `done` or `refused`, its receipt beside it; gives its place.

        Killed between the two, the file is loaded again, which changes nothing, and finds its receipt.
        """
        folder = self.folder / (REFUSED if receipt.state == "refused" else DONE)
        for number in range(1, 1_000_000):
            name = _fitting(path, "" if number == 1 else f"-{number}")
            target, beside = folder / name, folder / f"{name}{RECEIPT}"
            if target.exists():
                continue
            if not beside.exists():
                told = replace(receipt, name=readable(name)).as_dict()
                write_atomically(beside, json.dumps(told, ensure_ascii=False, indent=2) + "\n")
            elif json.loads(beside.read_text("utf-8"))["id"] != receipt.id:
                continue
            path.rename(target)
            self._seen.pop(path, None)
            return target
        raise UnavailableError(f"{folder} holds too many files of the name {path.name}.")

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.folder.iterdir()):
            hidden = path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED)
            if not hidden and path.is_file() and not path.is_symlink():
                yield path

    def _wait(self, path: Path) -> float:
        return self.patience.whole if _looks_whole(path) else self.patience.cut


def _fitting(path: Path, number: str) -> str:
    """The file's name, its stem cut where that of its receipt would be too long for the disk."""
    stem, suffix = path.stem, path.suffix
    while stem and len(os.fsencode(f"{stem}{number}{suffix}{RECEIPT}.new")) > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem}{number}{suffix}"


def _looks_whole(path: Path) -> bool:
    """Whether a file ends as files of its kind do."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    check = _WHOLE.get(suffixes[-1]) if suffixes else None
    try:
        return check is not None and check(path)
    except OSError:
        return False


def _xml(path: Path) -> bool:
    start, end = _start_and_end(path)
    root = _ROOT.search(re.sub(rb"<[?!][^>]*>", b"", start))
    return root is not None and end.endswith(b"</" + root[1] + b">")


def _json(path: Path) -> bool:
    return _start_and_end(path)[1].endswith((b"]", b"}"))


def _lines(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read() == b"\n"


def _parquet(path: Path) -> bool:
    return _start_and_end(path)[1].endswith(b"PAR1")


def _start_and_end(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        start = file.read(_ENDS)
        file.seek(max(0, path.stat().st_size - _ENDS))
        return start, file.read().rstrip()


_WHOLE: dict[str, Callable[[Path], bool]] = {
    ".xml": _xml,
    ".json": _json,
    ".csv": _lines,
    ".jsonl": _lines,
    ".ndjson": _lines,
    ".parquet": _parquet,
    ".zip": lambda path: zipfile.is_zipfile(path),
}


def _open_for_writing(paths: set[Path]) -> set[Path]:
    """Those that a process on this machine has open for writing, as far as we may see."""
    wanted = {str(path.absolute()): path for path in paths}
    found: set[Path] = set()
    for process in psutil.process_iter():
        try:
            opened = process.open_files()
        except psutil.Error:
            continue
        found |= {
            wanted[one.path] for one in opened if one.path in wanted and getattr(one, "mode", "r") != "r"
        }
    return found
