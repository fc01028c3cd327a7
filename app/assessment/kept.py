"""Assessments that were kept: listed, shown, replayed; reserved quota given free before its time."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import Select, and_, delete, func, insert, or_, select

from app.assessment.book import unpacked
from app.assessment.judging import judge, person_of, quota_row
from app.assessment.lane_table import lanes_on
from app.assessment.listed_goods import LISTED
from app.assessment.remembering import known_again, sale_again
from app.assessment.working import QuotaSum, Surroundings, Working
from app.casebook.assessment_models import Assessment, Release, Reservation
from app.casebook.instants import written
from app.casebook.store import Casebook
from app.errors import BadInputError, NotFoundError
from app.supervision.lanes import LANES
from app.supervision.measure_table import MeasureTable
from app.supervision.persons import named, said

Row = dict[str, Any]
_LONGEST_WHY = 1000
_LISTED = ("id", "sale_id", "number", "at", "lane", "ledger_version")


def assessments(
    casebook: Casebook,
    *,
    sale: str | None = None,
    lane: str | None = None,
    before: tuple[str, str] | None = None,
    limit: int = 50,
) -> tuple[list[Row], int]:
    """Assessments, the newest first (id, sale_id, number, at, lane, ledger_version), and how many there are:
    of one sale, in one lane; `before` is (at, id) of the last one that was seen. BadInputError for what is no
    lane."""
    if lane is not None and lane not in LANES:
        raise BadInputError(f"{lane!r} is no lane: give one of {', '.join(LANES)}.")
    meant = [
        column == value
        for column, value in ((Assessment.sale_id, sale), (Assessment.lane, lane))
        if value is not None
    ]
    asked: Select[Any] = select(*(getattr(Assessment, name) for name in _LISTED)).where(*meant)
    if before is not None:
        at, identity = before
        older = or_(Assessment.at < at, and_(Assessment.at == at, Assessment.id < identity))
        asked = asked.where(older)
    asked = asked.order_by(Assessment.at.desc(), Assessment.id.desc()).limit(limit)
    with casebook.read() as connection:
        count = connection.execute(select(func.count()).select_from(Assessment).where(*meant)).scalar_one()
        return [dict(row) for row in connection.execute(asked).mappings()], int(count)


def assessment(casebook: Casebook, identity: str) -> Row:
    """The answer as it was given, with its `number` among those of the sale, and `reservation`: what it still
    reserves (amount, until), or who gave it free; None where neither. Raises NotFoundError."""
    with casebook.read() as connection:
        kept = connection.execute(select(Assessment.__table__).where(Assessment.id == identity)).first()
        if kept is None:
            raise _unknown(identity)
        reserved = select(Reservation.__table__).where(Reservation.assessment == identity)
        held = connection.execute(reserved).first()
        free = connection.execute(select(Release.__table__).where(Release.assessment == identity)).first()
    reservation: Row | None = None
    if held is not None:
        reservation = {"state": "reserved", "amount": _money(held.amount_e5), "until": held.until}
    elif free is not None:
        reservation = {
            "state": "released",
            "amount": _money(free.amount_e5),
            "at": free.at,
            "by": free.by,
            "why": free.why,
        }
    return unpacked(kept.answer) | {"number": kept.number, "reservation": reservation}


def release(casebook: Casebook, identity: str, *, by: str, why: str, at: datetime) -> Row:
    """Give the quota free that an assessment reserves; gives the assessment as `assessment` does.

    Raises NotFoundError for an unknown one, BadInputError where it reserves nothing (any more).
    """
    by, why = named(by), said(why, "why", _LONGEST_WHY)
    with casebook.change(shown=False) as change:
        known = select(Assessment.id).where(Assessment.id == identity)
        if change.connection.execute(known).first() is None:
            raise _unknown(identity)
        asked = select(Reservation.sale_id, Reservation.amount_e5).where(Reservation.assessment == identity)
        held = change.connection.execute(asked).first()
        if held is None:
            raise BadInputError(
                f"Assessment {identity} reserves no quota: it fell away, was replaced, or never did."
            )
        change.connection.execute(delete(Reservation).where(Reservation.assessment == identity))
        told = {"assessment": identity, "sale_id": held.sale_id, "amount_e5": held.amount_e5}
        change.connection.execute(insert(Release), [told | {"at": written(at), "by": by, "why": why}])
    return assessment(casebook, identity)


def replay(casebook: Casebook, identity: str, scratch: Path) -> Row:
    """Work the answer out once more from what it was made from: `same`, `differences` (where, answered,
    replayed), and the lane of both. Raises NotFoundError.

    Documents, the person's past, findings, locks, instructions, classes and measures are those that were
    known; SQL, rules and the table of lanes are those of today.
    """
    with casebook.read() as connection:
        asked = select(Assessment.answer, Assessment.inputs).where(Assessment.id == identity)
        kept = connection.execute(asked).first()
    if kept is None:
        raise _unknown(identity)
    answered, inputs = unpacked(kept.answer), unpacked(kept.inputs)
    try:
        measures = MeasureTable.model_validate(inputs["measures"])
    except ValidationError as error:
        raise BadInputError(
            f"Assessment {identity} was made with a table of measures of another version of cluegraph, which "
            "this one cannot read: replay it there."
        ) from error
    replayed = _again(inputs, measures, scratch)
    differences = _differences({name: answered[name] for name in replayed}, replayed)
    return {
        "id": identity,
        "same": not differences,
        "lane": answered["lane"],
        "replayed_lane": replayed["lane"],
        "differences": differences,
    }


def _again(inputs: Row, measures: MeasureTable, scratch: Path) -> Row:
    sale, known = sale_again(inputs), known_again(inputs)
    around = inputs["around"]
    told = Surroundings(
        around["codes"], frozenset(around["authenticated"]), LISTED.empty_table(), around["delivered"]
    )
    working, quotas = Working(scratch, known.day), QuotaSum()
    try:
        unlisted = inputs["unlisted"]
        one = replace(
            working.work([sale], told)[sale.sale_id],
            invalid_identity=inputs["invalid_identity"],
            unlisted=None if unlisted is None else tuple(unlisted),
        )
        person = person_of(one)
        if known.past is not None and person is not None:
            limit = one.quota["annual_limit"] if one.quota else None
            rows = known.past + ([one.quota] if one.quota else [])
            rows += [
                quota_row(row["sale_id"], person, row["year"], row["amount_e5"], limit)
                for row in known.reserved
            ]
            year = (one.quota["decl_date"] if one.quota else known.day).year
            known = replace(known, used=quotas.used(rows).get((person, year)))
        answer = judge(one, known, lanes_on(known.day), measures).answer
    finally:
        working.close()
    return dict(orjson.loads(orjson.dumps(answer, default=str)))


def _differences(answered: Any, replayed: Any, where: str = "") -> list[Row]:
    if isinstance(answered, dict) and isinstance(replayed, dict):
        names = sorted(answered.keys() | replayed.keys())
        parts = [(f"{where}.{name}".lstrip("."), answered.get(name), replayed.get(name)) for name in names]
    elif isinstance(answered, list) and isinstance(replayed, list) and len(answered) == len(replayed):
        pairs = enumerate(zip(answered, replayed, strict=True))
        parts = [(f"{where}[{number}]", one, other) for number, (one, other) in pairs]
    else:
        same = answered == replayed
        return [] if same else [{"where": where, "answered": answered, "replayed": replayed}]
    return [row for place, one, other in parts for row in _differences(one, other, place)]


def _money(amount_e5: int) -> str:
    return f"{amount_e5 // 100_000}.{amount_e5 % 100_000:05d}"


def _unknown(identity: str) -> NotFoundError:
    return NotFoundError(f"There is no assessment {identity}: `cluegraph assessments list` lists them.")
