"""The life of a rule: outcomes of findings, precision, what no rule sees, moves and proposals.

Tests, backtests and shadow runs take minutes and a Neo4j of their own: commands do them, no request.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.models import Page, Severity
from app.api.problems import documented
from app.api.routers.findings import FindingId
from app.api.rule_life_models import (
    ControlSample,
    DecisionMade,
    Move,
    NewDecision,
    NewMove,
    Proposal,
    ProposalDecided,
    ProposalState,
    RulePrecision,
)
from app.api.state import CasebookDep, Stores, StoresDep
from app.casework import control_sample, maturity, outcomes, proposals
from app.casework.precision import precisions
from app.casework.precision_table import precision_on
from app.casework.show import show
from app.local_time import today

router = APIRouter(prefix="/v1")

RuleId = Annotated[str, Path(title="Rule", description="Id of the rule.", examples=["platform-traffic"])]
Number = Annotated[int, Path(title="Proposal", description="Number of the proposal.", examples=[1])]


def _show(opened: Stores, seq: int, finding: str) -> None:
    """Have the graph show a decision, unless it is away or a job is writing."""
    show(opened.casebook, opened.graph, opened.settings.data, seq, finding)


@router.post(
    "/findings/{id}/decision", tags=["findings"], summary="Decide on a finding",
    responses=documented(404, 422, 503),
)  # fmt: skip
def decide(opened: StoresDep, id: FindingId, asked: NewDecision) -> DecisionMade:
    """Say what became of a finding. Where it is no longer as `expected`, somebody else was faster:
    refused."""
    entry = outcomes.decide(opened.casebook, id, on=today(), **asked.model_dump())
    _show(opened, entry["casebook_seq"], id)
    return DecisionMade.model_validate(entry)


@router.get(
    "/findings/{id}/decisions", tags=["findings"], summary="Decisions on a finding",
    responses=documented(404, 422, 503),
)  # fmt: skip
def decisions(book: CasebookDep, id: FindingId) -> Page[DecisionMade]:
    """Every decision on a finding, the earliest first, on one page."""
    rows = [DecisionMade.model_validate(row) for row in outcomes.history(book, id)]
    return Page(data=rows, count=len(rows), next=None)


@router.get("/rules/precision", tags=["rules"], summary="Precision of rules", responses=documented(422, 503))
def precision(book: CasebookDep) -> Page[RulePrecision]:
    """How often each rule is right, by the outcomes of its findings, with the interval; on one page."""
    rows = [RulePrecision.model_validate(row) for row in precisions(book, precision_on(today()))]
    return Page(data=rows, count=len(rows), next=None)


@router.get(
    "/rules/control-sample", tags=["rules"], summary="What no rule sees", responses=documented(422, 503)
)
def sample(
    opened: StoresDep,
    since: Annotated[
        date | None, Query(alias="from", description="First day of inspection.", examples=["2025-01-01"])
    ] = None,
    until: Annotated[
        date | None, Query(alias="to", description="Last day of inspection.", examples=["2025-12-31"])
    ] = None,
    severity: Annotated[
        Severity, Query(description="Only findings of this severity or graver speak.", examples=["info"])
    ] = "info",
) -> ControlSample:
    """Random inspections with a discrepancy of which no live rule had spoken before, with intervals."""
    told = control_sample.control_sample(
        opened.ledger, opened.casebook, precision_on(today()),
        since=since, until=until or date.max, severity=severity,
    )  # fmt: skip
    return ControlSample.model_validate(told)


@router.get("/rules/moves", tags=["rules"], summary="Moves of rules", responses=documented(422, 503))
def moves(
    book: CasebookDep,
    rule: Annotated[
        str | None, Query(description="Only of this rule.", examples=["platform-traffic"])
    ] = None,
) -> Page[Move]:
    """Every move of rules between draft, shadow and live, the earliest first, on one page."""
    rows = [Move.model_validate(row) for row in maturity.moves(book, rule)]
    return Page(data=rows, count=len(rows), next=None)


@router.post(
    "/rules/{id}/maturity", tags=["rules"], summary="Move a rule", responses=documented(404, 422, 503)
)
def move(opened: StoresDep, id: RuleId, asked: NewMove) -> Move:
    """Trust a rule more (one step at a time) or less, from the next detection on."""
    entry = maturity.move(opened.casebook, id, on=today(), **asked.model_dump())
    return Move.model_validate(entry)


@router.get("/rule-proposals", tags=["rules"], summary="Proposals", responses=documented(422, 503))
def list_proposals(
    book: CasebookDep,
    state: Annotated[
        ProposalState | None, Query(description="Only those of this state.", examples=["proposed"])
    ] = None,
) -> Page[Proposal]:
    """Proposals to run a rule as a shadow, the earliest first, on one page."""
    rows = [Proposal.model_validate(row) for row in proposals.proposals(book, state)]
    return Page(data=rows, count=len(rows), next=None)


@router.post("/rule-proposals", tags=["rules"], summary="Propose", responses=documented(422, 503))
def propose(opened: StoresDep) -> Page[Proposal]:
    """Propose shadow for every live rule surely under its floor; answers with the new proposals.

    Repeating it changes nothing.
    """
    made = proposals.propose(opened.casebook, precision_on(today()), today())
    rows = [Proposal.model_validate(row) for row in made]
    return Page(data=rows, count=len(rows), next=None)


@router.post(
    "/rule-proposals/{number}/accept", tags=["rules"], summary="Accept a proposal",
    responses=documented(404, 422, 503),
)  # fmt: skip
def accept(opened: StoresDep, number: Number, asked: ProposalDecided) -> Proposal:
    """The rule runs as a shadow from the next detection on, until it is moved again."""
    row = proposals.decide_proposal(opened.casebook, number, True, on=today(), **asked.model_dump())
    return Proposal.model_validate(row)


@router.post(
    "/rule-proposals/{number}/reject", tags=["rules"], summary="Reject a proposal",
    responses=documented(404, 422, 503),
)  # fmt: skip
def reject(opened: StoresDep, number: Number, asked: ProposalDecided) -> Proposal:
    """The rule stays live, and is proposed again only on more outcomes."""
    row = proposals.decide_proposal(opened.casebook, number, False, on=today(), **asked.model_dump())
    return Proposal.model_validate(row)
