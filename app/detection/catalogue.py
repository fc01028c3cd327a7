"""Every step there is, by name: what it needs before it, and which parameters it takes from rules."""

from app.detection import (
    step_blocks,
    step_communities,
    step_crowds,
    step_documents,
    step_identities,
    step_payments,
    step_platforms,
)
from app.detection.steps import Step

_MODULES = (
    step_platforms,
    step_documents,
    step_payments,
    step_communities,
    step_identities,
    step_crowds,
    step_blocks,
)

STEPS: dict[str, Step] = {step.name: step for module in _MODULES for step in module.STEPS}
