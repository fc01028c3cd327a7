"""Proposals to raise or lower a rate by the effect of the measures: made, decided by a person, all kept."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, select, update

from app.casebook.canonical import canonical
from app.casebook.instants import written
from app.casebook.measure_models import PROPOSAL_STATES, MeasureProposal
from app.casebook.store import Casebook
from app.detection.significance import poisson_interval
from app.errors import BadInputError, NotFoundError
from app.local_time import LOCAL
from app.supervision.effect import Effect, Yield
from app.supervision.measure_changes import in_force_on, with_rate
from app.supervision.measure_table import MEASURES, MeasureTable
from app.supervision.persons import named, said
from app.supervision.risk_weights import MeasureName
from app.supervision.scorecard import CLASSES

Row = dict[str, Any]
DECISIONS = {"accept": "accepted", "reject": "rejected"}
_PROPOSED = "proposed"
_STEP = Decimal("0.000001")
_LONGEST_WHY = 1000
_FARTHEST = 366
"""Days until an accepted change may wait."""


def propose(
    casebook: Casebook, told: Effect, *, by: str, at: datetime, file: Path | None = None
) -> list[Row]:
    """Keep what the effect asks to change of the measures in force on the day of `at`; returns what is open.

    The same effect proposes nothing twice, whatever was decided; a new proposal for a rate takes the place of
    an open one, which is then superseded. Raises BadInputError for nobody's name.
    """
    by, day = named(by), at.astimezone(LOCAL).date()
    with casebook.change(shown=False) as change:
        table = in_force_on(change.connection, day, file).table
        for row in _drafts(told, table):
            digest = _digest(row, told)
            same = select(MeasureProposal.id).where(MeasureProposal.digest == digest)
            if change.connection.execute(same).first() is not None:
                continue
            identity = _next_reference(change.connection, day)
            _supersede(change.connection, row, identity, at)
            made = {
                **row,
                "id": identity,
                "digest": digest,
                "table_version": table.version,
                "ledger_version": told.ledger_version,
                "proposed_on": day,
                "proposed_by": by,
                "state": _PROPOSED,
                "decided_at": None,
                "decided_by": None,
                "decided_why": None,
                "holds_from": None,
            }
            change.put(MeasureProposal, [made], id=identity)
    return proposals(casebook, state=_PROPOSED)


def _drafts(told: Effect, table: MeasureTable) -> Iterator[Row]:
    """Rates that should move, each with its effect."""
    for letter in CLASSES:
        for measure in MEASURES:
            base = told.of(letter, measure).random
            before = table.of(letter).rate(measure)
            after = _moved(table, letter, measure, base)
            if after == before:
                continue
            adjusting = table.adjusting
            way = (
                f"even the lower end ({base.low:.1%}) reaches {adjusting.raise_from:.1%}: raise"
                if after > before
                else f"even the upper end ({base.high:.1%}) is not above {adjusting.lower_to:.1%}: lower"
            )
            yield {
                "letter": letter,
                "measure": measure,
                "rate_before": f"{before.normalize():f}",
                "rate_after": f"{after.normalize():f}",
                "why": f"{base.found} of {base.inspections} random inspections found something; {way}.",
                "effect": canonical(_expected(told, letter, base, after - before, adjusting.days)),
            }


def _moved(table: MeasureTable, letter: str, measure: MeasureName, base: Yield) -> Decimal:
    """The rate that random inspections ask for: the present one where they say nothing, or are too few."""
    adjusting, rates = table.adjusting, table.of(letter)
    before = rates.rate(measure)
    lowest, highest = adjusting.bounds[measure]
    others = sum((rates.rate(name) for name in MEASURES if name != measure), Decimal(0))
    if base.inspections < adjusting.least:
        return before
    if base.low >= adjusting.raise_from:
        wanted = min(before * adjusting.factor, highest, 1 - others)
        return max(before, wanted.quantize(_STEP, ROUND_HALF_EVEN))
    if base.high <= adjusting.lower_to:
        wanted = max(before / adjusting.factor, lowest)
        return min(before, wanted.quantize(_STEP, ROUND_HALF_EVEN))
    return before


def _expected(told: Effect, letter: str, base: Yield, step: Decimal, days: int) -> Row:
    """Inspections and finds more (or, below zero, fewer) in so many days, with intervals.

    As many sales as in the days looked at (their number as a Poisson count), inspected as if drawn blindly:
    the riskiest come first, so that a raise finds more than that if the order is worth anything.
    """
    share = float(step) * days / told.days
    sales = told.declared[letter]
    low, high = poisson_interval(sales, level=told.level)
    inspections = sorted([share * float(low), share * float(high)])
    finds = sorted(one * end for one in inspections for end in (base.low, base.high))
    return {
        "days": days,
        "sales": sales,
        "sales_days": told.days,
        "random": asdict(base),
        "inspections": share * sales,
        "inspections_low": inspections[0],
        "inspections_high": inspections[1],
        "finds": share * sales * (base.share or 0.0),
        "finds_low": finds[0],
        "finds_high": finds[-1],
    }


def _digest(row: Row, told: Effect) -> str:
    made_from = [row, str(told.first), str(told.last), told.ledger_version]
    return blake2b(orjson.dumps(made_from, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _next_reference(connection: Connection, day: date) -> str:
    prefix = f"MP-{day:%Y}-"
    like = select(func.max(MeasureProposal.id)).where(MeasureProposal.id.like(f"{prefix}%"))
    last = connection.execute(like).scalar()
    return f"{prefix}{1 + int(last.removeprefix(prefix) if last else 0):05d}"


def _supersede(connection: Connection, row: Row, by: str, at: datetime) -> None:
    connection.execute(
        update(MeasureProposal)
        .where(
            MeasureProposal.letter == row["letter"],
            MeasureProposal.measure == row["measure"],
            MeasureProposal.state == _PROPOSED,
        )
        .values(state="superseded", decided_at=written(at), decided_why=f"superseded by {by}")
    )


def decide(
    casebook: Casebook,
    identity: str,
    decision: str,
    *,
    by: str,
    why: str,
    at: datetime,
    holds_from: date | None = None,
    file: Path | None = None,
) -> Row:
    """Accept or reject an open proposal; what is accepted holds from a day on (default: that of `at`).

    Raises NotFoundError, and BadInputError for no decision, nobody's name, no reason, a proposal that is open
    no more, a day that is past or far away, or a rate that is another by now; then nothing is changed.
    """
    if decision not in DECISIONS:
        raise BadInputError(f"{decision!r} is no decision: give one of {', '.join(DECISIONS)}.")
    by, why, today = named(by), said(why, "why", _LONGEST_WHY), at.astimezone(LOCAL).date()
    if decision == "reject" and holds_from is not None:
        raise BadInputError("What is rejected holds from no day: leave the day out.")
    day = holds_from or today
    if not today <= day <= today + timedelta(days=_FARTHEST):
        raise BadInputError(
            f"A change holds from today ({today}) on, or from a day within a year, not {day}."
        )
    with casebook.change(shown=False) as change:
        row = _one(change.connection, identity)
        if row["state"] != _PROPOSED:
            raise BadInputError(f"The proposal {identity} was {row['state']} already: nothing was changed.")
        if decision == "accept":
            _check_still(change.connection, row, day, file)
        values = {
            "state": DECISIONS[decision],
            "decided_at": written(at),
            "decided_by": by,
            "decided_why": why,
            "holds_from": day if decision == "accept" else None,
        }
        change.put(MeasureProposal, [{**row, **values}], id=identity)
    return proposal(casebook, identity)


def _check_still(connection: Connection, row: Row, day: date, file: Path | None) -> None:
    """Raises BadInputError where the proposal was made for another rate than that in force, or would bring
    the rates of its class above one."""
    table = in_force_on(connection, day, file).table
    now = table.of(row["letter"]).rate(row["measure"])
    if now != Decimal(row["rate_before"]):
        raise BadInputError(
            f"On {day} the rate is {now}, and {row['id']} was made for {row['rate_before']}: propose anew."
        )
    changed = with_rate(table, row["letter"], row["measure"], Decimal(row["rate_after"])).of(row["letter"])
    if sum(changed.rate(name) for name in MEASURES) > 1:
        raise BadInputError(
            f"With {row['id']} the rates of class {row['letter']} are above one: propose anew."
        )


def proposals(casebook: Casebook, state: str | None = None) -> list[Row]:
    """Proposals, the newest first; of one state where given. BadInputError for an unknown state."""
    if state is not None and state not in PROPOSAL_STATES:
        raise BadInputError(f"{state!r} is no state: give one of {', '.join(PROPOSAL_STATES)}.")
    query = select(MeasureProposal.__table__).order_by(MeasureProposal.id.desc())
    if state is not None:
        query = query.where(MeasureProposal.state == state)
    with casebook.read() as connection:
        return [_told(dict(row)) for row in connection.execute(query).mappings()]


def proposal(casebook: Casebook, identity: str) -> Row:
    """One proposal; raises NotFoundError."""
    with casebook.read() as connection:
        return _told(_one(connection, identity))


def _one(connection: Connection, identity: str) -> Row:
    query = select(MeasureProposal.__table__).where(MeasureProposal.id == identity)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no proposal {identity!r}: 'cluegraph measures proposals' lists them.")
    return dict(row)


def _told(row: Row) -> Row:
    plain = {name: value for name, value in row.items() if name not in ("digest", "letter")}
    return {**plain, "class": row["letter"], "effect": orjson.loads(row["effect"])}
