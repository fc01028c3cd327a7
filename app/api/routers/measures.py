"""Measures that follow from classes: the table in force, its effect, and changes of rates."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.measure_models import (
    DecisionMade,
    EffectTold,
    MeasuresOfDay,
    Proposal,
    ProposalsAsked,
    RequiredChecks,
    State,
)
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, Stores, StoresDep
from app.supervision import proposals as proposing
from app.supervision.effect import Effect, effect
from app.supervision.measure_changes import in_force_on
from app.supervision.required_checks import required_checks

router = APIRouter(prefix="/v1/measures", tags=["measures"])

On = Annotated[date, Query(description="The day.", examples=["2026-06-30"])]
From = Annotated[
    date, Query(alias="from", description="First day of the inspections.", examples=["2026-01-01"])
]
To = Annotated[date, Query(alias="to", description="Last day.", examples=["2026-06-30"])]
ProposalId = Annotated[
    str, Path(title="Proposal", description="Reference of the proposal.", examples=["MP-2026-00001"])
]


@router.get("", summary="The measures in force", responses=documented(404, 422, 503))
def measures_of_day(opened: StoresDep, on: On) -> MeasuresOfDay:
    """The table that holds on a day, with the changes of rates that were accepted."""
    with opened.casebook.read() as connection:
        measures = in_force_on(connection, on, opened.settings.measures)
    return MeasuresOfDay.model_validate(
        {**measures.table.model_dump(mode="json"), "changes": list(measures.changes)}
    )


@router.get("/required-checks", summary="Checks that classes require", responses=documented(404, 422, 503))
def checks_required(
    opened: StoresDep,
    on: On,
    outstanding: Annotated[
        bool, Query(description="Only platforms of which a check is outstanding.", examples=[True])
    ] = False,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[RequiredChecks]:
    """Platforms that sell with the checks that their class requires, the worst class first."""
    with opened.casebook.read() as connection:
        table = in_force_on(connection, on, opened.settings.measures).table
    rows = required_checks(opened.ledger, opened.casebook, on, table)
    rows = [row for row in rows if row.outstanding or not outstanding]
    after = None if cursor is None else cursors.decode(cursor, str)[0]
    start = next((place for place, row in enumerate(rows, 1) if row.code == after), 0)
    page = rows[start : start + limit]
    more = cursors.encode([page[-1].code]) if start + limit < len(rows) else None
    data = [RequiredChecks.model_validate(row.as_dict()) for row in page]
    return Page(data=data, count=len(rows), next=more)


def _effect(opened: Stores, first: date, last: date) -> Effect:
    with opened.casebook.read() as connection:
        table = in_force_on(connection, last, opened.settings.measures).table
    return effect(opened.ledger, opened.casebook, first=first, last=last, table=table)


@router.get("/effect", summary="What inspections found", responses=documented(404, 422, 503))
def effect_of_measures(opened: StoresDep, first: From, last: To) -> EffectTold:
    """Yields by class and measure with intervals: the random sample is the base rate, others stand apart."""
    return EffectTold.model_validate(_effect(opened, first, last).as_dict())


@router.get("/proposals", summary="List proposals", responses=documented(422, 503))
def list_proposals(
    book: CasebookDep,
    state: Annotated[State | None, Query(description="Only in this state.", examples=["proposed"])] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Proposal]:
    """Every proposal there ever was, the newest first, with what a person decided."""
    rows = proposing.proposals(book, state)
    before = None if cursor is None else cursors.decode(cursor, str)[0]
    rest = [row for row in rows if before is None or row["id"] < before]
    more = cursors.encode([rest[limit - 1]["id"]]) if len(rest) > limit else None
    return Page(data=[Proposal.model_validate(row) for row in rest[:limit]], count=len(rows), next=more)


@router.get("/proposals/{proposal}", summary="One proposal", responses=documented(404, 422, 503))
def one_proposal(book: CasebookDep, proposal: ProposalId) -> Proposal:
    """What it asks to change, what is expected, and what was decided."""
    return Proposal.model_validate(proposing.proposal(book, proposal))


@router.post("/proposals", summary="Propose changes of rates", responses=documented(404, 422, 503))
def make_proposals(opened: StoresDep, wanted: ProposalsAsked) -> Page[Proposal]:
    """Propose by what the random inspections of some days found; answers with what is open.

    The same effect proposes nothing twice, whatever was decided.
    """
    told = _effect(opened, wanted.first, wanted.last)
    rows = proposing.propose(
        opened.casebook, told, by=wanted.by, at=datetime.now(UTC), file=opened.settings.measures
    )
    return Page(data=[Proposal.model_validate(row) for row in rows], count=len(rows), next=None)


@router.post(
    "/proposals/{proposal}/decision", summary="Decide a proposal", responses=documented(404, 422, 503)
)
def decide_proposal(opened: StoresDep, proposal: ProposalId, wanted: DecisionMade) -> Proposal:
    """Accept it, so that its rate holds from a day on, or reject it; only an open one can be decided."""
    row = proposing.decide(
        opened.casebook,
        proposal,
        wanted.decision,
        by=wanted.by,
        why=wanted.why,
        at=datetime.now(UTC),
        holds_from=wanted.since,
        file=opened.settings.measures,
    )
    return Proposal.model_validate(row)
