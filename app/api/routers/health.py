"""Health (the process answers) and readiness (its answers are about all that was loaded)."""

from fastapi import APIRouter

from app import __version__
from app.api.models import Health, Readiness
from app.api.problems import documented
from app.api.state import StoresDep
from app.clues.status import readiness
from app.errors import UnavailableError

router = APIRouter(tags=["service"])


@router.get("/health", summary="Health", responses=documented(422))
def health() -> Health:
    """Answers as long as the process lives; touches no store."""
    return Health(status="ok", version=__version__)


@router.get("/ready", summary="Readiness", responses=documented(422, 503))
def ready(opened: StoresDep) -> Readiness:
    """Whether graph, casebook and ledger can be used, and the graph holds all that was loaded and found.

    Otherwise 503, whose `detail` says what is behind and which command brings it up.
    """
    answer = Readiness.model_validate(readiness(opened.ledger, opened.casebook, opened.graph))
    if not answer.ready:
        lacking = "; ".join(f"{check.name}: {check.detail}" for check in answer.checks if not check.ok)
        raise UnavailableError(f"Not ready. {lacking.removesuffix('.')}.")
    return answer
