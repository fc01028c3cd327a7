"""What was given: files, folders, archives and standard input, each file with its original bytes at hand."""

import gzip
import hashlib
import shutil
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from loaders.contract import Reject, SourceFile

FORMATS = {
    ".xml": "xml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
_ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
_NOT_OURS = frozenset({"truth.json"})
_CHUNK = 1 << 20
WORK_LIST = "worklist"
"""A column by which a list that people fill in is told from a table of the contract."""
LIST_LOADER = "`cluegraph platforms load-worklist`"


@dataclass(frozen=True)
class Limits:
    """Bounds against bombs: bytes after decompression, members and nesting of archives."""

    file_bytes: int = 8 << 30
    archive_bytes: int = 32 << 30
    ratio: int = 400
    """A file may not grow by more than this factor, once it is larger than `ratio_from` bytes."""
    ratio_from: int = 64 << 20
    members: int = 1_000_000
    depth: int = 3
    message_bytes: int = 512 << 20
    """One XML message or JSON document."""


@dataclass(frozen=True)
class Found:
    """A file to read: `path` are its original bytes, `plain` the same decompressed where it was gzip."""

    name: str
    path: Path
    format: str
    plain: Path
    gzipped: bool = False
    sniffed: bool = False
    """Its kind must be told from its content."""


@dataclass
class Expansion:
    """Walks over what was given; what it cannot open goes to `rejects`, what is none of ours to `skipped`."""

    scratch: Path
    limits: Limits = field(default_factory=Limits)
    exclude: Path | None = None
    """A folder that is not walked into: the data folder, where it lies within what was given."""
    rejects: list[Reject] = field(default_factory=list)
    refused: list[SourceFile] = field(default_factory=list)
    """Files that could not be opened: known by their bytes when they come again."""
    skipped: list[tuple[str, Path, str]] = field(default_factory=list)
    _count: int = 0

    def walk(self, paths: Iterable[str | Path]) -> Iterator[Found]:
        """Every file to read, in the order given, folders in the order of names."""
        for path in dict.fromkeys(map(str, paths)):
            if path == "-":
                yield from self._stdin(sys.stdin.buffer)
            elif Path(path).is_dir():
                yield from self._folder(Path(path))
            elif Path(path).is_file():
                # The folder's name may be the table's.
                yield from self._file(Path(path), shown_name(Path(path)), given=True)
            else:
                self._reject(readable(str(path)), "there is no such file or folder")

    def _folder(self, folder: Path) -> Iterator[Found]:
        # Whoever names a folder within it means that folder.
        exclude = self.exclude if self.exclude not in folder.resolve().parents else None
        for path in sorted(folder.rglob("*")):
            # A link could lead outside of what was given, or round in a circle.
            if path.is_file() and not path.is_symlink() and not _within(path, exclude):
                yield from self._file(path, readable(str(path.relative_to(folder.parent))))

    def _file(self, path: Path, name: str, *, given: bool = False, depth: int = 0) -> Iterator[Found]:
        lower = name.lower()
        base = lower.rsplit("/", 1)[-1]
        if lower.endswith(_ARCHIVES):
            yield from self._archive(path, name, depth)
            return
        gzipped = lower.endswith(".gz")
        form = FORMATS.get(Path(base.removesuffix(".gz")).suffix)
        if base.startswith(".") or "__macosx" in lower or base in _NOT_OURS:
            self.skipped.append((name, path, "is no data file"))
        elif base.endswith(".xlsx"):
            told = f"is a spreadsheet: a filled-in {WORK_LIST} is loaded by {LIST_LOADER}, a table as CSV"
            self.skipped.append((name, path, told))
        elif form:
            plain = self._plain(path, name) if gzipped else path
            if plain:
                yield Found(name, path, form, plain, gzipped)
        elif given:
            yield from self._sniff(path, name)
        else:
            self.skipped.append((name, path, "has a suffix that is not read"))

    def _plain(self, path: Path, name: str) -> Path | None:
        target = self._target()
        try:
            with gzip.open(path) as source:
                self._copy(cast(IO[bytes], source), target, path.stat().st_size)
        except (OSError, EOFError, zlib.error):
            self._reject(name, "cannot be decompressed: it is damaged, or no gzip file", path)
            return None
        except _TooLargeError as error:
            self._reject(name, str(error), path)
            return None
        return target

    def _archive(self, path: Path, name: str, depth: int) -> Iterator[Found]:
        if depth >= self.limits.depth:
            self._reject(
                name, f"is an archive {depth} archives deep; at most {self.limits.depth} are opened", path
            )
            return
        try:
            members = list(self._zip(path, name) if name.lower().endswith(".zip") else self._tar(path))
        except _TooLargeError as error:
            self._reject(name, str(error), path)
            return
        except (
            OSError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            tarfile.TarError,
            NotImplementedError,
            ValueError,
        ):
            self._reject(name, "cannot be opened: it is damaged, or no archive of its suffix", path)
            return
        for member, target in sorted(members, key=lambda pair: pair[0]):
            yield from self._file(target, f"{name}!{member}", depth=depth + 1)

    def _zip(self, path: Path, name: str) -> Iterator[tuple[str, Path]]:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            self._bound(len(infos), sum(info.file_size for info in infos))
            for info in infos:
                member = _harmless(info.filename)
                if not _wanted(member):
                    continue
                target = self._target()
                try:
                    with archive.open(info) as source:
                        self._copy(source, target, max(info.compress_size, 1))
                except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
                    self._reject(
                        f"{name}!{member}", "cannot be taken out of its archive: damaged or encrypted", path
                    )
                    continue
                yield member, target

    def _tar(self, path: Path) -> Iterator[tuple[str, Path]]:
        total = count = 0
        with tarfile.open(path, "r:*") as archive:
            # Links and devices have no content of their own.
            for info in archive:
                if not info.isfile():
                    continue
                count, total = count + 1, total + info.size
                self._bound(count, total)
                member = _harmless(info.name)
                source = archive.extractfile(info) if _wanted(member) else None
                if source:
                    target = self._target()
                    self._copy(source, target, max(path.stat().st_size, 1))
                    yield member, target

    def _bound(self, members: int, size: int) -> None:
        if members > self.limits.members:
            raise _TooLargeError(f"holds more than {self.limits.members} files")
        if size > self.limits.archive_bytes:
            raise _TooLargeError(f"holds more than {self.limits.archive_bytes >> 30} GiB")

    def _copy(self, source: IO[bytes], target: Path, compressed: int) -> None:
        size = 0
        with target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > self.limits.file_bytes or (
                    size > self.limits.ratio_from and size > self.limits.ratio * compressed
                ):
                    out.close()
                    target.unlink()
                    raise _TooLargeError("grows too large when it is decompressed")
                out.write(chunk)

    def _stdin(self, stream: IO[bytes]) -> Iterator[Found]:
        target = self._target()
        with target.open("wb") as out:
            shutil.copyfileobj(stream, out, _CHUNK)
        yield from self._sniff(target, "-")

    def _sniff(self, path: Path, name: str) -> Iterator[Found]:
        """Format of a file without a telling name, by its first bytes."""
        plain, gzipped = path, False
        if _starts(path)[:2] == b"\x1f\x8b":
            unpacked = self._plain(path, name)
            if unpacked is None:
                return
            plain, gzipped = unpacked, True
        start = _starts(plain)
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:4] == b"PK\x03\x04":
            yield from self._archive(plain, f"{name}.zip", 0)
        elif start[257:262] == b"ustar":
            yield from self._archive(plain, f"{name}.tar", 0)
        elif start[:4] == b"PAR1":
            yield Found(name, path, "parquet", plain, gzipped, sniffed=True)
        elif text[:1] == b"<" or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            yield Found(name, path, "xml", plain, gzipped, sniffed=True)
        elif text[:1] in (b"{", b"["):
            yield Found(name, path, "json", plain, gzipped, sniffed=True)
        elif b"," in text.split(b"\n", 1)[0]:
            yield Found(name, path, "csv", plain, gzipped, sniffed=True)
        else:
            self._reject(
                name, "is no file that is read: neither XML, JSON, CSV, Parquet nor an archive of them", path
            )

    def _target(self) -> Path:
        self._count += 1
        return self.scratch / f"{self._count}"

    def _reject(self, name: str, reason: str, path: Path | None = None) -> None:
        file_id = file_hash(path) if path else None
        self.rejects.append(Reject(file_id, name, f"{name} {reason}"))
        if path and file_id:
            self.refused.append(SourceFile(file_id, name, path.stat().st_size, "other", path))


class _TooLargeError(Exception):
    """More than the limits allow; the text says what."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _within(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder)


def _harmless(member: str) -> str:
    """A member's name for people to read; it never becomes a path."""
    parts = [part for part in member.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return readable("/".join(parts))[-200:] or "?"


def readable(name: str) -> str:
    """A name for people to read, and fit to be kept: on some systems names of files are any bytes."""
    return "".join(c if c.isprintable() else "?" for c in name)


def shown_name(path: Path) -> str:
    """The name under which a file that was given by itself is known."""
    return readable("/".join(path.absolute().parts[-2:]))


def _wanted(member: str) -> bool:
    lower = member.lower()
    return lower.endswith(_ARCHIVES) or Path(lower.removesuffix(".gz")).suffix in FORMATS


def _starts(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)
