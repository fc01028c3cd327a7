"""What inspections found: discrepancies per random inspection, against everybody's."""

import numpy as np

from app.detection.peers import PeerParameters
from app.detection.shares import AGENT, MERCHANT, PLATFORM, Measure, put_measure
from app.detection.steps import Context, Rows, Step, names_of_fields

RULE = "inspection-yield"
MEASURE = Measure(
    "discrepancy", "inspected_sales", (PLATFORM, MERCHANT, AGENT), document="Inspection", key="inspection"
)


def inspection_yield(context: Context) -> Rows:
    """Discrepancies per random inspection of every subject; who had enough is judged for clearance."""
    rows = Rows()
    parameters = PeerParameters.of(context.parameters[RULE])
    least = context.parameters[RULE]["minimum_others"]
    judged = put_measure(rows, context.tallies, MEASURE, parameters)
    for role, names, (inspections, _) in zip(MEASURE.roles, judged.names, judged.totals, strict=True):
        others = inspections.sum() - inspections
        for key, count in zip(names, others.tolist(), strict=True):
            rows.put(key, {f"{role.prefix}_{MEASURE.name}_others": count})
        enough = (inspections >= parameters.minimum_sales) & (others >= least)
        if role is PLATFORM and enough.sum() >= parameters.minimum_peers:
            context.flags.judge("clearance", [names[at] for at in np.flatnonzero(enough).tolist()])
    return rows


STEPS = (Step(name="inspection-yield-peers", takes=names_of_fields(PeerParameters), run=inspection_yield),)
