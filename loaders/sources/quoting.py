"""Quotes of a CSV file, all at once: whether each opens or closes a field, and what stands between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
_Words = np.ndarray[Any, np.dtype[np.uint64]]
_QUOTE, _NEWLINE, _COMMA, _RETURN = b'"\n,\r'
_BLOCK = 1 << 18
"""Bytes looked at together: a multiple of 64, few enough for the processor's cache."""


@dataclass(frozen=True)
class Quoting:
    """`sound`: quotes open at the start of a field and close at its end, everywhere. `newlines`: a line end
    is within quotes."""

    sound: bool
    newlines: bool


def quoting(part: Bytes) -> Quoting:
    """Look through whole records: a byte is a bit, 64 to a word, as simdjson does it.

    Inside of quotes is where the number of quotes so far is odd. `""` within a field closes and opens at
    once, so that beside a quote there may be a quote.
    """
    newlines = False
    odd = np.uint64(0)
    for begin in range(0, len(part), _BLOCK):
        end = min(begin + _BLOCK, len(part))
        around = np.full(end - begin + 2, _NEWLINE, np.uint8)
        around[1:-1] = part[begin:end]
        if begin:
            around[0] = part[begin - 1]
        if end < len(part):
            around[-1] = part[end]
        quote, newline = around == _QUOTE, around == _NEWLINE
        boundary = quote | newline | (around == _COMMA) | (around == _RETURN)
        quotes = _words(quote[1:-1])
        inside, odd = _odd_so_far(quotes, odd)
        may_open, may_close = _words(boundary[:-2]), _words(boundary[2:])
        if ((quotes & inside & ~may_open) | (quotes & ~inside & ~may_close)).any():
            return Quoting(False, newlines)
        newlines = newlines or bool((_words(newline[1:-1]) & inside).any())
    return Quoting(not odd, newlines)


def _words(bits: np.ndarray[Any, np.dtype[np.bool_]]) -> _Words:
    """64 bits to a word, the first one lowest; the last word is filled up with zeros."""
    packed = np.zeros(-(-len(bits) // 64) * 8, np.uint8)
    packed[: -(-len(bits) // 8)] = np.packbits(bits, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


def _odd_so_far(bits: _Words, odd: np.uint64) -> tuple[_Words, np.uint64]:
    """For each bit whether the number of ones up to it, itself included, is odd; and the same after all."""
    out = bits.copy()
    for step in (1, 2, 4, 8, 16, 32):
        out ^= out << np.uint64(step)
    after = np.bitwise_xor.accumulate(out >> np.uint64(63)) ^ odd
    before = np.concatenate([[odd], after[:-1]])
    # Zero minus one is all ones: words that begin inside of quotes are turned over.
    return out ^ (np.uint64(0) - before), np.uint64(after[-1])
