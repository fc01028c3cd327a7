"""Platforms: the register with the state of the checks, what to check next, and checks that were made."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.models import Limit, Page
from app.api.platforms_models import ChecksMade, Platform, PlatformWithHistory, Taken, Worklist
from app.api.problems import documented
from app.api.state import StoresDep
from app.errors import BadInputError
from app.local_time import today
from app.supervision.checks_in import bring_in, given_as_rows
from app.supervision.verification import STATES, one_platform, register
from app.supervision.worklist import as_json, make_worklist
from loaders.contract.keys import Keys

router = APIRouter(prefix="/v1/platforms", tags=["platforms"])
_WAIT_SECONDS = 10
"""For another writer; then the answer is 503 and names him."""

AsOf = Annotated[
    date | None,
    Query(description="The day to look from; else that of the last sale or check.", examples=["2025-10-31"]),
]


@router.get("", summary="List platforms", responses=documented(422, 503))
def list_platforms(
    opened: StoresDep,
    state: Annotated[
        str | None, Query(description="Only these: never, failed or passed.", examples=["failed"])
    ] = None,
    older: Annotated[
        int | None,
        Query(
            ge=0, description="Only those whose last result is more days old, or with none.", examples=[365]
        ),
    ] = None,
    as_of: AsOf = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Platform]:
    """Every platform that a sale, a check or the register of enterprises names, by code."""
    if state is not None and state not in STATES:
        raise BadInputError(f"There is no state {state!r}: give one of {', '.join(STATES)}.")
    found = register(opened.ledger, opened.casebook, as_of).where(state=state, older=older)
    after = "" if cursor is None else str(cursors.decode(cursor, str)[0])
    rest = [one for one in found if one.code > after]
    more = cursors.encode([rest[limit - 1].code]) if len(rest) > limit else None
    data = [Platform.model_validate(one.as_dict()) for one in rest[:limit]]
    return Page(data=data, count=len(found), next=more)


@router.get("/worklist", summary="What to check next", responses=documented(422, 503))
def worklist(
    opened: StoresDep,
    size: Annotated[int, Query(ge=1, le=500, description="How many platforms.", examples=[20])] = 20,
    random_share: Annotated[
        float, Query(ge=0, le=1, description="Share of them drawn at random.", examples=[0.2])
    ] = 0.2,
    seed: Annotated[int, Query(ge=0, description="The same seed draws the same.", examples=[0])] = 0,
    as_of: AsOf = None,
) -> Worklist:
    """Platforms in the order of what a check would tell, a share of them drawn at random to stand for all."""
    made = make_worklist(
        opened.ledger, opened.casebook, size=size, random_share=random_share, seed=seed, as_of=as_of
    )
    return Worklist.model_validate(as_json(made))


@router.post("/verifications", summary="Take in checks that were made", responses=documented(422, 503))
def take_checks(opened: StoresDep, made: ChecksMade) -> Taken:
    """Checks into the ledger through its loader: all of them, or none where one has a mistake.

    `detail` of an error names each mistake by the number of the check (line) and its field. The same checks
    again change nothing. Graph and findings follow with the next projection and detection.
    """
    rows = [{"inspector": made.by} | check.model_dump(exclude_none=True) for check in made.checks]
    with given_as_rows(rows, "checks.jsonl") as given:
        brought = bring_in(
            opened.ledger,
            Keys.open(opened.settings.key_file),
            given,
            today=today(),
            wait=_WAIT_SECONDS,
        )
    return Taken(new=brought.new, known=brought.known, ledger_version=brought.ledger_version)


@router.get("/{code}", summary="One platform", responses=documented(404, 422, 503))
def platform(
    opened: StoresDep,
    code: Annotated[
        str, Path(title="Platform", description="Any code of the platform.", examples=["4401968001"])
    ],
    as_of: AsOf = None,
) -> PlatformWithHistory:
    """The state of its checks, every check ever made, its sales and its findings."""
    one = one_platform(opened.ledger, opened.casebook, code, as_of)
    return PlatformWithHistory.model_validate(one.as_dict(history=True))
