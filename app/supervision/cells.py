"""Cells of tables that people open with a spreadsheet: nothing in them may run as a formula."""

import json
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; everything else as it is."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def as_written(text: str) -> str:
    """The text that `safe_cell` made safe, as it was before."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
