"""Parquet and JSON Lines, as the same text columns that a CSV gives."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.contract import Kind, Place
from loaders.sources.columns import Columns, WrongColumnsError, accepted
from loaders.sources.csv import Part
from loaders.sources.text import Record

_ROWS = 200_000


def parquet_header(path: Path) -> tuple[str, ...]:
    """Column names of a Parquet file. Raises WrongColumnsError where it cannot be read."""
    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        raise WrongColumnsError("cannot be read as Parquet") from None


def read_parquet(path: Path, columns: Columns) -> Iterator[Part]:
    """Parts of a Parquet file. Raises WrongColumnsError for a column that is no plain value, or is
    damaged."""
    number = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS, columns=list(columns.known)):
                arrays = {name: _as_text(batch.column(name), name) for name in columns.known}
                positions = np.arange(number, number + batch.num_rows, dtype=np.int64)
                number += batch.num_rows
                yield Part(pa.table(arrays | {"position": pa.array(positions)}))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        raise WrongColumnsError("cannot be read as Parquet") from None


def _as_text(column: pa.Array, name: str) -> pa.Array:
    """Typed values in the text that the contract reads back exactly."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode(), name)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        raise WrongColumnsError(
            f"has the column {name} as floating point, which holds no exact amount; write decimals or text",
            name,
        )
    if pa.types.is_timestamp(kind):
        # Every engine's unit, to microseconds; a zone makes it an instant, without one it is wall time.
        if kind.tz:
            utc = column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.timestamp("us"))
            return pc.binary_join_element_wise(utc.cast(pa.string()), "Z", "")
        return column.cast(pa.timestamp("us"), safe=False).cast(pa.string())
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.string())
    if pa.types.is_decimal(kind):
        return _decimal_text(column)
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    raise WrongColumnsError(
        f"has the column {name} as {kind}, which is no plain value; write it as text", name
    )


def _decimal_text(column: pa.Array) -> pa.Array:
    """Decimals without an exponent, which the engine prints for small values of more than six places."""
    try:
        return column.cast(pa.decimal128(38, 5)).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if v is None else format(v, "f") for v in column.to_pylist()], pa.string())


@dataclass
class _Chunk:
    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wrong: list[Record] = field(default_factory=list)


class JsonLines:
    """A JSON Lines file, read once; its header is every name of its first 200,000 lines."""

    def __init__(self, path: Path) -> None:
        self._chunks = _chunks(path)
        self._first = next(self._chunks, _Chunk())
        self.header = tuple(dict.fromkeys(name for row in self._first.rows for name in row))
        if not self._first.rows:
            raise WrongColumnsError("holds no JSON object")

    def parts(self, kind: Kind) -> Iterator[Part]:
        """Text columns of every line; a line that is no object of plain values is wrong."""
        for chunk in chain([self._first], self._chunks):
            present = {name for row in chunk.rows for name in row}
            names = [name for name in accepted(kind) if name in present]
            yield _part(chunk, names)


def _part(chunk: _Chunk, names: Sequence[str]) -> Part:
    rows, numbers, wrong = chunk.rows, chunk.numbers, chunk.wrong
    bad = {n: name for n, row in enumerate(rows) for name in names if isinstance(row.get(name), (dict, list))}
    if bad:
        wrong = wrong + [
            Record(numbers[n], 0, numbers[n], None, f"has {name} as something other than a plain value")
            for n, name in bad.items()
        ]
        rows = [row for n, row in enumerate(rows) if n not in bad]
        numbers = [number for n, number in enumerate(numbers) if n not in bad]
    arrays = {name: pa.array([plain_text(row.get(name)) for row in rows], pa.string()) for name in names}
    return Part(pa.table(arrays | {"position": pa.array(numbers, pa.int64())}), tuple(wrong))


def plain_text(value: Any) -> str | None:
    """A value of JSON as the text that a CSV would have; numbers are read as they were written."""
    return value if value is None or isinstance(value, str) else str(value).lower()


def _chunks(path: Path) -> Iterator[_Chunk]:
    chunk = _Chunk()
    # Numbers stay the text they were written as: a float would change an amount.
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=no_number)
    for number, offset, line, text in _lines(path):
        try:
            value = decoder.decode(text.decode("utf-8"))
            if not isinstance(value, dict):
                raise TypeError
        except UnicodeDecodeError:
            chunk.wrong.append(Record(number, offset, line, None, "is not UTF-8"))
        except (ValueError, TypeError, RecursionError):
            chunk.wrong.append(Record(number, offset, line, None, "is no JSON object"))
        else:
            chunk.rows.append(value)
            chunk.numbers.append(number)
        if len(chunk.rows) + len(chunk.wrong) >= _ROWS:
            yield chunk
            chunk = _Chunk()
    if chunk.rows or chunk.wrong:
        yield chunk


def no_number(text: str) -> str:
    """Refuses NaN and infinity."""
    raise ValueError(text)


def _lines(path: Path) -> Iterator[tuple[int, int, int, bytes]]:
    """(number, byte offset, line, text) of every line that is not empty."""
    number = offset = 0
    with path.open("rb") as file:
        for line, raw in enumerate(file, 1):
            text = raw.removeprefix(b"\xef\xbb\xbf").strip() if line == 1 else raw.strip()
            if text:
                number += 1
                yield number, offset, line, text
            offset += len(raw)


def json_lines_places(path: Path, positions: Sequence[int]) -> dict[int, Place]:
    """Where lines begin, by their number."""
    wanted = set(positions)
    return {number: Place(offset, line) for number, offset, line, _ in _lines(path) if number in wanted}
