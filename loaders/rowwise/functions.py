"""Functions of SQL, as DuckDB has them, over values of Python; what gives null for a null is wrapped so."""

import hashlib
import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

Function = Callable[..., Any]
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
"""Wider than any DECIMAL(38, …); half away from zero, as DuckDB rounds."""
_SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)


def null_for_null(function: Function) -> Function:
    """The function, giving None where any argument is."""

    def strict(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return strict


def negated(value: bool | None) -> bool | None:
    """NOT."""
    return None if value is None else not value


def greatest(*values: Any) -> Any:
    """The greatest that is not null."""
    return max((value for value in values if value is not None), default=None)


def least(*values: Any) -> Any:
    """The least that is not null."""
    return min((value for value in values if value is not None), default=None)


def rounded(value: Decimal, places: int) -> Decimal:
    """To so many places."""
    return value.quantize(Decimal(1).scaleb(-places), context=EXACT)


def to_decimal(value: Decimal | int | str, places: int) -> Decimal:
    """CAST AS DECIMAL(…, places)."""
    return rounded(Decimal(value), places)


def to_integer(value: bool | int | str) -> int:
    """CAST AS INTEGER, of a text also in hexadecimal."""
    return int(value, 0) if isinstance(value, str) else int(value)


def try_integer(value: str) -> int | None:
    """TRY_CAST AS BIGINT of a text: only whole numbers are read, DuckDB reads some other forms too."""
    return int(value) if _WHOLE.fullmatch(value) else None


def to_date(value: date | str) -> date:
    """CAST AS DATE."""
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value) if isinstance(value, str) else value


def days_between(first: date, last: date) -> int:
    """date_diff('day', …) of two days."""
    return (last - first).days


def epoch_us(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _SINCE_1970) // _MICROSECOND


def make_timestamp(microseconds: int) -> datetime:
    """The wall time (without a zone) so long after 1970 began."""
    return (_SINCE_1970 + timedelta(microseconds=microseconds)).replace(tzinfo=None)


def try_strptime(text: str, form: str) -> datetime | None:
    """The time in a text, or None."""
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def substring(text: str, start: int, length: int | None = None) -> str:
    """substr: counted from 1; of a negative length, so many letters before."""
    begin = start - 1
    if length is None:
        return text[begin:]
    return text[begin : begin + length] if length >= 0 else text[max(begin + length, 0) : begin]


def translate(text: str, these: str, those: str) -> str:
    """Each letter of `these` becomes that of `those`."""
    return text.translate(str.maketrans(these, those))


def integer_quotient(a: int, b: int) -> int | None:
    """`//`, towards zero."""
    return None if b == 0 else (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a: int, b: int) -> int | None:
    """`%`, with the sign of the first."""
    return None if b == 0 else (abs(a) % abs(b)) * (-1 if a < 0 else 1)


_STRICT: dict[str, Function] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "IntDiv": integer_quotient,
    "Mod": remainder,
    "BitwiseAnd": operator.and_,
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
    "DPipe": operator.add,
    "Abs": abs,
    "Round": rounded,
    "Year": lambda day: day.year,
    "Upper": str.upper,
    "Length": len,
    "StrPosition": lambda text, part: text.find(part) + 1,
    "Substring": substring,
    "Translate": translate,
    "RegexpFullMatch": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "MD5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    "ArrayContains": operator.contains,
    "UnixToTime": lambda microseconds, _scale: make_timestamp(microseconds),
    "strlen": lambda text: len(text.encode()),
    "epoch_us": epoch_us,
    "try_strptime": try_strptime,
}
_OF_NULLS: dict[str, Function] = {
    "Not": negated,
    "Coalesce": lambda *values: next((value for value in values if value is not None), None),
    "Greatest": greatest,
    "Least": least,
    "NullSafeNEQ": lambda a, b: a != b,
}
FUNCTIONS = {name: null_for_null(function) for name, function in _STRICT.items()} | _OF_NULLS
"""By the name of the parser's node, or, of what it does not know, by the name in SQL."""
