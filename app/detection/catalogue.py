"""Every step there is, by name: what it needs before it, and which parameters it takes from rules."""

from app.detection import (
    step_blocks,
    step_communities,
    step_consumer_end,
    step_crowds,
    step_documents,
    step_enterprises,
    step_goods,
    step_identities,
    step_inspections,
    step_movement,
    step_payments,
    step_platforms,
    step_pushing,
    step_quota,
    step_replies,
    step_traffic,
)
from app.detection.steps import Step

_MODULES = (
    step_platforms,
    step_documents,
    step_replies,
    step_payments,
    step_quota,
    step_communities,
    step_traffic,
    step_consumer_end,
    step_movement,
    step_inspections,
    step_goods,
    step_enterprises,
    step_pushing,
    step_identities,
    step_crowds,
    step_blocks,
)

STEPS: dict[str, Step] = {step.name: step for module in _MODULES for step in module.STEPS}
