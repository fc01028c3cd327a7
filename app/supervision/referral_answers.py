"""What was answered of each referral, what is open or overdue, and what that says of all its payments."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from app.casebook.store import Casebook
from app.detection.stratified import Stratum, estimate
from app.detection.tally import Tallies
from app.supervision.referrals import Row, items_of, read_sql, referral, referrals
from loaders.ledger.ledger import Ledger

SILENT = "says nothing"
_ASKED = ("referral", "number", "sale_id", "pay_code", "pay_number", "clearing_number")


@dataclass
class Answers:
    """Replies matched to referrals: a row of every reply, and the standing of the payments asked about.

    `of` maps (referral, number) to the results of its replies, the latest last; `standing` to the result that
    is known of the payment now, whichever referral brought it, where a reply says anything.
    """

    replies: list[Row] = field(default_factory=list)
    of: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    standing: dict[tuple[str, int], str] = field(default_factory=dict)


def answers(ledger: Ledger, casebook: Casebook) -> Answers:
    """Every reply of the payment authority with the payments that it answers, as the stores stand now."""
    items = items_of(casebook)
    companies = {row["id"]: row["company"] for row in referrals(casebook)}
    rows = [{**item, "sale_id": item["sale"]} for item in items]
    number = {"number": pa.int64()}
    asked = pa.table(
        {name: pa.array([row[name] for row in rows], number.get(name, pa.string())) for name in _ASKED}
    )
    with ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=date.max)
        connection.register("asked", asked)
        matched = connection.sql(read_sql("referral_answers")).to_arrow_table().to_pylist()
        told = tallies.table("payment_replies").to_pylist()
    result = Answers()
    payments = {(row["platform"], row["company"], row["number"]): row["result"] for row in told}
    for item in items:
        numbers = (item["pay_number"], item["clearing_number"])
        keys = [(item["platform"], companies[item["referral"]], number) for number in numbers]
        found = [payments[key] for key in keys if key in payments]
        if found:
            result.standing[item["referral"], item["number"]] = found[0]
    by_reply: dict[str, Row] = {}
    for row in matched:
        one = by_reply.setdefault(row["verification"], _reply(row, companies.keys()))
        if row["referral"] is not None:
            one["answers"].append({"referral": row["referral"], "number": row["number"]})
            result.of[row["referral"], row["number"]].append(row["result"])
    result.replies = list(by_reply.values())
    return result


def _reply(row: Row, known: Collection[str]) -> Row:
    """One reply as it is listed: `payment` says whether anything that was declared has its number."""
    named = row["names"]
    return {
        "id": row["verification"],
        "company": row["pay_code"],
        "result": row["result"],
        "replied_at": row["replied_at"].isoformat(),
        "payment": "known" if row["known"] else "not known yet",
        "names": named,
        "referral": None if named is None else "known" if named in known else "unknown",
        "answers": [],
    }


def progress(ledger: Ledger, casebook: Casebook, today: date, reference: str | None = None) -> list[Row]:
    """Referrals (one, or all, the newest first) with what came back until now.

    Adds `answered` (payments with any reply), `open`, `overdue` (open after the day when answers are due),
    `results` (what is known of the answered ones, by result), `status` and `estimate`: the share of refuted
    payments among all that the referral stands for, with its interval. Raises NotFoundError for a reference
    that there is none of.
    """
    heads = referrals(casebook) if reference is None else [referral(casebook, reference)]
    came = answers(ledger, casebook)
    items: dict[str, list[Row]] = defaultdict(list)
    for item in items_of(casebook, reference):
        items[item["referral"]].append(item)
    return [_progress(head, items[head["id"]], came, today) for head in heads]


def _progress(head: Row, items: list[Row], came: Answers, today: date) -> Row:
    states = {item["number"]: item_state(item, came) for item in items}
    answered = sum(state != "open" for state in states.values())
    rest = len(items) - answered
    sure = estimate(_strata(head, items, states), level=head["parameters"]["level"])
    return {
        **head,
        "answered": answered,
        "open": rest,
        "overdue": rest if today > date.fromisoformat(head["due"]) else 0,
        "results": dict(sorted(Counter(state for state in states.values() if state != "open").items())),
        "status": _status(head, answered, rest),
        "estimate": {name: getattr(sure, name) for name in ("share", "low", "high", "covered")},
    }


def item_state(item: Row, came: Answers) -> str:
    """`open`, or the result that stands; SILENT where no reply about the payment says anything."""
    key = item["referral"], item["number"]
    if not came.of.get(key):
        return "open"
    return came.standing.get(key, SILENT)


def _status(head: Row, answered: int, rest: int) -> str:
    if not rest:
        return "answered"
    if answered:
        return "partly answered"
    return "exported" if head["exports"] else "drawn"


def _strata(head: Row, items: Iterable[Row], states: dict[int, str]) -> list[Stratum]:
    told: dict[str, list[str]] = defaultdict(list)
    for item in items:
        told[item["stratum"]].append(states[item["number"]])
    strata = []
    for name, counts in head["strata"].items():
        said = [state for state in told[name] if state not in ("open", SILENT)]
        refuted = sum(state != "genuine" for state in said)
        strata.append(Stratum(counts["payments"], len(said), refuted))
    return strata


def items_with_answers(ledger: Ledger, casebook: Casebook, reference: str) -> list[dict[str, Any]]:
    """Payments of a referral, each with the state of its answer; raises NotFoundError."""
    referral(casebook, reference)
    came = answers(ledger, casebook)
    return [{**item, "state": item_state(item, came)} for item in items_of(casebook, reference)]
