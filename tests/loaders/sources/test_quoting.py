"""Quotes of a CSV file: the look at all of them at once agrees with the one that goes byte by byte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.sources import quoting
from loaders.sources.quoting import Quoting

FIELDS = st.sampled_from([b"", b"ab", b'"a,b"', b'""', b'"a""b"', b'"x\ny"', b'"""q"""', b"z" * 61, b'"' * 3])
RECORDS = st.lists(st.lists(FIELDS, min_size=1, max_size=5).map(b",".join), max_size=30).map(b"\r\n".join)
BYTES = st.lists(st.sampled_from(b'",\n\ra'), max_size=40).map(bytes)


def byte_by_byte(data: bytes) -> Quoting:
    inside = newlines = False
    beside = b',\r\n"'
    for at, byte in enumerate(data):
        if byte == ord('"'):
            inside = not inside
            neighbour = data[at - 1 : at] if inside else data[at + 1 : at + 2]
            if neighbour and neighbour not in beside:
                return Quoting(False, newlines)
        newlines = newlines or (inside and byte == ord("\n"))
    return Quoting(not inside, newlines)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few records cross the edges of words and of blocks."""
    monkeypatch.setattr(quoting, "_BLOCK", 128)


@given(st.one_of(RECORDS, BYTES), st.integers(0, 500), st.booleans())
def test_all_at_once_agrees_with_byte_by_byte(data: bytes, at: int, stray: bool) -> None:
    if stray:
        data = data[:at] + b'"' + data[at:]
    found, expected = quoting.quoting(np.frombuffer(data, np.uint8)), byte_by_byte(data)
    assert found.sound == expected.sound
    # Of what is not sound nobody asks for more.
    assert not found.sound or found.newlines == expected.newlines
