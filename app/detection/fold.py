"""Folding the results of a run into the casebook: what is new, what changed, what went, what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, insert, select, update

from app.casebook.canonical import canonical
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


def fold(change: Change, rule: str, fresh: Mapping[str, dict[str, Any]], ledger_version: int) -> Folded:
    """Bring the findings of one rule up to a run.

    `fresh`: id → columns of the findings table that the machine owns (result as canonical JSON). An equal
    result writes nothing; a finding that the run no longer shows stays, with present = false; decisions are
    not touched.
    """
    told = Folded()
    columns = [Finding.id, Finding.present, *(getattr(Finding, name) for name in COMPARED)]
    rows = change.connection.execute(select(*columns).where(Finding.rule == rule)).mappings()
    old = {row["id"]: dict(row) for row in rows}
    for identity, values in sorted(fresh.items()):
        before = old.get(identity)
        if before is None:
            seen = {
                "id": identity,
                "first_seen": ledger_version,
                "last_seen": ledger_version,
                "present": True,
            }
            change.connection.execute(insert(Finding).values({"decision": "open", **seen, **values}))
            _remember(change, identity, ledger_version, "found", _what(None, values["result"]))
            told.new += 1
        elif _same(before, values):
            told.equal += 1
        else:
            kind = "changed" if before["present"] else "returned"
            told.changed += kind == "changed"
            told.back += kind == "returned"
            _update(change, identity, {**values, "present": True, "last_seen": ledger_version})
            _remember(change, identity, ledger_version, kind, _what(before["result"], values["result"]))
    for identity in sorted(old.keys() - fresh.keys()):
        if old[identity]["present"]:
            _update(change, identity, {"present": False})
            _remember(change, identity, ledger_version, "gone", {})
            told.gone += 1
    return told


def _same(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return bool(before["present"]) and all(before[name] == values[name] for name in COMPARED)


def _update(change: Change, identity: str, values: dict[str, Any]) -> None:
    change.connection.execute(update(Finding).where(Finding.id == identity).values(values))
    change.written += 1


def _remember(change: Change, identity: str, ledger_version: int, kind: str, detail: dict[str, Any]) -> None:
    number = change.connection.execute(
        select(func.coalesce(func.max(FindingHistory.number), 0) + 1).where(
            FindingHistory.finding == identity
        )
    ).scalar_one()
    row = {
        "finding": identity,
        "number": number,
        "ledger_version": ledger_version,
        "casebook_seq": change.seq,
        "change": kind,
        "detail": canonical(detail),
    }
    change.connection.execute(insert(FindingHistory).values(row))
    change.written += 1


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
