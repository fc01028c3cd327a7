"""Findings as they are read: the machine's result, the record, and a person's decision, side by side."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, case, select

from app.casebook.models import SEVERITIES, Finding, FindingHistory, Run
from app.errors import BadInputError


@dataclass(frozen=True)
class MaterialChange:
    """When a finding has changed so much that whoever it was handed to should hear of it."""

    members_overlap: float = 0.8  # Jaccard of the members, below which they are others
    evidence_growth: float = 0.25  # share by which the documents behind it grew


@dataclass(frozen=True)
class FindingRecord:
    """One finding with the field names of the rules page; `last_seen` and the others are ledger versions."""

    id: str
    rule: str
    rule_version: str
    parameters: dict[str, Any]
    window: int | None
    as_of: date
    ledger_version: int
    graph_version: dict[str, Any]
    subject: dict[str, str]
    members: list[dict[str, str]]
    severity: str
    score: float
    reason: dict[str, str]
    numbers: dict[str, dict[str, Any]]
    denominator: dict[str, int]
    evidence: dict[str, Any]
    query: str
    picture: str
    first_seen: int
    last_seen: int
    history: list[dict[str, Any]]
    present: bool
    decision: str
    snoozed_until: date | None
    materially_changed: bool

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values (dates as ISO text)."""
        plain = asdict(self)
        for name in ("as_of", "snoozed_until"):
            plain[name] = plain[name] and plain[name].isoformat()
        return plain


def materially_changed(
    before: dict[str, Any], now: dict[str, Any], limits: MaterialChange = MaterialChange()
) -> bool:
    """Whether `now` says materially more or other than `before` (two result parts of one finding)."""
    if SEVERITIES.index(now["severity"]) > SEVERITIES.index(before["severity"]):
        return True
    old, new = ({(part["kind"], part["key"]) for part in result["members"]} for result in (before, now))
    if old | new and len(old & new) / len(old | new) < limits.members_overlap:
        return True
    grown = now["evidence"]["count"] - before["evidence"]["count"]
    return bool(grown > 0 and grown >= limits.evidence_growth * before["evidence"]["count"])


def read_findings(
    connection: Connection,
    *,
    identity: str | None = None,
    rule: str | None = None,
    severity: str | None = None,
    since: int | None = None,
    present: bool | None = None,
    maturity: str = "live",
) -> list[FindingRecord]:
    """Findings that match, the gravest first, then by rule and score; see `Casebook.findings`."""
    query = select(Finding.__table__).where(Finding.maturity == maturity)
    for column, value in ((Finding.id, identity), (Finding.rule, rule), (Finding.present, present)):
        if value is not None:
            query = query.where(column == value)
    if severity is not None:
        if severity not in SEVERITIES:
            raise BadInputError(f"{severity!r} is no severity: give one of {', '.join(SEVERITIES)}.")
        query = query.where(Finding.severity.in_(SEVERITIES[SEVERITIES.index(severity) :]))
    if since is not None:
        query = query.where(
            Finding.id.in_(select(FindingHistory.finding).where(FindingHistory.ledger_version > since))
        )
    gravity = case({name: rank for rank, name in enumerate(SEVERITIES)}, value=Finding.severity)
    query = query.order_by(gravity.desc(), Finding.rule, Finding.score.desc(), Finding.id)
    rows = connection.execute(query).mappings().all()
    seen = {row.rule: row.ledger_version for row in connection.execute(select(Run.rule, Run.ledger_version))}
    history: dict[str, list[dict[str, Any]]] = defaultdict(list)
    events = select(FindingHistory.__table__).order_by(FindingHistory.finding, FindingHistory.number)
    if identity is not None:
        events = events.where(FindingHistory.finding == identity)
    for event in connection.execute(events).mappings():
        entry = {"ledger_version": event["ledger_version"], "change": event["change"]}
        history[event["finding"]].append(entry | {"detail": orjson.loads(event["detail"])})
    return [_record(dict(row), seen, history[row["id"]]) for row in rows]


def _record(row: dict[str, Any], seen: dict[str, int], history: list[dict[str, Any]]) -> FindingRecord:
    result = orjson.loads(row["result"])
    # An equal result writes nothing, so the last run of the rule says until when a present finding was seen.
    last_seen = max(row["last_seen"], seen.get(row["rule"], 0)) if row["present"] else row["last_seen"]
    baseline = row["baseline"]
    return FindingRecord(
        id=row["id"],
        rule=row["rule"],
        rule_version=row["rule_version"],
        parameters=orjson.loads(row["parameters"]),
        window=row["window_months"],
        as_of=row["as_of"],
        ledger_version=row["ledger_version"],
        graph_version=orjson.loads(row["graph_version"]),
        subject=result["subject"],
        members=result["members"],
        severity=result["severity"],
        score=result["score"],
        reason=result["reason"],
        numbers=result["numbers"],
        denominator=result["denominator"],
        evidence=result["evidence"],
        query=row["query"],
        picture=row["picture"],
        first_seen=row["first_seen"],
        last_seen=last_seen,
        history=history,
        present=row["present"],
        decision=row["decision"],
        snoozed_until=row["snoozed_until"],
        materially_changed=baseline is not None and materially_changed(orjson.loads(baseline), result),
    )
