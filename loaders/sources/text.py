"""Flat files by the letter: records of a CSV with their place, however broken. Slow and exact."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FIELD = rb'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
_RECORD = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*(?=\r\n|\n|\r|\Z)")
_LINE = re.compile(rb"[^\r\n]*")
_END = re.compile(rb"\r\n|\n|\r|\Z")
_ONE = re.compile(rb'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|\Z)')


@dataclass(frozen=True)
class Record:
    """One record: its number (from 1, the header apart), where it begins, its values, or why it has none."""

    number: int
    offset: int
    line: int
    values: list[str] | None
    wrong: str | None = None


def records(
    data: bytes, width: int | None = None, *, start: int = 0, number: int = 0, line: int = 1
) -> Iterator[Record]:
    """Records of RFC 4180 from byte `start`; the first has `number`. Empty lines are no records.

    A record whose quotes are broken ends with its line: the next line is read again on its own.
    """
    end = len(data)
    while start < end:
        found = _RECORD.match(data, start)
        broken = found is None
        if found is None or (
            width is not None and b"\n" in found.group() and len(_values(found.group())) != width
        ):
            # A quote that is never closed in its record swallows lines: give them back.
            broken = True
            found = _LINE.match(data, start)
        if found is None:
            return
        stop = _END.match(data, found.end())
        text = found.group()
        if text:
            yield _record(text, number, start, line, width, broken=broken)
            number += 1
        after = stop.end() if stop else end
        # Line ends are \n, \r\n or a lone \r.
        line += (
            data.count(b"\n", start, after)
            + data.count(b"\r", start, after)
            - data.count(b"\r\n", start, after)
        )
        start = after


def _record(text: bytes, number: int, offset: int, line: int, width: int | None, *, broken: bool) -> Record:
    if broken and not _RECORD.fullmatch(text):
        return Record(number, offset, line, None, "has broken quotes")
    values = _values(text)
    if width is not None and len(values) != width:
        return Record(number, offset, line, None, f"has {len(values)} columns where the header has {width}")
    try:
        return Record(number, offset, line, [value.decode("utf-8") for value in values])
    except UnicodeDecodeError:
        return Record(number, offset, line, None, "is not UTF-8")


def _values(text: bytes) -> list[bytes]:
    out: list[bytes] = []
    at = 0
    while at <= len(text):
        found = _ONE.match(text, at)
        if found is None:
            break
        quoted, plain = found.groups()
        out.append(plain if quoted is None else quoted.replace(b'""', b'"'))
        if not found.group().endswith(b",") or found.end() == at:
            break
        at = found.end()
        if at == len(text):
            out.append(b"")
            break
    return out
