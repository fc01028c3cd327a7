"""The contract in SQL: typed values, the text that is hashed, and the conditions under which a row is
refused."""

from dataclasses import dataclass

from loaders.contract.columns import BLANKS, Facts
from loaders.contract.model import Field, Kind

SEPARATOR = "\x1f"
_QUOTED_BLANKS = "'" + BLANKS + "'"
# xs:decimal with five places; zeros beyond them say nothing.
DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]{0,5}0*)?|\.[0-9]{1,5}0*)"
INTEGER = r"[+-]?[0-9]+"
_DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLOCK = r"[T ]([0-9]{2}:[0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
_ZONE = r"(Z|z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
ISO = rf"{_DATE}(?:{_CLOCK}\s*{_ZONE}?)?"
# Characters that XML cannot carry: a value with one has no equal among the messages.
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"


@dataclass(frozen=True)
class Check:
    """A condition (SQL, true where the row is refused) and what is said then of which field."""

    field: str
    condition: str
    reason: str


def quoted(name: str) -> str:
    """A column name in SQL."""
    return f'"{name}"'


def cleaned(column: str) -> str:
    """Text composed (NFC), line ends as XML has them, trimmed; empty is null."""
    lines = f"replace(replace({column}, chr(13) || chr(10), chr(10)), chr(13), chr(10))"
    return f"nullif(trim(nfc_normalize({lines}), {_QUOTED_BLANKS}), '')"


def typed(f: Field, known: Facts, *, message: bool) -> str:
    """The value of a cleaned text column in its type; null where it has none. Times are UTC, without a
    zone."""
    column = quoted(f.name)
    if f.type == "decimal":
        return f"try_cast({column} AS DECIMAL(19,5))"
    if f.type == "integer":
        return f"CASE WHEN regexp_full_match({column}, '{INTEGER}') THEN try_cast({column} AS INTEGER) END"
    local = _local(f, known, message=message)
    if f.type == "date":
        return f"CAST({local} AS DATE)"
    return f"{local} - INTERVAL 8 HOUR"


def _local(f: Field, known: Facts, *, message: bool) -> str:
    """Wall time in UTC+8 of the message form, or (flat rows) of ISO 8601 with or without a zone."""
    column = quoted(f.name)
    forms = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%g"}
    if known.digits and known.shortest == known.longest and known.longest in forms:
        return f"try_strptime({column}, '{forms[known.longest]}')"
    digits = " ".join(
        f"WHEN regexp_full_match({column}, '[0-9]{{{size}}}') THEN try_strptime({column}, '{form}')"
        for size, form in forms.items()
    )
    return f"CASE {digits} {'' if message else _iso(column)} END"


def _iso(column: str) -> str:
    def part(number: int) -> str:
        return f"regexp_extract({column}, '{ISO}', {number})"

    day, minute, second, fraction, zone = (part(number) for number in range(1, 6))
    clock = (
        f"{day} || ' ' || coalesce(nullif({minute}, ''), '00:00') || ':' "
        f"|| coalesce(nullif({second}, ''), '00') || '.' || rpad(left({fraction}, 6), 6, '0')"
    )
    hours = f"try_cast({zone}[2:3] AS INTEGER)"
    minutes = f"coalesce(try_cast(right(replace({zone}, ':', '')[4:], 2) AS INTEGER), 0)"
    away = f"to_minutes(CASE WHEN {zone}[1] = '-' THEN -1 ELSE 1 END * ({hours} * 60 + {minutes}))"
    instant = f"CASE WHEN {zone} IN ('Z', 'z') THEN INTERVAL 0 HOUR ELSE {away} END"
    return (
        f"WHEN regexp_full_match({column}, '{ISO}') THEN try_cast({clock} AS TIMESTAMP) + "
        f"CASE WHEN {zone} = '' THEN INTERVAL 0 HOUR ELSE INTERVAL 8 HOUR - ({instant}) END"
    )


def canonical(f: Field) -> str:
    """The text of a typed value that goes into the content hash; null where the value is."""
    value = quoted(f"typed_{f.name}")
    match f.type:
        case "text":
            return quoted(f.name)
        case "decimal":
            # Up to 13 digits before the point fit 64 bits, which print twice as fast, and the same.
            return f"coalesce(try_cast({value} AS DECIMAL(18,5))::VARCHAR, {value}::VARCHAR)"
        case "time":
            return f"epoch_us({value})::VARCHAR"
        case _:
            return f"{value}::VARCHAR"


def content_hash(kind: Kind, absent: frozenset[str]) -> str:
    """MD5 of the canonical business fields in the contract's order, each followed by U+001F; empty is
    null."""
    parts: list[str] = []
    gap = ""
    for f in kind.fields:
        if f.name not in absent:
            if gap:
                parts.append(f"'{gap}'")
                gap = ""
            parts.append(canonical(f))
        gap += SEPARATOR
    parts.append(f"'{gap}'")
    return f"md5(concat({', '.join(parts)}))"


