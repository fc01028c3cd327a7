"""A batch of declarations answered, over what the ledger and the casebook say of it."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.assessment.book import Kept
from app.assessment.declaration import Declaration
from app.assessment.judging import (
    Known,
    instructions_that_act,
    judge,
    person_of,
    protections_that_act,
    quota_row,
)
from app.assessment.lane_table import lanes_on
from app.assessment.looking_up import Looked
from app.assessment.remembering import remembered
from app.assessment.snapshot import Snapshot
from app.assessment.working import QuotaSum, Worked
from app.casebook.instants import written
from app.local_time import local_day
from app.supervision.drawing import share_of
from app.supervision.instructions import Instruction

Row = dict[str, Any]

LOCKED = "identity-locked"
"""The fact of a sale in the name of somebody whose identity is locked."""


@dataclass(frozen=True)
class Asked:
    """One declaration that waits for its answer."""

    declaration: Declaration
    at: datetime
    answer: Future[Row]


@dataclass(frozen=True)
class Seen:
    """What the casebook says of a batch: or, without it, the snapshot and the journal."""

    latest: dict[str, Kept]
    reserved: list[Row]
    protections: dict[str, list[tuple[str, date, date]]]
    instructions: Sequence[Instruction]
    unknown: tuple[str, ...]

    def knows(self, asked: Asked, one: Worked, seed: str) -> bool:
        """Whether the newest assessment of this sale is of the same content, and of the same locks and
        instructions: these act from the moment they are set, also on who was answered before."""
        declaration = asked.declaration
        latest = self.latest.get(declaration.sale.sale_id)
        if latest is None or latest.digest != declaration.digest:
            return False
        held = protections_that_act(one, self.protecting(declaration), local_day(asked.at))
        orders = self.holding(asked.at)
        acting = {LOCKED for level, _ in held if level == "locked"}
        acting |= {order.id for order in instructions_that_act(one, orders, _draws(orders, asked, one, seed))}
        return acting == {
            reason["name"]
            for reason in latest.answer["reasons"]
            if reason["kind"] == "instruction" or reason["name"] == LOCKED
        }

    def protecting(self, declaration: Declaration) -> tuple[tuple[str, date, date], ...]:
        """Locks and watches of everybody in a declaration."""
        return tuple(one for key in sorted(declaration.people) for one in self.protections.get(key, ()))

    def holding(self, at: datetime) -> list[Instruction]:
        """Instructions in force at an instant."""
        return [order for order in self.instructions if order.holds(at)]


def answers_of(
    batch: Sequence[Asked],
    looked: Looked,
    seen: Seen,
    snapshot: Snapshot,
    quotas: QuotaSum,
    arrived: set[str],
    seed: str,
) -> tuple[list[Row], list[Row]]:
    """The answers in the order of the batch, and records of those that are new.

    A record has the columns of an assessment, `answer` and `inputs` as plain values, and `reserve`, the
    reservation that it makes or None. Nobody is twice in a batch, and all of it is of one day. `arrived` are
    sales that reserve and are declared in the ledger; `seed` is that of the office's draws.
    """
    day = local_day(batch[0].at)
    lanes = lanes_on(day)
    arrived = arrived | looked.in_ledger
    fresh = [
        asked for asked in batch if not seen.knows(asked, looked.worked[asked.declaration.sale.sale_id], seed)
    ]
    known: dict[str, Known] = {}
    rows: list[Row] = []
    for asked in fresh:
        sale, one = asked.declaration.sale.sale_id, looked.worked[asked.declaration.sale.sale_id]
        person = person_of(one)
        past = looked.past(person, sale)
        held = [
            row
            for row in seen.reserved
            if row["person"] == person and row["sale_id"] != sale and row["sale_id"] not in arrived
        ]
        if past is not None and person is not None:
            own = [one.quota] if one.quota else []
            limit = one.quota["annual_limit"] if one.quota else None
            rows += past + own
            rows += [quota_row(row["sale_id"], person, row["year"], row["amount_e5"], limit) for row in held]
        orders = seen.holding(asked.at)
        known[sale] = Known(
            at=asked.at,
            day=day,
            ledger_version=looked.version,
            casebook_seq=snapshot.seq if snapshot.seq >= 0 else None,
            in_ledger=sale in looked.in_ledger,
            past=past,
            reserved=held,
            used=None,
            reused=looked.reused.get(sale, {}),
            protections=seen.protecting(asked.declaration),
            findings=snapshot.about(one.row),
            classes=snapshot.classes,
            instructions=orders,
            draws=_draws(orders, asked, one, seed),
            unknown=looked.unknown + seen.unknown,
        )
    used = quotas.used(rows)
    records = []
    answers: dict[str, Row] = {}
    for asked in fresh:
        sale, one = asked.declaration.sale.sale_id, looked.worked[asked.declaration.sale.sale_id]
        year = (one.quota["decl_date"] if one.quota else day).year
        full = replace(known[sale], used=used.get((str(person_of(one)), year)))
        judged = judge(one, full, lanes, snapshot.measures)
        before = seen.latest.get(sale)
        identity = f"A-{uuid4().hex[:24]}"
        answer = {"id": identity, "replaces": before.id if before else None, **judged.answer}
        answers[sale] = answer
        records.append(
            {
                "id": identity,
                "sale_id": sale,
                "number": before.number + 1 if before else 1,
                "digest": asked.declaration.digest,
                "at": written(asked.at),
                "lane": answer["lane"],
                "person": person_of(one),
                "ledger_version": looked.version,
                "fallback": answer["fallback"],
                "answer": answer,
                "inputs": remembered(asked.declaration.kept(), one, full, snapshot.measures),
                "reserve": _reservation(sale, identity, judged.reserve, asked.at, lanes.reservation_days),
            }
        )
    return [
        answers.get(asked.declaration.sale.sale_id) or seen.latest[asked.declaration.sale.sale_id].answer
        for asked in batch
    ], records


def _draws(orders: Sequence[Instruction], asked: Asked, one: Worked, seed: str) -> dict[str, float]:
    """Where a sale fell: for measures under its own id, and under that of each instruction."""
    sale = asked.declaration.sale.sale_id
    declared = one.row["decl_date"] or local_day(asked.at)
    drawn = {order.id: share_of(f"{seed}|{order.id}", declared, sale) for order in orders}
    return {sale: share_of(seed, declared, sale), **drawn}


def _reservation(
    sale: str, identity: str, reserve: tuple[str, int, int] | None, at: datetime, days: int
) -> Row | None:
    if reserve is None:
        return None
    person, year, amount = reserve
    return {
        "sale_id": sale,
        "person": person,
        "year": year,
        "amount_e5": amount,
        "at": written(at),
        "until": written(at + timedelta(days=days)),
        "assessment": identity,
    }
