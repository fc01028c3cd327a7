"""Visits that a check saw on a platform, beside the cleared orders that would have needed them."""

from app.detection.significance import poisson_interval
from app.detection.steps import Context, Rows, Step

RULE = "platform-traffic"


def platform_traffic(context: Context) -> Rows:
    """Visits seen last, orders cleared in that time, and the intervals of both; few orders judge nobody."""
    parameters = context.parameters[RULE]
    rows = Rows()
    seen = context.tallies.table("platform_traffic").to_pylist()
    low, _ = poisson_interval([row["orders"] for row in seen], level=parameters["confidence"])
    _, high = poisson_interval([row["visits"] for row in seen], level=parameters["confidence"])
    for row, orders_low, visits_high in zip(seen, low.tolist(), high.tolist(), strict=True):
        platform = row.pop("platform")
        values = {**row, "orders_low": orders_low, "visits_high": visits_high}
        rows.put(platform, {f"traffic_{name}": value for name, value in values.items()})
        if row["orders"] >= parameters["minimum_orders"]:
            context.flags.judge("source control", [platform])
    return rows


STEPS = (
    Step(
        name="platform-traffic-seen", takes=frozenset({"confidence", "minimum_orders"}), run=platform_traffic
    ),
)
