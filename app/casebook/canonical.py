"""Canonical JSON: equal results are equal texts."""

from typing import Any

import orjson

SIGNIFICANT_DIGITS = 9


def canonical(value: Any) -> str:
    """JSON, keys and arrays sorted, floats at 9 significant digits; raises ValueError for NaN or infinity."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("a result holds a number that is not finite")
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0  # + 0.0 makes -0.0 and 0.0 one
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return sorted((_plain(item) for item in value), key=_sort_key)
    raise ValueError(f"a result holds a {type(value).__name__}, which JSON does not know")


def _sort_key(value: Any) -> tuple[bool, float, bytes]:
    number = isinstance(value, int | float)  # numbers by size, before everything else by its text
    return not number, float(value) if number else 0.0, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
