"""The day's selections: made once, listed, and read sale by sale."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.measure_models import Reason, SelectedSale, SelectionAsked, SelectionLine, SelectionMade
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, StoresDep
from app.local_time import today
from app.supervision import selections
from app.supervision.class_history import decision_day
from app.supervision.drawing import office_seed
from loaders.contract.keys import Keys

_MOST = 2**31 - 1

router = APIRouter(prefix="/v1/selections", tags=["measures"])

SelectionId = Annotated[
    str, Path(title="Selection", description="Id of the selection.", examples=["zxici4oyxs4c4epbvgngztxvhe"])
]


def _place(cursor: str | None) -> int:
    """How many rows were shown; a number that no list has is brought within what the casebook counts."""
    shown = 0 if cursor is None else cursors.decode(cursor, int)[0]
    return min(max(0, shown), _MOST)


@router.get("", summary="List selections", responses=documented(422, 503))
def list_selections(
    book: CasebookDep,
    day: Annotated[date | None, Query(description="Only of this day.", examples=["2026-06-30"])] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[SelectionLine]:
    """The selections that were made, the newest day first, with counts and the risk that was taken."""
    place = _place(cursor)
    rows, count = selections.selections(book, day, skip=place, limit=limit)
    more = cursors.encode([place + limit]) if place + limit < count else None
    return Page(data=[SelectionLine.model_validate(row) for row in rows], count=count, next=more)


@router.post("", summary="Make the day's selection", responses=documented(404, 422, 503))
def make_selection(opened: StoresDep, wanted: SelectionAsked) -> SelectionMade:
    """Select what is looked at of a day's declarations. The same day, ledger version and seed are selected
    once: the selection that is there is the answer."""
    decision_day(wanted.day, today())
    seed = wanted.seed or office_seed(Keys.open(opened.settings.key_file, create=False))
    made = selections.make_selection(
        opened.ledger,
        opened.casebook,
        day=wanted.day,
        seed=seed,
        by=wanted.by,
        at=datetime.now(UTC),
        version=wanted.version,
        table=opened.settings.measures,
    )
    return SelectionMade.model_validate({**asdict(made), **selections.selection(opened.casebook, made.id)})


@router.get("/{selection}", summary="One selection", responses=documented(404, 422, 503))
def one_selection(book: CasebookDep, selection: SelectionId) -> SelectionLine:
    """Its counts, what was expected of it, and what its ceilings left out."""
    return SelectionLine.model_validate(selections.selection(book, selection))


@router.get("/{selection}/sales", summary="The sales of a selection", responses=documented(404, 422, 503))
def sales_of_selection(
    book: CasebookDep,
    selection: SelectionId,
    reason: Annotated[Reason | None, Query(description="Only for this reason.", examples=["random"])] = None,
    left_out: Annotated[
        bool | None, Query(description="Only what a ceiling left out, or did not.", examples=[True])
    ] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[SelectedSale]:
    """Each sale with its lane, reason, class and risk, in the order in which they were chosen."""
    rows, count = selections.sales_of(
        book, selection, reason=reason, left_out=left_out, after=_place(cursor), limit=limit + 1
    )
    more = cursors.encode([rows[limit - 1]["number"]]) if len(rows) > limit else None
    data = [SelectedSale.model_validate({**row, "class": row["letter"]}) for row in rows[:limit]]
    return Page(data=data, count=count, next=more)
