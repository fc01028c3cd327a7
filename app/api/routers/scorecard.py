"""The scorecard that portraits are scored by."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.class_models import ScorecardOfDay
from app.api.problems import documented
from app.supervision.scorecard import scorecard_on

router = APIRouter(prefix="/v1", tags=["portraits"])


@router.get("/scorecard", summary="The scorecard", responses=documented(404, 422, 503))
def scorecard(
    on: Annotated[date, Query(description="The day on which it holds.", examples=["2026-01-31"])],
) -> ScorecardOfDay:
    """Bands, points and weights that portraits are scored by, in the version that holds on a day."""
    return ScorecardOfDay.model_validate(scorecard_on(on).model_dump(mode="json", by_alias=True))
