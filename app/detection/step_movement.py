"""How parcels move, against peers: signed for or not, weighed, arrived, taken back."""

import numpy as np

from app.detection.peers import PeerParameters
from app.detection.shares import CARRIER, MERCHANT, PLATFORM, SITE, Measure, put_measure
from app.detection.significance import jeffreys
from app.detection.steps import Context, Rows, Step, names_of_fields
from app.detection.tally import Tallies

_MOVED, _RETURNED = "movement_sales", "returned_sales"
MEASURES: dict[str, tuple[Measure, ...]] = {
    "waybill-not-signed": (Measure("not_signed", _MOVED, (PLATFORM, CARRIER)),),
    "waybill-mass-signed": (Measure("mass_signed", _MOVED, (PLATFORM, CARRIER)),),
    "waybill-uniform": (
        Measure("one_weight", _MOVED, (PLATFORM, CARRIER)),
        Measure("early", _MOVED, (PLATFORM, CARRIER)),
    ),
    "declared-not-arrived": (Measure("not_arrived", _MOVED, (MERCHANT, SITE)),),
    "returns-abuse": (Measure("returned", _RETURNED, (PLATFORM, MERCHANT), worth="weeks_worth"),),
}
"""What each rule looks for."""


def movement_peers(context: Context) -> Rows:
    """Shares of every measure against peers, a rule at a time, and which sales a found subject explains."""
    rows = Rows()
    for rule in context.asking:
        for measure in MEASURES[rule]:
            put_measure(rows, context.tallies, measure, PeerParameters.of(context.parameters[rule]))
    return rows


def quota_reuse(context: Context) -> Rows:
    """Of what each subject had taken back, how much of the quota was used again, against all others."""
    rows = Rows()
    context.tallies.keep(_RETURNED)
    for role in (PLATFORM, MERCHANT):
        for key, values in _reuse(context.tallies, role.column):
            rows.put(key, {f"{role.prefix}_returns_{name}": value for name, value in values.items()})
    return rows


def _reuse(tallies: Tallies, column: str) -> list[tuple[str, dict[str, int | float]]]:
    """Each subject that had something taken back, with how often the quota was used again."""
    table = tallies.query(
        f"SELECT {column} AS key, count(*) AS sales, count(reused) AS back, "
        f"count(*) FILTER (reused) AS reused FROM {_RETURNED} GROUP BY {column} ORDER BY {column}"
    )
    sales, back, reused = (table[name].to_numpy().astype(np.int64) for name in ("sales", "back", "reused"))
    low, _ = jeffreys(reused, back, level=0.95)
    others, others_back = reused.sum() - reused, back.sum() - back
    base = (others + 0.5) / (others_back + 1.0)
    return [
        (
            key,
            {
                "sales": int(sales[at]),
                "back": int(back[at]),
                "reused": int(reused[at]),
                "reuse_low": float(low[at]),
                "reuse_base": float(base[at]),
                "others_back": int(others_back[at]),
            },
        )
        for at, key in enumerate(table["key"].to_pylist())
        if back[at]
    ]


STEPS = (
    Step(name="movement-peers", takes=names_of_fields(PeerParameters), run=movement_peers),
    Step(name="quota-reuse", run=quota_reuse),
)
