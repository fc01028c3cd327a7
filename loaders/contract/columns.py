"""Raw text columns: cheap facts about a whole column, so that the dear checks run only where they can
fail."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BLANKS = " \t\n\r\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200C))) + "\u202f\u205f\u3000\ufeff"
"""What is trimmed from both ends of every value."""

# Outside this set, or with a blank at an end, a value may need trimming or composing (NFC); inside it never
# does.
_UNUSUAL = (
    r"^ | $|[^\x20-\x7e\x{00a1}-\x{00ff}\x{2010}-\x{2027}\x{2030}-\x{205e}\x{3001}-\x{3029}"
    r"\x{4e00}-\x{9fff}\x{ff01}-\x{ff5e}]"
)
_DECIMAL_PLACES = 5


@dataclass(frozen=True)
class Facts:
    """What holds for every value of a column; lengths in bytes, over the values that are there."""

    rows: int
    nulls: int
    shortest: int
    longest: int
    low: int
    high: int
    clean: bool
    """Nothing to trim or compose, no empty text, no control character."""

    @property
    def digits(self) -> bool:
        """Digits only."""
        return self.low >= ord("0") and self.high <= ord("9")


def facts(column: pa.ChunkedArray) -> Facts:
    """Facts of a column of text."""
    chunks = [_chunk_facts(chunk) for chunk in column.chunks if len(chunk)]
    filled = [one for one in chunks if one.rows > one.nulls]
    rows, nulls = len(column), column.null_count
    if not filled:
        return Facts(rows, nulls, 0, 0, ord("0"), ord("0"), True)
    return Facts(
        rows,
        nulls,
        min(one.shortest for one in filled),
        max(one.longest for one in filled),
        min(one.low for one in filled),
        max(one.high for one in filled),
        all(one.clean for one in filled),
    )


def _chunk_facts(column: pa.StringArray) -> Facts:
    rows, nulls = len(column), column.null_count
    if rows == nulls:
        return Facts(rows, nulls, 0, 0, ord("0"), ord("0"), True)
    lengths = np.diff(_offsets(column))
    if nulls:
        lengths = lengths[pc.is_valid(column).to_numpy(zero_copy_only=False)]
    shortest, longest = int(lengths.min()), int(lengths.max())
    data = _bytes(column)
    low, high = (int(data.min()), int(data.max())) if len(data) else (0, 0)
    clean = (
        shortest > 0
        and low >= 0x20
        and (low > 0x20 or not _blank_ends(column))
        and (high < 0x7F or not _unusual(column))
    )
    return Facts(rows, nulls, shortest, longest, low, high, clean)


def _unusual(column: pa.StringArray) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, _UNUSUAL)).as_py())


def plain_decimals(column: pa.ChunkedArray, known: Facts) -> bool:
    """Whether every value is made of digits, sign and point alone, with at most five places: no closer look
    needed."""
    if known.rows == known.nulls:
        return True
    if known.low < ord("+") or known.high > ord("9"):
        return False
    return known.longest <= _DECIMAL_PLACES + 1 or all(_few_places(chunk) for chunk in column.chunks)


def _few_places(column: pa.StringArray) -> bool:
    ends = _offsets(column)[1:]
    ends = ends[np.diff(_offsets(column)) > _DECIMAL_PLACES + 1]
    data = np.frombuffer(column.buffers()[2], dtype=np.uint8)
    seen = np.zeros(len(ends), dtype=bool)
    for back in range(1, _DECIMAL_PLACES + 2):
        seen |= data[ends - back] == ord(".")
    # Without a point in its last six characters a long value is an integer, or has too many places.
    return bool(seen.all())


def _blank_ends(column: pa.StringArray) -> bool:
    ends = _offsets(column)
    data = np.frombuffer(column.buffers()[2], dtype=np.uint8)
    starts, stops = ends[:-1], ends[1:]
    filled = stops > starts
    return bool((data[starts[filled]] == 0x20).any() or (data[stops[filled] - 1] == 0x20).any())


def _offsets(column: pa.StringArray) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    raw = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return raw[column.offset : column.offset + len(column) + 1]


def _bytes(column: pa.StringArray) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    offsets = _offsets(column)
    data = (
        np.frombuffer(column.buffers()[2], dtype=np.uint8) if column.buffers()[2] else np.zeros(0, np.uint8)
    )
    return data[offsets[0] : offsets[-1]]
