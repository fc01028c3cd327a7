"""Folding the results of a run into the casebook: what is new, what changed, what went, what came back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Insert, Update, bindparam, func, insert, select, update

from app.casebook.canonical import canonical
from app.casebook.findings import materially_changed
from app.casebook.models import SEVERITIES, Finding, FindingHistory
from app.casebook.store import Change

COMPARED = ("result", "rule_version", "parameters", "maturity")
"""Columns in which an equal finding is equal."""


@dataclass
class Folded:
    """How many findings of a rule are new, changed, equal, gone and back."""

    new: int = 0
    changed: int = 0
    equal: int = 0
    gone: int = 0
    back: int = 0


def fold(
    change: Change,
    rule: str,
    fresh: Mapping[str, dict[str, Any]],
    ledger_version: int,
    subjects: Collection[str] | None = None,
) -> Folded:
    """Bring the findings of one rule up to a run.

    `fresh`: id → columns of the findings table that the machine owns (result as canonical JSON). An equal
    result writes nothing; a finding that the run no longer shows stays, with present = false; decisions are
    not touched. With `subjects` the run was about these keys alone, and says nothing of others.
    """
    told = Folded()
    numbers = (
        select(FindingHistory.finding, func.max(FindingHistory.number).label("number"))
        .join(Finding, Finding.id == FindingHistory.finding)
        .where(Finding.rule == rule)
        .group_by(FindingHistory.finding)
        .subquery()
    )
    columns = [
        Finding.id,
        Finding.subject_key,
        Finding.present,
        Finding.severity,
        *(getattr(Finding, name) for name in COMPARED),
    ]
    asked = (
        select(*columns, func.coalesce(numbers.c.number, 0).label("number"))
        .join(numbers, numbers.c.finding == Finding.id, isouter=True)
        .where(Finding.rule == rule)
    )
    old = {
        row["id"]: dict(row)
        for row in change.connection.execute(asked).mappings()
        if subjects is None or row["subject_key"] in subjects
    }
    new: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []

    def remember(identity: str, kind: str, detail: dict[str, Any], severity: str, material: bool) -> None:
        number = old[identity]["number"] + 1 if identity in old else 1
        row = {"finding": identity, "number": number, "change": kind, "detail": canonical(detail)}
        row |= {"severity": severity, "material": material}
        history.append({**row, "ledger_version": ledger_version, "casebook_seq": change.seq})

    for identity, values in sorted(fresh.items()):
        before = old.get(identity)
        if before is None:
            seen = {"first_seen": ledger_version, "last_seen": ledger_version, "present": True}
            new.append({"id": identity, "decision": "open", **seen, **values})
            remember(identity, "found", _what(None, values["result"]), values["severity"], True)
            told.new += 1
        elif _same(before, values):
            told.equal += 1
        else:
            kind = "changed" if before["present"] else "returned"
            told.changed += kind == "changed"
            told.back += kind == "returned"
            shown.append({"row": identity, **values, "present": True, "last_seen": ledger_version})
            results = orjson.loads(before["result"]), orjson.loads(values["result"])
            material = kind == "returned" or before["maturity"] != "live" or materially_changed(*results)
            remember(identity, kind, _what(before["result"], values["result"]), values["severity"], material)
    for identity in sorted(old.keys() - fresh.keys()):
        if old[identity]["present"]:
            gone.append({"row": identity, "present": False})
            remember(identity, "gone", {}, old[identity]["severity"], True)
            told.gone += 1
    _write(change, insert(Finding), new)
    for rows in (shown, gone):
        _write(change, update(Finding).where(Finding.id == bindparam("row")), rows)
    _write(change, insert(FindingHistory), history)
    change.written += len(shown) + len(gone) + len(history)
    return told


def _write(change: Change, statement: Insert | Update, rows: list[dict[str, Any]]) -> None:
    """Every row in one statement: a rule about consumers finds thousands."""
    if rows:
        change.connection.execute(statement, rows)


def _same(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return bool(before["present"]) and all(before[name] == values[name] for name in COMPARED)


def _what(before: str | None, now: str) -> dict[str, Any]:
    """What changed between two results: severity, members, number of documents, numbers."""
    new = orjson.loads(now)
    if before is None:
        return {
            "severity": new["severity"],
            "evidence": new["evidence"]["count"],
            "members": len(new["members"]),
        }
    old = orjson.loads(before)
    detail: dict[str, Any] = {}
    if old["severity"] != new["severity"]:
        rose = SEVERITIES.index(new["severity"]) > SEVERITIES.index(old["severity"])
        detail["severity"] = {"from": old["severity"], "to": new["severity"], "rose": rose}
    members = [{part["key"] for part in result["members"]} for result in (old, new)]
    for name, keys in (("joined", members[1] - members[0]), ("left", members[0] - members[1])):
        if keys:
            detail[name] = sorted(keys)
    if old["evidence"]["count"] != new["evidence"]["count"]:
        detail["evidence"] = {"from": old["evidence"]["count"], "to": new["evidence"]["count"]}
    numbers = {
        name: {"from": old["numbers"].get(name, {}).get("value"), "to": number["value"]}
        for name, number in new["numbers"].items()
        if old["numbers"].get(name) != number
    }
    if numbers:
        detail["numbers"] = numbers
    return detail
