"""One flat document at a time, read by the contract: for who cannot wait for a batch.

The fields, their patterns and what is said of a mistake are those of `conform`, which tests hold against it;
only that a batch is read by columns, and a document here by itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from loaders.contract.columns import BLANKS
from loaders.contract.conform import FIRST_DAY, LAST_DAY, default_of, fields_of
from loaders.contract.keys import Keys, normalise
from loaders.contract.kinds import KINDS
from loaders.contract.model import Field, Kind
from loaders.contract.sql import CONTROL, DECIMAL, INTEGER, ISO, value_reason

Mistake = tuple[str, str]
"""A field and what is wrong with it; never a value."""
_Check = Callable[[str], str | None]
_LOCAL = timedelta(hours=8)
_LARGEST = Decimal(10) ** 14
_FIRST, _LAST = (datetime.combine(day, time()) for day in (FIRST_DAY, LAST_DAY))
_FORMS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
_DIGITS = re.compile(r"[0-9]+")
# Letters are those of ASCII where the patterns name a class of them, as they are in a batch.
_DECIMAL, _INTEGER, _ISO, _CONTROL = (re.compile(one, re.ASCII) for one in (DECIMAL, INTEGER, ISO, CONTROL))


def read_document(kind: Kind, row: Mapping[str, Any], keys: Keys) -> tuple[dict[str, Any], list[Mistake]]:
    """The typed values of a flat row, with `<field>_key` of every personal one, and what is wrong with it.

    Decimals are Decimal, times aware datetimes in UTC, days dates. Values must be text or null, and fields
    those of the contract: whoever waits for an answer hears of a misspelt one.
    """
    form = _form(kind.name)
    wrong: list[Mistake] = []
    values = dict(form.empty)
    for name, raw in row.items():
        if name not in form.fields:
            wrong.append((name, "is no field of this document"))
            continue
        if raw is None:
            continue
        if not isinstance(raw, str):
            wrong.append((name, "must be text"))
            continue
        text = _cleaned(raw)
        if text is None:
            continue
        f, checks = form.fields[name]
        for check in checks:
            if (reason := check(text)) is not None:
                wrong.append((name, reason))
        values[name], reason = _typed(f, text)
        if reason is not None:
            wrong.append((name, reason))
    absent = [name for name in form.required if values[name] is None]
    if absent:
        mistaken = {name for name, _ in wrong}
        wrong += [(name, "is required") for name in absent if name not in mistaken]
    if values.get("appType") not in (None, 1, 2, 3):
        wrong.append(("appType", "must be 1, 2 or 3"))
    if not wrong:
        values |= _keyed(kind, row, keys)
    return values, sorted(dict.fromkeys(wrong), key=lambda one: form.order.get(one[0], -1))


@dataclass(frozen=True)
class _Form:
    """What a kind asks of a document: fields with their checks, values where nothing is given, fields that
    cannot go without, and in which order mistakes are told."""

    fields: Mapping[str, tuple[Field, tuple[_Check, ...]]]
    empty: Mapping[str, Any]
    required: tuple[str, ...]
    order: Mapping[str, int]


@cache
def _form(name: str) -> _Form:
    kind = KINDS[name]
    every = fields_of(kind, message=False)
    defaults = {f.name: default_of(kind, f, message=False) for f in every}
    return _Form(
        fields={f.name: (f, _checks(f)) for f in every},
        empty={f.name: None if (text := defaults[f.name]) is None else _typed(f, text)[0] for f in every},
        required=tuple(f.name for f in every if f.required and not f.optional_when_flat),
        order={f.name: number for number, f in enumerate(every)},
    )


def _cleaned(raw: str) -> str | None:
    if not raw.isascii():
        raw = unicodedata.normalize("NFC", raw)
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    return raw.strip(BLANKS) or None


def _without_control(text: str) -> str | None:
    return "holds a control character" if not text.isprintable() and _CONTROL.search(text) else None


def _checks(f: Field) -> tuple[_Check, ...]:
    out: list[_Check] = [_without_control]
    if f.type == "text":
        out += _length_checks(f)
    if f.choices:
        choice = "|".join(f.choices)
        pattern = re.compile(rf"(?:{choice})(?:\s*;\s*(?:{choice}))*" if f.several else choice)
        what = "must be several of (separated by ;)" if f.several else "must be one of"
        said = f"{what} {', '.join(f.choices)}"
        out.append(lambda text: None if pattern.fullmatch(text) else said)
    return tuple(out)


def _length_checks(f: Field) -> list[_Check]:
    low, high = f.min_length or 0, f.max_length
    if f.lengths:
        several = " or ".join(map(str, f.lengths))
        return [lambda text: None if len(text) in f.lengths else f"must have {several} characters"]
    if high is not None and low == high:
        return [lambda text: None if len(text) == high else f"must have {high} characters"]
    out: list[_Check] = []
    if high is not None:
        out.append(lambda text: f"is longer than {high} characters" if len(text) > high else None)
    if low > 1:
        out.append(lambda text: f"is shorter than {low} characters" if len(text) < low else None)
    return out


def _typed(f: Field, text: str) -> tuple[Any, str | None]:
    """The value in the field's type, or what is wrong with it."""
    value: Any
    match f.type:
        case "text":
            return text, None
        case "decimal":
            value = Decimal(text) + 0 if _DECIMAL.fullmatch(text) else None  # there is no -0 in a column
            value = value if value is not None and abs(value) < _LARGEST else None
        case "integer":
            value = int(text) if _INTEGER.fullmatch(text) and len(text.lstrip("+-0")) < 12 else None
            most = 10**f.max_length if f.max_length else 1 << 31
            value = value if value is not None and abs(value) < min(most, 1 << 31) else None
        case _:
            local = _local(text)
            # The limits of a time are days of UTC, as in a batch, which has its columns so.
            away = timedelta() if f.type == "date" else _LOCAL
            if local is not None and not _FIRST + away <= local < _LAST + away:
                return None, f"is not between {FIRST_DAY} and {LAST_DAY}"
            value = local
            if local is not None:
                value = local.date() if f.type == "date" else (local - _LOCAL).replace(tzinfo=UTC)
    return value, None if value is not None else value_reason(f, message=False)


