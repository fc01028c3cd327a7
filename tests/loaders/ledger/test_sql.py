"""Engines are not deterministic by themselves: what the ledger's SQL must not contain."""

import re
from importlib.resources import files

import pytest

from loaders.contract import KINDS
from loaders.ledger.queries import current

_FILES = {f.name: f.read_text(encoding="utf-8") for f in files("loaders.ledger").joinpath("sql").iterdir()}
_FORBIDDEN = re.compile(
    r"\b(any_value|first|last|arbitrary|mode|random|now|today)\s*\(|\b(current_date|current_timestamp|double|float|real)\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"\b(list|array_agg|string_agg|group_concat)\s*\((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\)", re.I
)


def _code(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


@pytest.mark.parametrize("name", sorted(_FILES))
def test_no_statement_depends_on_the_order_of_rows(name: str) -> None:
    code = re.sub(r"'[^']*'", "''", _code(_FILES[name]))
    assert not _FORBIDDEN.search(code)
    for aggregate in _ORDERED.finditer(code):
        assert "ORDER BY" in aggregate["inside"], aggregate.group(0)
    for window in re.finditer(r"(row_number|lag|lead)\([^)]*\) OVER \(([^)]*)", code):
        assert "ORDER BY" in window.group(2), window.group(0)


def test_the_guard_sees_what_it_looks_for() -> None:
    assert _FORBIDDEN.search("SELECT any_value(x)")
    bad = _ORDERED.search("SELECT list(x) FROM t")
    assert bad
    assert "ORDER BY" not in bad["inside"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_generated_statements_rank_by_everything_that_tells_rows_apart(kind: str) -> None:
    text = current(KINDS[kind])
    assert not _FORBIDDEN.search(text)
    for window in re.finditer(r"row_number\(\) OVER \((.*?)\) AS", text, re.S):
        assert "content_hash DESC" in window.group(1)
        assert '"position"' in window.group(1)
