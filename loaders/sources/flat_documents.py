"""Flat documents of several kinds in one JSON array, each an object that names its `table`."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.contract import KINDS
from loaders.sources.columns import accepted
from loaders.sources.records import no_number, plain_text

_PAYMENT = b"payExchangeInfoHead"


class NoArrayError(Exception):
    """The file holds no array of documents; the text says what is wrong with it."""


def is_array(path: Path) -> bool:
    """Whether a JSON file is an array, and none of raw payment data."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[" and _PAYMENT not in start


def read(path: Path) -> tuple[dict[str, pa.Table], list[tuple[int, str | None, str | None, str]], set[str]]:
    """Tables by kind (text columns and `position`, the place in the array from 1 on), documents refused by
    their shape (position, kind, field, reason), and names of fields that are none of their kind.

    Raises NoArrayError.
    """
    rows: dict[str, list[tuple[int, dict[str, str | None]]]] = defaultdict(list)
    wrong: list[tuple[int, str | None, str | None, str]] = []
    unknown: set[str] = set()
    for position, document in enumerate(_array(path), 1):
        if not isinstance(document, dict):
            wrong.append((position, None, None, "is no object"))
            continue
        kind = document.get("table")
        if not isinstance(kind, str) or kind not in KINDS:
            wrong.append((position, None, "table", f"names none of the tables {', '.join(KINDS)}"))
            continue
        names = accepted(KINDS[kind])
        unknown |= document.keys() - {*names, "table"}
        nested = [name for name in names if isinstance(document.get(name), (dict, list))]
        if nested:
            wrong.append((position, kind, nested[0], "is no plain value"))
            continue
        rows[kind].append((position, {name: plain_text(document.get(name)) for name in names}))
    if len(rows) > 1:
        for kind in [kind for kind in rows if KINDS[kind].all_or_nothing]:
            # One mistake refuses all of it, also those of other tables: nobody would be told which.
            reason = "stands among others: this table is accepted whole or not at all, give it by itself"
            wrong += [(position, kind, None, reason) for position, _ in rows.pop(kind)]
    return {kind: _table(kind, own) for kind, own in rows.items()}, wrong, unknown


def _array(path: Path) -> list[Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=no_number)
    except UnicodeDecodeError:
        raise NoArrayError("it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NoArrayError(f"it is no JSON{line}") from None
    if not isinstance(value, list) or not any(isinstance(one, dict) for one in value):
        raise NoArrayError("it is no array of documents, or an empty one")
    return value


def _table(kind: str, rows: list[tuple[int, dict[str, str | None]]]) -> pa.Table:
    """Columns that no document has are left out, as a flat file without them would."""
    names = [name for name in accepted(KINDS[kind]) if any(row[name] is not None for _, row in rows)]
    columns = {name: pa.array([row[name] for _, row in rows], pa.string()) for name in names}
    return pa.table(columns | {"position": pa.array([position for position, _ in rows], pa.int64())})
