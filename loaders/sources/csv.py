"""CSV: read at the engine's speed where every record is sound, by the letter where one is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from loaders.contract import Place
from loaders.sources.columns import Columns, WrongColumnsError
from loaders.sources.quoting import Bytes, quoting
from loaders.sources.text import Record, records

CHUNK_BYTES = 96 << 20
_BOM = b"\xef\xbb\xbf"
_QUOTE, _NEWLINE = b'"\n'
_EXACT_ROWS = 50_000


@dataclass(frozen=True)
class Part:
    """Some records of a file: text columns and the number of each; `wrong` are those that could not be
    read."""

    table: pa.Table
    wrong: Sequence[Record] = ()


def header(path: Path) -> tuple[str, ...]:
    """Column names. Raises WrongColumnsError where there are none."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    first = next(records(start.removeprefix(_BOM)), None)
    if first is None:
        raise WrongColumnsError("is empty: it has no header")
    if first.values is None:
        raise WrongColumnsError(f"has a header that {first.wrong}")
    return tuple(name.strip() for name in first.values)


def read(path: Path, columns: Columns, names: Sequence[str], *, whole: bool = False) -> Iterator[Part]:
    """Parts of a file in order; `whole` keeps it in one."""
    data = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.zeros(0, np.uint8)
    begin = _after_header(data)
    number = 1
    while begin < len(data):
        end = len(data) if whole else _record_end(data, begin, begin + CHUNK_BYTES)
        part = data[begin:end]
        count = 0
        for piece in _fast(part, columns, names, number) or _exact(data, begin, end, columns, names, number):
            count += piece.table.num_rows + len(piece.wrong)
            yield piece
        number += count
        begin = end


def places(path: Path, positions: Sequence[int]) -> dict[int, Place]:
    """Where records begin, by their number."""
    data = path.read_bytes()
    width = len(header(path))
    wanted = set(positions)
    bom = len(_BOM) if data.startswith(_BOM) else 0
    found: dict[int, Place] = {}
    for record in records(data, width, start=bom):
        if record.number in wanted:
            found[record.number] = Place(record.offset, record.line)
            if len(found) == len(wanted):
                break
    return found


def _after_header(data: Bytes) -> int:
    start = bytes(data[: 1 << 20])
    bom = len(_BOM) if start.startswith(_BOM) else 0
    following = records(start, start=bom)
    first = next(following, None)
    second = next(following, None)
    if second is not None:
        return second.offset
    return len(data) if first is not None and len(data) <= 1 << 20 else bom


def _record_end(data: Bytes, begin: int, wanted: int) -> int:
    """End of a record at or after `wanted`: a line end outside of quotes."""
    if wanted >= len(data):
        return len(data)
    quotes = int(np.count_nonzero(data[begin:wanted] == _QUOTE))
    at = wanted
    while at < len(data):
        window = data[at : at + (1 << 16)]
        for line_end in np.flatnonzero(window == _NEWLINE):
            inside = quotes + int(np.count_nonzero(window[:line_end] == _QUOTE))
            if inside % 2 == 0:
                return at + int(line_end) + 1
        quotes += int(np.count_nonzero(window == _QUOTE))
        at += len(window)
    return len(data)


def _fast(part: Bytes, columns: Columns, names: Sequence[str], number: int) -> list[Part] | None:
    """The records at the engine's speed; None where one of them is not sound."""
    quotes = quoting(part)
    if not quotes.sound:
        return None
    try:
        table = pacsv.read_csv(
            pa.py_buffer(part),
            read_options=pacsv.ReadOptions(column_names=list(names), block_size=8 << 20),
            parse_options=pacsv.ParseOptions(newlines_in_values=quotes.newlines),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in columns.known},
                include_columns=list(columns.known),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):  # the latter where Arrow tells of a record in no UTF-8
        return None
    return [_numbered(table, number)] if table.num_rows else []


def _exact(
    data: Bytes,
    begin: int,
    end: int,
    columns: Columns,
    names: Sequence[str],
    number: int,
) -> Iterator[Part]:
    picks = [(name, names.index(name)) for name in columns.known]
    rows: list[list[str]] = []
    numbers: list[int] = []
    wrong: list[Record] = []

    def flush() -> Part:
        table = pa.table(
            {name: pa.array([row[at] or None for row in rows], pa.string()) for name, at in picks}
        )
        return Part(table.append_column("position", pa.array(numbers, pa.int64())), tuple(wrong))

    line = 1 + bytes(data[:begin]).count(b"\n")
    for record in records(bytes(data[begin:end]), len(names), number=number, line=line):
        if record.values is None:
            wrong.append(Record(record.number, begin + record.offset, record.line, None, record.wrong))
        else:
            rows.append(record.values)
            numbers.append(record.number)
        if len(rows) + len(wrong) >= _EXACT_ROWS:
            yield flush()
            rows, numbers, wrong = [], [], []
    if rows or wrong:
        yield flush()


def _numbered(table: pa.Table, number: int) -> Part:
    positions = pa.array(np.arange(number, number + table.num_rows, dtype=np.int64))
    return Part(table.append_column("position", positions))
