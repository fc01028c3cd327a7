"""docs/documents.md says of every table what the contract says."""

from pathlib import Path

import pytest

from loaders.contract import KINDS, Field, Kind

PAGE = Path(__file__).parents[3] / "docs" / "documents.md"


def described(f: Field) -> str:
    """A column as the page writes it: `name`, * where required, then its type, length or choices."""
    star = "\\*" if f.required and not f.optional_when_flat else ""
    if f.choices:
        return f"`{f.name}`{star} ({'; ' if f.several else ''}{', '.join(f.choices)})"
    if f.type != "text":
        return f"`{f.name}`{star} {f.type}"
    if f.lengths:
        return f"`{f.name}`{star} {' or '.join(map(str, f.lengths))}"
    if f.max_length is None:
        return f"`{f.name}`{star}"
    return f"`{f.name}`{star} {'=' if f.min_length == f.max_length else '≤'}{f.max_length}"


def row(kind: Kind) -> str:
    identity = ", ".join(kind.identity if not kind.variants else ("every column but customsCode, ebcCode",))
    if kind.fallback_identity:
        identity += f"; without {kind.identity[-1]}: {', '.join(kind.fallback_identity)}"
    source = kind.message or ("receipts" if kind.variants else "179" if kind.document else "")
    columns = " · ".join(described(f) for f in kind.fields)
    return f"| `{kind.name}` | {source} | {identity} | {columns} |"


@pytest.mark.parametrize("name", list(KINDS))
def test_the_page_has_every_column_of_every_table(name: str) -> None:
    assert row(KINDS[name]) in PAGE.read_text("utf-8").splitlines()
