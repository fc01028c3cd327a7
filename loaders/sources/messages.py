"""Groups of message files, read in a worker process and handed back as Arrow streams."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from loaders.sources.files import file_hash
from loaders.sources.xml import Message, Reader, UnreadableError


@dataclass(frozen=True)
class ParsedFile:
    """One file of a group: its id, its message, and what was refused by its shape."""

    file_id: str
    size: int
    guid: str | None = None
    kind: str | None = None
    documents: int = 0
    wrong: tuple[tuple[int, str | None, str], ...] = ()
    unreadable: str | None = None


@dataclass(frozen=True)
class Parsed:
    """A group: rows of each kind as an Arrow stream (with the file's number in the group), and its files."""

    tables: dict[str, bytes]
    files: tuple[ParsedFile, ...]
    units: int


def parse_messages(group: Sequence[tuple[str, str]], message_bytes: int) -> Parsed:
    """Read (original, decompressed) paths of message files. Never raises for what they hold."""
    reader = Reader()
    messages: dict[int, Message] = {}
    files: list[ParsedFile] = []
    # Millions of short-lived lists and no cycles: collecting would only walk over them.
    gc.disable()
    try:
        for number, (original, plain) in enumerate(group):
            path = Path(original)
            file_id, size = file_hash(path), path.stat().st_size
            try:
                if Path(plain).stat().st_size > message_bytes:
                    raise UnreadableError(f"it is larger than {message_bytes >> 20} MiB")
                message = messages[number] = reader.read(Path(plain), number)
            except UnreadableError as error:
                files.append(ParsedFile(file_id, size, unreadable=str(error)))
            else:
                files.append(
                    ParsedFile(
                        file_id, size, message.guid, message.kind, message.documents, tuple(message.wrong)
                    )
                )
        tables = {name: _stream(table) for name, table in reader.tables(messages).items()}
    finally:
        gc.enable()
    return Parsed(tables, tuple(files), reader.units)


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
