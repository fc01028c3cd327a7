"""Rules whose precision is surely under their floor: proposed to run as shadows, for a person to decide."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select, update

from app.casebook.rule_life_models import PROPOSAL_STATES, RuleProposal
from app.casebook.store import Casebook
from app.casework.maturity import record
from app.casework.precision import precisions
from app.casework.precision_table import PrecisionVersion
from app.casework.said import checked, plain_day
from app.errors import BadInputError, NotFoundError

Row = dict[str, Any]


def propose(casebook: Casebook, table: PrecisionVersion, on: date) -> list[Row]:
    """Propose shadow for every live rule below its floor; gives the new proposals. Repeated, it changes
    nothing.

    A rule is not proposed again while a proposal waits, nor after a rejection until there are more outcomes
    of its version than the person had before him who rejected.
    """
    below = [row for row in precisions(casebook, table) if row["below"] and row["maturity"] == "live"]
    made = []
    with casebook.change(shown=False) as change:
        kept = _proposals(change.connection)
        for row in below:
            now = next(one for one in row["versions"] if one["version"] == row["version"])
            if _said(kept, row["rule"], row["version"], now["judged"]):
                continue
            newest = change.connection.execute(select(func.max(RuleProposal.number))).scalar_one()
            entry = {
                "number": int(newest or 0) + 1,
                "rule": row["rule"],
                "rule_version": row["version"],
                **{name: now[name] for name in ("right", "wrong", "low", "high", "level")},
                "floor": row["floor"],
                "minimum": row["minimum"],
                "version": table.version,
                "made_on": on,
                "state": "proposed",
                "decided_on": None,
                "decided_why": None,
                "decided_by": None,
            }
            change.put(RuleProposal, [entry], rule=row["rule"])
            made.append({**_plain(entry), "casebook_seq": change.seq})
    return made


def _said(kept: list[Row], rule: str, version: str, judged: int) -> bool:
    """Whether a proposal of a rule waits, or was rejected on as many outcomes of this version."""
    own = [one for one in kept if one["rule"] == rule]
    return any(
        one["state"] == "proposed"
        or (
            one["state"] == "rejected"
            and one["rule_version"] == version
            and one["right"] + one["wrong"] >= judged
        )
        for one in own
    )


def decide_proposal(casebook: Casebook, number: int, accept: bool, *, why: str, by: str, on: date) -> Row:
    """Accept a proposal, so that the rule runs as a shadow from the next detection on, or reject it.

    Gives the proposal, and what follows where it was accepted. Raises NotFoundError for an unknown number;
    BadInputError where it was decided before, or as `record` does: the rule may be live no more.
    """
    told = checked(by, why)
    with casebook.change(shown=False) as change:
        row = _one(change.connection, number)
        if row["state"] != "proposed":
            raise BadInputError(
                f"Proposal {number} was {row['state']} on {row['decided_on']} by {row['decided_by']} already."
            )
        follows: list[str] = []
        if accept:
            moved = record(change, row["rule"], "shadow", expected="live", on=on, proposal=number, **told)
            follows = moved["follows"]
        values = {
            "state": "accepted" if accept else "rejected",
            "decided_on": on,
            "decided_why": told["why"],
            "decided_by": told["by"],
        }
        change.connection.execute(update(RuleProposal).where(RuleProposal.number == number).values(values))
        change.written += 1
        return {**_one(change.connection, number), "casebook_seq": change.seq, "follows": follows}


def proposals(casebook: Casebook, state: str | None = None) -> list[Row]:
    """Every proposal, or those of one state, the earliest first; raises BadInputError for an unknown
    state."""
    if state is not None and state not in PROPOSAL_STATES:
        raise BadInputError(f"{state!r} is no state of a proposal: give one of {', '.join(PROPOSAL_STATES)}.")
    with casebook.read() as connection:
        return [one for one in _proposals(connection) if state in (None, one["state"])]


def _proposals(connection: Connection) -> list[Row]:
    query = select(RuleProposal.__table__).order_by(RuleProposal.number)
    return [_plain(dict(row)) for row in connection.execute(query).mappings()]


def _one(connection: Connection, number: int) -> Row:
    for row in _proposals(connection):
        if row["number"] == number:
            return row
    raise NotFoundError(f"There is no proposal {number}: `cluegraph rules proposals` lists them.")


def _plain(entry: Row) -> Row:
    return {**entry, "made_on": plain_day(entry["made_on"]), "decided_on": plain_day(entry["decided_on"])}
