"""Every step there is, by name: what it needs before it, and which parameters it takes from rules."""

from dataclasses import fields

from app.detection.captives import CaptiveParameters, WatchParameters
from app.detection.peers import PeerParameters
from app.detection.rings import RingParameters
from app.detection.step_communities import platform_communities
from app.detection.step_documents import document_differences, document_peers
from app.detection.step_payments import payment_captives, payment_peers
from app.detection.steps import Step, platform_activity, platform_checks


def _names(kind: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind))


_ALL = (
    Step(name="platform-activity", run=platform_activity),
    Step(name="platform-checks", run=platform_checks),
    Step(name="document-differences", run=document_differences),
    Step(
        name="document-peers",
        needs=frozenset({"document-differences"}),
        takes=_names(PeerParameters),
        run=document_peers,
    ),
    Step(name="payment-captives", takes=_names(CaptiveParameters), flags=True, run=payment_captives),
    Step(name="payment-peers", takes=_names(WatchParameters), run=payment_peers),
    Step(
        name="platform-communities",
        flags=True,
        takes=_names(RingParameters) | {"hub_quantile", "hub_floor"},
        run=platform_communities,
    ),
)

STEPS: dict[str, Step] = {step.name: step for step in _ALL}
