"""Control instructions: drafted, approved by another, issued, answered, withdrawn."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from app.api import cursor as cursors
from app.api.instruction_models import (
    Acknowledgement,
    Decision,
    InstructionAnswer,
    InstructionId,
    InstructionLine,
    NewInstruction,
    ScopeKind,
    State,
    Withdrawal,
)
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, StoresDep
from app.casebook.store import Casebook
from app.supervision import instructions as orders
from app.supervision.instruction_drafts import Wanted, draft

router = APIRouter(prefix="/v1/instructions", tags=["instructions"])


@router.get("", summary="List instructions", responses=documented(422, 503))
def list_instructions(
    book: CasebookDep,
    state: Annotated[State | None, Query(description="Only in this state.", examples=["issued"])] = None,
    scope_kind: Annotated[
        ScopeKind | None, Query(description="Only about this kind.", examples=["platform"])
    ] = None,
    scope_key: Annotated[
        str | None, Query(description="Only about this one.", examples=["4401968001"])
    ] = None,
    in_force: Annotated[
        bool, Query(description="Only those that are in force now.", examples=[False])
    ] = False,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[InstructionLine]:
    """Instructions, the newest first."""
    now = datetime.now(UTC)
    rows = orders.instructions(book, state=state, scope_kind=scope_kind, scope_key=scope_key)
    rows = [one for one in rows if not in_force or one.holds(now)]
    if cursor is not None:
        last = tuple(cursors.decode(cursor, int, int))
        rest = [one for one in rows if one.age < last]
    else:
        rest = rows
    more = cursors.encode(rest[limit - 1].age) if len(rest) > limit else None
    page = [InstructionLine.model_validate(one.as_dict()) for one in rest[:limit]]
    return Page(data=page, count=len(rows), next=more)


@router.post("", summary="Draft an instruction", responses=documented(404, 422, 503))
def draft_instruction(opened: StoresDep, wanted: NewInstruction) -> InstructionAnswer:
    """A draft: by a person's decision, from a finding, or from the class of an enterprise.

    Nothing is in force before another person has approved it and it was issued.
    """
    at = datetime.now(UTC)
    asked = Wanted(
        starts=wanted.starts or at,
        ends=wanted.ends,
        action=wanted.action,
        rate=wanted.rate,
        scope_kind=wanted.scope_kind,
        scope_key=wanted.scope_key,
        reason=wanted.reason,
    )
    one = draft(
        opened.casebook,
        asked,
        by=wanted.by,
        at=at,
        finding=wanted.finding,
        by_class=wanted.by_class,
        measures=opened.settings.measures,
    )
    return _told(opened.casebook, one)


@router.get("/{id}", summary="One instruction", responses=documented(404, 422, 503))
def one_instruction(book: CasebookDep, id: InstructionId) -> InstructionAnswer:
    """An instruction with everything that was done with it."""
    return _told(book, orders.instruction(book, id)[0])


@router.post("/{id}/approve", summary="Approve a draft", responses=documented(404, 422, 503))
def approve(book: CasebookDep, id: InstructionId, decision: Decision) -> InstructionAnswer:
    """Approve a draft of another person."""
    return _told(book, orders.approve(book, id, **decision.model_dump(), at=datetime.now(UTC)))


@router.post("/{id}/issue", summary="Issue an instruction", responses=documented(404, 422, 503))
def issue(book: CasebookDep, id: InstructionId, decision: Decision) -> InstructionAnswer:
    """Issue what was approved: it is in force at once, and on its way to the clearance system."""
    return _told(book, orders.issue(book, id, **decision.model_dump(), at=datetime.now(UTC)))


@router.post("/{id}/withdraw", summary="Withdraw an instruction", responses=documented(404, 422, 503))
def withdraw(book: CasebookDep, id: InstructionId, decision: Withdrawal) -> InstructionAnswer:
    """Withdraw an instruction; the clearance system is told where it was issued."""
    return _told(book, orders.withdraw(book, id, **decision.model_dump(), at=datetime.now(UTC)))


@router.post("/{id}/acknowledgement", summary="The receiver's answer", responses=documented(404, 422, 503))
def acknowledge(book: CasebookDep, id: InstructionId, told: Acknowledgement) -> InstructionAnswer:
    """What the clearance system answers to an issue or a withdrawal. Repeating it changes nothing."""
    accepted = told.state == "acknowledged"
    one = orders.answer(
        book, id, told.of, accepted=accepted, by=told.by, why=told.reason, at=datetime.now(UTC)
    )
    return _told(book, one)


def _told(book: Casebook, one: orders.Instruction) -> InstructionAnswer:
    told, history = orders.instruction(book, one.id)
    return InstructionAnswer.model_validate({**told.as_dict(), "history": history})