def document_id(kind: Kind) -> str:
    """The identity's values joined by `|`, empty where there is none; times as wall time in UTC+8."""
    if not kind.fallback_identity:
        return _joined(kind, kind.identity)
    last = quoted(kind.identity[-1])
    return (
        f"CASE WHEN {last} IS NULL THEN {_joined(kind, kind.fallback_identity)} "
        f"ELSE {_joined(kind, kind.identity)} END"
    )


def _joined(kind: Kind, names: tuple[str, ...]) -> str:
    def value(name: str) -> str:
        f = kind.by_name[name]
        if f.type == "text":
            return quoted(name)
        if f.type == "time":
            return f"strftime({quoted('typed_' + name)} + INTERVAL 8 HOUR, '%Y%m%d%H%M%S%g')"
        return f"{quoted('typed_' + name)}::VARCHAR"

    if len(names) == 1:
        return value(names[0])
    return "concat(" + ", '|', ".join(value(name) for name in names) + ")"


def value_reason(f: Field, *, message: bool) -> str:
    """What is said of a value that has no typed form."""
    match f.type:
        case "decimal":
            return "is not a decimal number of at most 14 digits before and 5 after the point"
        case "integer":
            return "is not a whole number" + (f" of at most {f.max_length} digits" if f.max_length else "")
        case "date":
            return "is not a date (YYYYMMDD)" if message else "is not a date (YYYY-MM-DD or YYYYMMDD)"
        case _:
            form = "YYYYMMDDhhmmssSSS" if f.max_length == 17 else "YYYYMMDDhhmmss"
            return f"is not a time ({form})" if message else f"is not a time (ISO 8601 or {form})"


def shape_checks(f: Field, known: Facts, *, message: bool, plain: bool) -> list[Check]:
    """Conditions on the cleaned text that this column may meet, given what is known of all its values."""
    column = quoted(f.name)
    out: list[Check] = []
    if f.required and known.nulls and (message or not f.optional_when_flat):
        out.append(Check(f.name, f"{column} IS NULL", "is required"))
    if known.rows == known.nulls:
        return out
    if not known.clean and known.low < 0x20:
        out.append(Check(f.name, f"regexp_matches({column}, '{CONTROL}')", "holds a control character"))
    if f.type == "text" or (f.type in ("time", "date") and message):
        out += _length_checks(f, known)
    if f.choices:
        out.append(_choice_check(f))
    if f.type == "decimal" and not plain:
        wrong = f"{column} IS NOT NULL AND NOT regexp_full_match({column}, '{DECIMAL}')"
        out.append(Check(f.name, wrong, value_reason(f, message=message)))
    if f.type == "integer" and f.max_length and known.longest > f.max_length:
        large = f"abs({quoted('typed_' + f.name)}::BIGINT) >= {10**f.max_length}"
        out.append(Check(f.name, large, value_reason(f, message=message)))
    return out


def _length_checks(f: Field, known: Facts) -> list[Check]:
    column = quoted(f.name)
    low, high = f.min_length or 0, f.max_length
    if f.lengths and not (
        known.shortest == known.longest and known.high < 0x80 and known.longest in f.lengths
    ):
        several = " or ".join(map(str, f.lengths))
        return [Check(f.name, f"length({column}) NOT IN {f.lengths}", f"must have {several} characters")]
    too_long = high is not None and known.longest > high
    # A character has at most four bytes.
    too_short = low > 1 and (known.shortest < low or known.high >= 0x80)
    if high is not None and low == high and (too_long or too_short):
        return [Check(f.name, f"length({column}) <> {high}", f"must have {high} characters")]
    out = []
    if too_long:
        out.append(Check(f.name, f"length({column}) > {high}", f"is longer than {high} characters"))
    if too_short:
        out.append(Check(f.name, f"length({column}) < {low}", f"is shorter than {low} characters"))
    return out


def _choice_check(f: Field) -> Check:
    column, known = quoted(f.name), "|".join(f.choices)
    pattern = rf"(?:{known})(?:\s*;\s*(?:{known}))*" if f.several else known
    what = "must be several of (separated by ;)" if f.several else "must be one of"
    return Check(f.name, f"NOT regexp_full_match({column}, '{pattern}')", f"{what} {', '.join(f.choices)}")


def variant_checks(kind: Kind) -> list[Check]:
    """Receipts: what one message type requires of the shared table."""
    out = []
    for name, own in kind.variants.items():
        for f in own:
            column, of = quoted(f.name), f"{quoted('kind')} = '{name}'"
            if f.required and not kind.by_name[f.name].required:
                out.append(Check(f.name, f"{of} AND {column} IS NULL", f"is required in {name}"))
            if f.min_length == f.max_length and f.min_length != kind.by_name[f.name].min_length:
                out.append(
                    Check(
                        f.name,
                        f"{of} AND length({column}) <> {f.max_length}",
                        f"must have {f.max_length} characters",
                    )
                )
    return out


def group_check(kind: Kind) -> list[Check]:
    """At least one of several groups of columns."""
    if not kind.one_of:
        return []
    missing = ["(" + " OR ".join(f"{quoted(n)} IS NULL" for n in group) + ")" for group in kind.one_of]
    named = ", or ".join(" with ".join(group) for group in kind.one_of)
    return [Check(kind.one_of[0][0], " AND ".join(missing), f"is required: {named}")]
