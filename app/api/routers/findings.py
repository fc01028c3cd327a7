"""Findings: the list, one, the documents behind it, and its picture."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.models import Evidence, Finding, Limit, Page, Picture, Severity
from app.api.problems import documented
from app.api.rule_life_models import Decision
from app.api.state import CasebookDep, GraphDep, StoresDep
from app.casebook.findings import FindingRecord
from app.casebook.models import SEVERITIES
from app.casework.outcomes import of_decision
from app.clues.evidence import documents_behind
from app.clues.picture import draw
from app.clues.since import ledger_version_of
from app.local_time import today

router = APIRouter(prefix="/v1/findings", tags=["findings"])

FindingId = Annotated[
    str, Path(title="Finding", description="Id of the finding.", examples=["3k2m5q7dhx4zv6pwrbjivplkht"])
]


@router.get("", summary="List findings", responses=documented(422, 503))
def list_findings(
    opened: StoresDep,
    rule: Annotated[
        str | None, Query(description="Only of this rule.", examples=["platform-unverified"])
    ] = None,
    severity: Annotated[
        Severity | None, Query(description="Only of this severity or graver.", examples=["medium"])
    ] = None,
    since: Annotated[
        str | None,
        Query(
            description="Only first seen or changed after this ledger version, or since this date.",
            examples=["3"],
        ),
    ] = None,
    present: Annotated[
        bool | None,
        Query(
            description="true: the data still shows it; false: no longer; left out: both.", examples=[True]
        ),
    ] = None,
    decision: Annotated[
        Decision | None,
        Query(
            description="Only of this decision; open: those that somebody should look at.", examples=["open"]
        ),
    ] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Finding]:
    """Findings that match, the gravest first; within a severity by rule, the highest score first."""
    after = None if since is None else ledger_version_of(opened.ledger, since)
    found = opened.casebook.findings(rule=rule, severity=severity, since=after, present=present)
    if decision is not None:
        found = of_decision(found, decision, today())
    rest = found
    if cursor is not None:
        position = tuple(cursors.decode(cursor, int, str, float, str))
        rest = [finding for finding in found if _place(finding) > position]
    page = rest[:limit]
    more = cursors.encode(_place(page[-1])) if len(rest) > limit else None
    return Page(data=[Finding.model_validate(row.as_dict()) for row in page], count=len(found), next=more)


def _place(finding: FindingRecord) -> tuple[int, str, float, str]:
    """Where a finding stands in the list; the same order as the casebook's."""
    return -SEVERITIES.index(finding.severity), finding.rule, -float(finding.score), finding.id


@router.get("/{id}", summary="One finding", responses=documented(404, 422, 503))
def one_finding(book: CasebookDep, id: FindingId) -> Finding:
    """The finding with all its fields, whether the data still shows it or not."""
    return Finding.model_validate(book.finding(id).as_dict())


@router.get("/{id}/evidence", summary="The documents behind a finding", responses=documented(404, 422, 503))
def evidence(
    opened: StoresDep,
    id: FindingId,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Evidence]:
    """Every document of the evidence that the finding lists, with file, message, position and load.

    The finding lists a bounded number of ids; its `evidence.count` is the full count.
    """
    rows = documents_behind(opened.ledger, opened.casebook.finding(id))
    start = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    page = rows[start : start + limit]
    more = cursors.encode([start + limit]) if len(rows) > start + limit else None
    return Page(data=[Evidence.model_validate(row) for row in page], count=len(rows), next=more)


@router.get("/{id}/picture", summary="The picture of a finding", responses=documented(404, 422, 503))
def picture(
    book: CasebookDep,
    graph: GraphDep,
    id: FindingId,
    limit: Annotated[Limit, Query(description="Most nodes to show.", examples=[200])] = 200,
) -> Picture:
    """What the finding's query shows, as nodes and edges to draw."""
    return Picture.model_validate(draw(graph, book.finding(id), limit))
