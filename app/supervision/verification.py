"""The register of platforms: who was checked with what result, how long ago; what it sold; what was found."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb

from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.detection.strata import months_before
from app.detection.tally import Tallies
from app.errors import NotFoundError
from loaders.contract import KINDS
from loaders.ledger.ledger import Ledger

CHECKS = KINDS["platform_verifications"].by_name["check"].choices
"""The seven checks, in the order of the contract."""
STATES = ("never", "failed", "passed")
WINDOW_MONTHS = 12
"""The months of sales that a register tells of, as those of the rules do."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One of the seven checks: `state` is the latest result that is one (pass, fail), else the latest word
    (unknown, not_applicable), else never; the rest is of the check that it comes from (local time, UTC+8)."""

    check: str
    state: str
    checked_at: str | None = None
    age_days: int | None = None
    verification: str | None = None
    selection: str | None = None
    inspector: str | None = None
    observed: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Platform:
    """One platform as of a day; `age_days` since any of its checks last gave a result."""

    code: str
    name: str | None
    site: str | None
    state: str
    last_checked: date | None
    age_days: int | None
    window_sales: int
    first_sale: date | None
    last_sale: date | None
    checks: tuple[Check, ...]
    findings: tuple[Row, ...]
    """Findings that the data shows, of it or of a group with it: id, rule, severity, role, decision."""
    history: tuple[Row, ...] = ()
    """Every check, the newest first."""

    def as_dict(self, *, history: bool = False) -> Row:
        """Plain JSON values; days as ISO text."""
        plain = asdict(self)
        for name in ("last_checked", "first_sale", "last_sale"):
            plain[name] = plain[name] and plain[name].isoformat()
        if not history:
            del plain["history"]
        return plain


@dataclass(frozen=True)
class Register:
    """Every platform by code as of a day."""

    as_of: date
    platforms: Mapping[str, Platform]

    def where(self, *, state: str | None = None, older: int | None = None) -> list[Platform]:
        """Platforms in a state; whose last result is more than `older` days old, or that have none."""
        return [
            one
            for one in self.platforms.values()
            if (state is None or one.state == state)
            and (older is None or one.age_days is None or one.age_days > older)
        ]


def last_day(connection: duckdb.DuckDBPyConnection) -> date:
    """The last day of any sale or check; the first of 1970 where there is none."""
    row = connection.execute(read_sql("last_day")).fetchone()
    return row[0] if row is not None and row[0] is not None else date(1970, 1, 1)


def read_sql(name: str) -> str:
    """One statement of this package."""
    return files("app.supervision").joinpath("sql", f"{name}.sql").read_text("utf-8")


def tallies_on(connection: duckdb.DuckDBPyConnection, as_of: date) -> Tallies:
    """The tallies of the months up to a day."""
    return Tallies(connection, since=months_before(as_of, WINDOW_MONTHS), until=as_of)


def register(ledger: Ledger, casebook: Casebook, as_of: date | None = None) -> Register:
    """Every platform that a sale, a check or the register of enterprises names, as of a day.

    By default that is the last day of any sale or check.
    """
    with ledger.connect() as connection:
        day = as_of or last_day(connection)
        return read_register(tallies_on(connection, day), casebook.findings(), day)


def read_register(tallies: Tallies, findings: list[FindingRecord], as_of: date) -> Register:
    """The register from tallies that stand already. What the latest result of a check is, the tally of checks
    says, here as for the rules."""
    known = tallies.query(read_sql("platforms")).to_pylist()
    latest = {row["platform"]: row for row in tallies.table("platform_checks").to_pylist()}
    activity = {row["platform"]: row for row in tallies.table("platform_activity").to_pylist()}
    history: dict[str, list[Row]] = defaultdict(list)
    for row in tallies.query(read_sql("platform_history"), {"until": as_of}).to_pylist():
        history[row.pop("platform")].append(row)
    about = _findings_by_platform(findings)
    platforms = {}
    for row in known:
        code = row["code"]
        state = latest.get(code, {})
        checked = state.get("last_checked")
        sold = activity.get(code, {})
        platforms[code] = Platform(
            code=code,
            name=row["name"],
            site=row["site"],
            state="never" if not state else "failed" if state["failed"] else "passed",
            last_checked=checked,
            age_days=None if checked is None else (as_of - checked).days,
            window_sales=sold.get("window_sales", 0),
            first_sale=sold.get("first_sale"),
            last_sale=sold.get("last_sale"),
            checks=tuple(_check(name, state, history[code], as_of) for name in CHECKS),
            findings=tuple(about[code]),
            history=tuple({**one, "day": one["day"].isoformat()} for one in history[code]),
        )
    return Register(as_of, platforms)


def one_platform(ledger: Ledger, casebook: Casebook, code: str, as_of: date | None = None) -> Platform:
    """A platform with its history, by any code of the firm; NotFoundError for one that nobody names."""
    with ledger.connect() as connection:
        day = as_of or last_day(connection)
        tallies = tallies_on(connection, day)
        found = tallies.query("SELECT canonical FROM code_map WHERE code = $code", {"code": code}).to_pylist()
        canonical = found[0]["canonical"] if found else code
        platforms = read_register(tallies, casebook.findings(), day).platforms
    if canonical not in platforms:
        raise NotFoundError(
            f"There is no platform {code!r}: no sale, no check and no entry of the register names it."
        )
    return platforms[canonical]


def _check(name: str, latest: Mapping[str, Any], history: list[Row], as_of: date) -> Check:
    mine = [row for row in history if row["checked"] == name]
    state = mine[0]["result"] if mine else "never"
    for result, names in (("pass", "passed"), ("fail", "failed")):
        if name in (latest.get(names) or ()):
            state = result
    source = next((row for row in mine if row["result"] == state), None)
    if source is None:
        return Check(name, "never")
    return Check(
        check=name,
        state=state,
        age_days=(as_of - source["day"]).days,
        **{key: source[key] for key in
           ("checked_at", "verification", "selection", "inspector", "observed", "expected")},
    )  # fmt: skip


def _findings_by_platform(findings: list[FindingRecord]) -> dict[str, list[Row]]:
    about: dict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        parts = [("subject", finding.subject), *(("member", part) for part in finding.members)]
        told = {"id": finding.id, "rule": finding.rule, "severity": finding.severity}
        for role, part in parts:
            if part["kind"] == "Platform":
                about[part["key"]].append({**told, "role": role, "decision": finding.decision})
    return about
