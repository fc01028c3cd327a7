"""Warnings: what changed in live findings so that somebody should hear of it, in the order of the casebook.

A warning is a row of a finding's history: it is new, changed materially, gone, or back. Its id is text whose
order is that in which warnings came, and never changes.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Select, func, select, tuple_

from app.casebook.models import SEVERITIES, Finding, FindingHistory
from app.errors import BadInputError

BEGINNING: Final = "0000000000..00000"
"""Before the first warning."""
_ID = re.compile(r"(\d{10})\.([a-z0-9-]{0,32})\.(\d{5})")
_LARGEST = (1 << 31) - 1
_PLACE = (FindingHistory.casebook_seq, FindingHistory.finding, FindingHistory.number)


@dataclass(frozen=True)
class Warning:
    """One warning. `change` is found, changed, gone or returned, `severity` the one after it; `detail` says
    what changed, `reason` is the finding's as it stands now; subject is {kind, key, name}, persons masked."""

    id: str
    finding: str
    rule: str
    change: str
    severity: str
    subject: dict[str, str]
    reason: dict[str, str]
    ledger_version: int
    detail: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)


def read_warnings(
    connection: Connection,
    *,
    after: str = BEGINNING,
    severity: str | None = None,
    rule: str | None = None,
    limit: int,
) -> list[Warning]:
    """At most `limit` warnings after one of them, the earliest first: of a severity or graver, of a rule.

    Raises BadInputError for an id that is none and an unknown severity.
    """
    columns = (*_PLACE, FindingHistory.change, FindingHistory.severity, FindingHistory.detail)
    told = select(*columns, FindingHistory.ledger_version, Finding.rule, Finding.result)
    asked: Select[Any] = _matching(told, after, severity, rule).order_by(*_PLACE).limit(limit)
    return [_warning(dict(row)) for row in connection.execute(asked).mappings()]


def count_warnings(
    connection: Connection, *, after: str = BEGINNING, severity: str | None = None, rule: str | None = None
) -> int:
    """How many `read_warnings` would give without a limit."""
    asked = _matching(select(func.count()), after, severity, rule)
    return int(connection.execute(asked).scalar_one())


def latest(connection: Connection) -> str:
    """Id of the last change of any finding: what comes after it is new."""
    newest = select(*_PLACE).order_by(*(column.desc() for column in _PLACE)).limit(1)
    row = connection.execute(newest).first()
    return BEGINNING if row is None else _identity(*row)


def page_after(
    connection: Connection, after: str, *, severity: str | None, rule: str | None, limit: int
) -> tuple[list[Warning], str]:
    """A page of warnings after one, and after what to go on: the last of a full page, else all there is."""
    newest = latest(connection)
    if after == newest:
        return [], after
    found = read_warnings(connection, after=after, severity=severity, rule=rule, limit=limit)
    return found, found[-1].id if len(found) == limit else newest


def check_filters(severity: str | None, after: str | None = None) -> None:
    """Raises BadInputError for an unknown severity, and an id that is none."""
    if severity is not None and severity not in SEVERITIES:
        raise BadInputError(f"{severity!r} is no severity: give one of {', '.join(SEVERITIES)}.")
    if after is not None:
        _place(after)


def _matching(asked: Any, after: str, severity: str | None, rule: str | None) -> Any:
    check_filters(severity)
    asked = asked.select_from(FindingHistory).join(Finding, Finding.id == FindingHistory.finding)
    asked = asked.where(Finding.maturity == "live", FindingHistory.material, tuple_(*_PLACE) > _place(after))
    if severity is not None:
        graver = SEVERITIES[SEVERITIES.index(severity) :]
        asked = asked.where(FindingHistory.severity.in_(graver))
    return asked if rule is None else asked.where(Finding.rule == rule)


def _place(identity: str) -> tuple[int, str, int]:
    found = _ID.fullmatch(identity)
    if found is None or int(found[1]) > _LARGEST:
        raise BadInputError("That is no id of a warning: take it from a warning, unchanged.")
    return int(found[1]), found[2], int(found[3])


def _identity(seq: int, finding: str, number: int) -> str:
    return f"{seq:010}.{finding}.{number:05}"


def _warning(row: dict[str, Any]) -> Warning:
    result = orjson.loads(row["result"])
    detail = orjson.loads(row["detail"])
    # Thousands may have joined a community: the finding lists them.
    told = {name: len(part) if isinstance(part, list) else part for name, part in detail.items()}
    return Warning(
        id=_identity(row["casebook_seq"], row["finding"], row["number"]),
        finding=row["finding"],
        rule=row["rule"],
        change=row["change"],
        severity=row["severity"] or result["severity"],
        subject=result["subject"],
        reason=result["reason"],
        ledger_version=row["ledger_version"],
        detail=told,
    )
