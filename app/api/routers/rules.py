"""Rules: what each asks, and what its last run looked at."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.api.models import Page
from app.api.problems import documented
from app.api.rules_models import Rule, WholeRule
from app.api.state import StoresDep
from app.clues.rules import one_rule, rule_list

router = APIRouter(prefix="/v1/rules", tags=["rules"])


@router.get("", summary="List rules", responses=documented(422, 503))
def list_rules(opened: StoresDep) -> Page[Rule]:
    """Every rule by id, on one page."""
    rows = [Rule.model_validate(row) for row in rule_list(opened.casebook, opened.ledger)]
    return Page(data=rows, count=len(rows), next=None)


@router.get("/{id}", summary="One rule", responses=documented(404, 422, 503))
def rule(
    opened: StoresDep,
    id: Annotated[str, Path(title="Rule", description="Id of the rule.", examples=["platform-traffic"])],
) -> WholeRule:
    """Reason, parameters, severity, needs, look-alikes and statements of one rule."""
    return WholeRule.model_validate(one_rule(id, opened.casebook, opened.ledger))