def _local(text: str) -> datetime | None:
    """Wall time in UTC+8 of digits alone, or of ISO 8601 with or without a zone."""
    try:
        if _DIGITS.fullmatch(text):
            form = _FORMS.get(len(text))
            return datetime.strptime(text, form) if form else None
        found = _ISO.fullmatch(text)
        if found is None:
            return None
        day, minute, second, fraction, zone = found.groups()
        last = minute == "24:00"  # the midnight with which the day ends
        clock = datetime.fromisoformat(f"{day} {'00:00' if last or not minute else minute}:{second or '00'}")
        clock += timedelta(microseconds=int((fraction or "0")[:6].ljust(6, "0")))
        if last:
            if clock.time() != time():
                return None
            clock += timedelta(days=1)
        return clock if zone is None else clock - _away(zone) + _LOCAL
    except (ValueError, OverflowError):
        return None


def _away(zone: str) -> timedelta:
    """How far a zone is from UTC."""
    if zone in ("Z", "z"):
        return timedelta()
    digits = zone[1:].replace(":", "")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -away if zone[0] == "-" else away


def _keyed(kind: Kind, row: Mapping[str, Any], keys: Keys) -> dict[str, str | None]:
    """`<field>_key` of each personal field: of an id with its type, of an account with its platform."""
    out: dict[str, str | None] = {}
    for f in kind.personal_fields:
        raw = row.get(f.name)
        if raw is not None and f.personal == "id":
            kind_of_id = str(row.get(f.name.replace("IdNumber", "IdType")) or "").strip() or "1"
            raw = f"{kind_of_id}:{raw}"
        elif raw is not None and f.personal == "account":
            raw = f"{str(row.get('ebpCode') or '').strip()}|{raw}"
        form = normalise(str(f.personal), raw) if raw is not None else ""
        out[f"{f.name}_key"] = keys.key(str(f.personal), form) if form else None
    return out
