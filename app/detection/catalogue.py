"""Every step there is, by name: what it needs before it, and which parameters it takes from rules."""

from app.detection import step_communities, step_documents, step_payments, step_platforms, step_pushing
from app.detection.steps import Step

_MODULES = (
    step_platforms,
    step_documents,
    step_payments,
    step_communities,
    step_pushing,
)

STEPS: dict[str, Step] = {step.name: step for module in _MODULES for step in module.STEPS}
