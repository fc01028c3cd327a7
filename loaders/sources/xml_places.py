"""Where documents begin in a message: a second pass, for those that were refused."""

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.parsers import expat

from loaders.contract import Place
from loaders.sources.xml import DOCUMENTS, NAMESPACE

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
# Encodings in which the parser itself counts the bytes of the file, by Python's names of them.
_COUNTED = {"utf-8": "utf-8", "utf-16": "utf-16", "ascii": "us-ascii", "iso8859-1": "iso-8859-1"}


def places(path: Path, positions: Sequence[int]) -> dict[int, Place]:
    """Byte offset of the start tag of each document, by its number from 1; whatever cannot be located is left
    out."""
    search = _Search(positions)
    with path.open("rb") as file:
        encoding = _encoding(file.read(1024))
        file.seek(0)
        if encoding not in _COUNTED:
            return _in_another_encoding(file.read(), encoding, search)
        search.run(iter(lambda: file.read(1 << 20), b""), _COUNTED[encoding])
    return {number: Place(offset) for number, offset in search.found.items()}


def _encoding(start: bytes) -> str:
    """Python's name of a message's encoding. As for its reader, the first bytes tell before the
    declaration."""
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<"):
        return "utf-16"
    declared = _DECLARED.match(start)  # not behind a mark of byte order
    if declared is None:
        return "utf-8"
    name = declared[1].decode()
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


def _in_another_encoding(data: bytes, encoding: str, search: "_Search") -> dict[int, Place]:
    """The parser knows few encodings: it is given UTF-8, and its offsets are counted back."""
    try:
        text = data.decode(encoding)
        if text.encode(encoding) != data:
            return {}  # what does not come back byte for byte cannot be counted
        again = text.encode()
    except (LookupError, ValueError):
        return {}
    search.run([again], "utf-8")
    out: dict[int, Place] = {}
    offset = last = 0
    for number, at in search.found.items():
        offset += len(again[last:at].decode().encode(encoding))
        last = at
        out[number] = Place(offset)
    return out


class _Stop(Exception):  # noqa: N818 - no error: everything was found, or nothing more will be
    pass


class _Search:
    """Counts the documents of a message as its reader does, and keeps where the wanted ones begin."""

    def __init__(self, positions: Iterable[int]) -> None:
        self.found: dict[int, int] = {}
        self._left = set(positions)
        self._number = self._depth = 0
        self._document: str | None = None

    def run(self, parts: Iterable[bytes], encoding: str) -> None:
        """Parse the parts of one message, whatever encoding it declares."""
        parser = expat.ParserCreate(encoding, namespace_separator=" ")

        def opened(name: str, _: object) -> None:
            self._depth += 1
            if self._depth == 1:
                self._document = _document_of(name)
            elif self._depth == 2 and name == self._document:
                self._number += 1
                if self._number in self._left:
                    self.found[self._number] = parser.CurrentByteIndex
                    self._left.remove(self._number)
            if not self._left or self._document is None:
                raise _Stop

        def closed(_: str) -> None:
            self._depth -= 1

        parser.StartElementHandler, parser.EndElementHandler = opened, closed
        parser.StartDoctypeDeclHandler = _refuse
        try:
            for part in parts:
                parser.Parse(part)
            parser.Parse(b"", True)
        except (_Stop, expat.ExpatError):
            return


def _document_of(root: str) -> str | None:
    """Name of a message's documents, by that of its root."""
    namespace, _, name = root.rpartition(" ")
    entity = DOCUMENTS.get(name) if namespace == NAMESPACE else None
    return f"{NAMESPACE} {entity}" if entity else None


def _refuse(*_: object) -> None:
    raise _Stop
