"""Every indicator of every enterprise in every role, counted once for all: a few statements, then arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from app.detection.significance import Floats, Ints, jeffreys
from app.detection.tally import Tallies
from app.supervision.indicators import ROLES, SOURCES, Indicator, column_of, indicators
from app.supervision.suspicions import Suspicions, rank_of

Bools = npt.NDArray[np.bool_]
Key = tuple[str, str]  # role, code
_YEAR = 365.2425


@dataclass(frozen=True)
class Period:
    """The days of a portrait, both included, and the day from which it looks at the register."""

    first: date
    last: date
    on: date

    @property
    def since(self) -> date:
        """The day before the first."""
        return self.first - date.resolution


@dataclass(frozen=True)
class Measured:
    """One indicator of the enterprises of a role (arrays of their number).

    `value` is not a number where there is none; `judged` is the denominator, -1 where nothing can be said;
    `found` what counts of it; `low` and `high` bound the value (both the value where it has no interval).
    """

    value: Floats
    found: Ints
    judged: Ints
    low: Floats
    high: Floats


@dataclass(frozen=True)
class RoleMeasures:
    """The enterprises of a role: codes (sorted), who was active in the period, each indicator's numbers."""

    codes: list[str]
    active: Bools
    measured: dict[str, Measured]
    turnover: list[Decimal]


def sql(name: str) -> str:
    """Text of a statement of this package."""
    return files("app.supervision").joinpath(f"sql/{name}.sql").read_text("utf-8")


def register_on(tallies: Tallies, on: date) -> dict[str, dict[str, Any]]:
    """The latest state of each enterprise in the register as it stood on a day, by code."""
    return {row["key"]: row for row in tallies.query(sql("register"), {"on": on}).to_pylist()}


