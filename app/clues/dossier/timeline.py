"""When it happened: sales behind findings by day, week, month or year, and what became of the findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from app.casebook.findings import FindingRecord
from app.clues.dossier.tax import CNY
from app.handout import Table
from app.local_time import LOCAL

_MOST_BARS = 40
_CHANGES = {
    "found": ("发现", "found"),
    "changed": ("变化", "changed"),
    "gone": ("不再显示", "no longer shown by the data"),
    "returned": ("再次出现", "shown again"),
}


@dataclass(frozen=True)
class Span:
    """Sales of one period: its first day, how many, and what was paid for those in CNY."""

    first: date
    sales: int
    paid: Decimal


@dataclass(frozen=True)
class Event:
    """Something that happened to a finding, on the day of the load that brought it about."""

    day: date
    finding: str
    ledger_version: int
    zh: str
    en: str


@dataclass(frozen=True)
class Timeline:
    """`unit` is day, week, month or year; spans without a sale are there; `undated` sales are in none."""

    unit: str
    spans: list[Span]
    events: list[Event]
    undated: int

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON: money is text, days are ISO 8601."""
        return {
            "unit": self.unit,
            "sales": [
                {"from": one.first.isoformat(), "sales": one.sales, "paid": str(one.paid)}
                for one in self.spans
            ],
            "sales_without_a_day": self.undated,
            "findings": [
                {"day": one.day.isoformat(), "finding": one.finding, "ledger_version": one.ledger_version}
                | {"what": {"zh": one.zh, "en": one.en}}
                for one in self.events
            ],
        }


def timeline(findings: Iterable[FindingRecord], sales: Table, loads: Mapping[int, date]) -> Timeline:
    """Sales by the day they were paid, else declared, else of their last document; days of Asia/Shanghai.

    `loads` gives the day of each load.
    """
    place = {name: number for number, name in enumerate(sales.columns)}
    days: list[tuple[date, Decimal]] = []
    for row in sales.rows:
        told = row[place["paid_at"]] or row[place["declared_on"]] or row[place["last_day"]]
        paid = row[place["order_paid"]] if row[place["currency"]] in (None, CNY) else None
        if told is not None:
            days.append((date.fromisoformat(told[:10]), Decimal(paid or 0)))
    unit, spans = _spans(days)
    events = sorted(
        (_event(finding, entry, loads) for finding in findings for entry in finding.history),
        key=lambda one: (one.day, one.ledger_version, one.finding, one.en),
    )
    return Timeline(unit, spans, events, len(sales.rows) - len(days))


def days_of_loads(connection: duckdb.DuckDBPyConnection) -> dict[int, date]:
    """Ledger version → day of its load, where it is known; `connection` shows a ledger."""
    rows = connection.execute('SELECT load_seq, "at" FROM loads ORDER BY load_seq').fetchall()
    return {int(number): at.astimezone(LOCAL).date() for number, at in rows if at is not None}


def _event(finding: FindingRecord, entry: Mapping[str, Any], loads: Mapping[int, date]) -> Event:
    version = entry["ledger_version"]
    zh, en = _CHANGES.get(entry["change"], (entry["change"], entry["change"]))
    # Where nobody knows when a load was, the last day that the finding looked at stands for it.
    return Event(loads.get(version, finding.as_of), finding.id, version, zh, en)


def _spans(days: list[tuple[date, Decimal]]) -> tuple[str, list[Span]]:
    if not days:
        return "day", []
    first, last = min(days)[0], max(days)[0]
    unit = next(
        (name for name, length in (("day", 1), ("week", 7), ("month", 28)) if _fits(first, last, length)),
        "year",
    )
    counts: dict[date, int] = defaultdict(int)
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for day, paid in days:
        counts[_start(day, unit)] += 1
        sums[_start(day, unit)] += paid
    spans, at = [], _start(first, unit)
    while at <= last:
        spans.append(Span(at, counts[at], sums[at]))
        at = _next(at, unit)
    return unit, spans


def _fits(first: date, last: date, length: int) -> bool:
    return (last - first).days / length < _MOST_BARS


def _start(day: date, unit: str) -> date:
    match unit:
        case "week":
            return day - timedelta(day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _next(start: date, unit: str) -> date:
    match unit:
        case "week":
            return start + timedelta(7)
        case "month":
            return (start + timedelta(32)).replace(day=1)
        case "year":
            return start.replace(year=start.year + 1)
    return start + timedelta(1)
