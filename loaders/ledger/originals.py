"""The originals: every file that was loaded, kept once, gzip, by its SHA-256."""

import gzip
import os
import shutil
from pathlib import Path
from typing import IO

from isal import igzip

_BLOCK = 1 << 20


class Originals:
    """Keeps files beside the load that reads them; a file stands under its name only when it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, file_id: str) -> Path:
        """Where the original with that SHA-256 is kept."""
        return self.folder / file_id[:2] / f"{file_id}.gz"

    def open(self, file_id: str) -> gzip.GzipFile:
        """The original's bytes."""
        return gzip.open(self.path(file_id), "rb")

    def keep(self, file_id: str, source: IO[bytes]) -> None:
        """Keep the bytes of `source`, unless they are kept already."""
        target = self.path(file_id)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}.part")
        # isal writes the same format four times as fast as zlib: the load must not wait for it.
        # No name and no time in the header: the same bytes give the same file.
        with draft.open("wb") as raw:
            packed = igzip.IGzipFile("", "wb", 1, raw, 0)  # type: ignore[no-untyped-call]
            shutil.copyfileobj(source, packed, _BLOCK)
            packed.close()
        draft.replace(target)