def control_of(tallies: Tallies, on: date, flagged: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Flagged enterprises that share control with another, and by what, by the other's code."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in tallies.query(sql("control"), {"on": on, "flagged": flagged}).to_pylist():
        out.setdefault(row["key"], []).append({"other": row["other"], "shared": row["shared"]})
    return out


def measure(
    tallies: Tallies, period: Period, found: Suspicions, grave_from: str, level: float
) -> tuple[dict[str, RoleMeasures], dict[str, dict[str, Any]]]:
    """Measures by role, and the register by code; `level` is that of the intervals."""
    for source in (*SOURCES, "first_sales"):
        tallies.keep(source)
    flagged = found.flagged(grave_from)
    register = register_on(tallies, period.on)
    counts = _Counts(
        activity={(row["role"], row["key"]): row for row in tallies.query(sql("activity")).to_pylist()},
        shares=_shares(tallies),
        partners={
            (row["role"], row["key"]): row
            for row in tallies.query(sql("partners"), {"flagged": flagged}).to_pylist()
        },
        register=register,
        control=control_of(tallies, period.on, flagged),
        found=found,
        grave_from=grave_from,
        period=period,
        level=level,
    )
    return {role: counts.role(role) for role in ROLES}, register


def _shares(tallies: Tallies) -> dict[str, dict[Key, tuple[int, int]]]:
    """Indicator → (role, code) → (counted, judged), a statement for each source."""
    out: dict[str, dict[Key, tuple[int, int]]] = {}
    for source, (_, _, roles) in SOURCES.items():
        flags = {
            name: one.flag
            for name, one in indicators().indicators.items()
            if one.source == source and one.measure in ("share", "rate")
        }
        columns = [column_of(role) for role in roles]
        counts = [
            f"count(*) FILTER (WHERE {name}) AS {name}_found, count({name}) AS {name}_judged"
            for name in flags
        ]
        sums = [
            f"CAST(sum({name}_{part}) AS BIGINT) AS {name}_{part}"
            for name in flags
            for part in ("found", "judged")
        ]
        parts = {
            "SOURCE": source,
            "COLUMNS": ", ".join(columns),
            "FLAGS": ", ".join(f"{flag} AS {name}" for name, flag in flags.items()),
            "COUNTS": ", ".join(counts),
            "SUMS": ", ".join(sums),
            "ROLES": ", ".join(f"{column_of(role)} AS {role}" for role in roles),
        }
        statement = sql("shares")
        for part, text in parts.items():
            statement = statement.replace(f"<{part}>", text)
        rows = tallies.query(statement).to_pylist()
        for name in flags:
            out[name] = {
                (row["role"], row["key"]): (row[f"{name}_found"], row[f"{name}_judged"]) for row in rows
            }
    return out


@dataclass(frozen=True)
class _Counts:
    """What the statements gave, and how each measure is made from it."""

    activity: Mapping[Key, dict[str, Any]]
    shares: Mapping[str, Mapping[Key, tuple[int, int]]]
    partners: Mapping[Key, dict[str, Any]]
    register: Mapping[str, dict[str, Any]]
    control: Mapping[str, list[dict[str, Any]]]
    found: Suspicions
    grave_from: str
    period: Period
    level: float

    def role(self, role: str) -> RoleMeasures:
        """All indicators of a role, of whoever took part, is registered, or is named in it."""
        named = {code for of, code in self.activity if of == role}
        named |= {code for counts in self.shares.values() for of, code in counts if of == role}
        named |= {code for code, row in self.register.items() if role in row["roles"].split(";")}
        codes = sorted(named)
        active = [(role, code) in self.activity for code in codes]
        return RoleMeasures(
            codes,
            np.array(active, dtype=np.bool_),
            {
                name: getattr(self, f"_{one.measure}")(name, one, role, codes)
                for name, one in indicators().indicators.items()
            },
            [
                self.activity[role, code]["amount"] if on else Decimal(0)
                for code, on in zip(codes, active, strict=True)
            ],
        )

    def _share(self, name: str, one: Indicator, role: str, codes: list[str]) -> Measured:
        pairs = [self.shares[name].get((role, code), (0, 0)) for code in codes]
        return self._measured([pair[0] for pair in pairs], [pair[1] for pair in pairs], one.interval)

    def _rate(self, name: str, one: Indicator, role: str, codes: list[str]) -> Measured:
        events = [self.shares[name].get((role, code), (0, 0))[0] for code in codes]
        return self._measured(events, self._sales(role, codes), one.interval)

    def _partners(self, _name: str, one: Indicator, role: str, codes: list[str]) -> Measured:
        rows = [self.partners.get((role, code), {"found": 0, "judged": 0}) for code in codes]
        judged = [row["judged"] if self._judgeable else -1 for row in rows]
        return self._measured([row["found"] for row in rows], judged, one.interval)

    def _months(self, _name: str, _one: Indicator, role: str, codes: list[str]) -> Measured:
        seen = [self.activity.get((role, code)) for code in codes]
        judged = [0 if row is None else self._months_since(row["first_date"]) for row in seen]
        return self._measured([0 if row is None else row["months"] for row in seen], judged, "none")

    def _count(self, _name: str, _one: Indicator, role: str, codes: list[str]) -> Measured:
        sales = self._sales(role, codes)
        return _plain([float(n) for n in sales], sales, sales)

    def _amount(self, _name: str, _one: Indicator, role: str, codes: list[str]) -> Measured:
        sales = self._sales(role, codes)
        amounts = [
            float(self.activity[role, code]["amount"]) if n else 0.0
            for code, n in zip(codes, sales, strict=True)
        ]
        return _plain(amounts, sales, sales)

    def _register(self, _name: str, one: Indicator, _role: str, codes: list[str]) -> Measured:
        def told(code: str) -> float | None:
            row = self.register.get(code)
            if row is None:
                return None
            if one.flag == "age":
                since = row["registered_at"]
                return None if since is None else max((self.period.on - since).days, 0) / _YEAR
            return None if row["capital"] is None else float(row["capital"])

        values = [told(code) for code in codes]
        known = [int(value is not None) for value in values]
        return _plain([np.nan if value is None else value for value in values], known, known)

    def _findings(self, _name: str, one: Indicator, _role: str, codes: list[str]) -> Measured:
        ranks = [[told.rank for told in self.found.about.get(code, [])] for code in codes]
        if one.flag == "gravest":
            values = [max(own, default=0) for own in ranks]
        else:
            values = [sum(rank >= rank_of(self.grave_from) for rank in own) for own in ranks]
        return _plain([float(n) for n in values], values, self._said(codes))

    def _control(self, _name: str, _one: Indicator, _role: str, codes: list[str]) -> Measured:
        values = [len(self.control.get(code, [])) for code in codes]
        known = [n if code in self.register else -1 for code, n in zip(codes, self._said(codes), strict=True)]
        return _plain([float(n) for n in values], values, known)

    @property
    def _judgeable(self) -> bool:
        return self.found.ledger_version is not None

    def _said(self, codes: list[str]) -> list[int]:
        return [1 if self._judgeable else -1 for _ in codes]

    def _sales(self, role: str, codes: list[str]) -> list[int]:
        return [self.activity.get((role, code), {"sales": 0})["sales"] for code in codes]

    def _months_since(self, first_sale: date) -> int:
        first, last = max(first_sale, self.period.first), self.period.last
        return (last.year - first.year) * 12 + last.month - first.month + 1

    def _measured(self, found: list[int], judged: list[int], interval: str) -> Measured:
        x, n = np.array(found, dtype=np.int64), np.array(judged, dtype=np.int64)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(n > 0, x / np.maximum(n, 1), np.nan)
        if interval == "none":
            return Measured(value, x, n, value, value)
        # More reports than sales are as bad as one for each.
        low, high = jeffreys(np.minimum(x, np.maximum(n, 0)), np.maximum(n, 0), level=self.level)
        some = n > 0
        return Measured(value, x, n, np.where(some, low, np.nan), np.where(some, high, np.nan))


def _plain(values: list[float], found: list[int], judged: list[int]) -> Measured:
    value = np.array(values, dtype=np.float64)
    return Measured(value, np.array(found, dtype=np.int64), np.array(judged, dtype=np.int64), value, value)
