"""Identities that are used rather than buy: phones that change, too many platforms.

Only who is nearly a finding gets properties; how many could be judged stands on the platforms, each counted
on the first of its own, so that the graph can add them up.
"""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.detection.identities import habit_of, occupancy, occupancy_tail
from app.detection.significance import benjamini_hochberg
from app.detection.steps import Context, Rows, Step

Ints = npt.NDArray[np.int64]


def phone_changes(context: Context) -> Rows:
    """Consumers whose buyer's phone changes far more often than people's does."""
    rows, parameters = Rows(), context.parameters["consumer-stolen-identity"]
    table = _identities(context)
    orders, phones, reports = (_numbers(table, name) for name in ("orders", "phones", "reports"))
    asked = orders >= parameters["least_orders"]
    if asked.sum() < parameters["least_people"]:
        return rows
    count_judgeable(rows, "stolen_judgeable", table.filter(pa.array(asked)))
    several = orders > 1
    cells, cell, people = np.unique(
        np.stack([phones, orders])[:, several] - 1, axis=1, return_inverse=True, return_counts=True
    )
    habit = habit_of(cells[0], cells[1], people)
    p, usual = np.ones(len(orders)), habit.usual(orders - 1)
    p[several] = habit.tail(cells[0], cells[1])[cell.ravel()]
    # Those who reported a sale are a family of their own: few, and with a reason to look.
    q = np.ones(len(orders))
    for family in (np.flatnonzero(asked), np.flatnonzero(asked & (reports > 0))):
        q[family] = np.minimum(q[family], benjamini_hochberg(p[family]))
    near = asked & (q <= parameters["level"]) & (phones >= parameters["least_phones"])
    for at, row in _some(table, near):
        values = {name: row[name] for name in ("orders", "phones", "phone_platforms", "reports")}
        values |= {"usual": float(usual[at]), "p": float(p[at]), "q": float(q[at])}
        rows.put(row["consumer"], named("stolen", values), label="Consumer")
    return rows


def many_platforms(context: Context) -> Rows:
    """Consumers on more platforms than nearly anybody, and than so many orders lead to."""
    rows, parameters = Rows(), context.parameters["consumer-many-platforms"]
    table = _identities(context)
    sales, platforms = _numbers(table, "sales"), _numbers(table, "platforms")
    asked = sales >= parameters["least_platforms"]
    if len(sales) * (1.0 - parameters["quantile"]) < 1.0 or not asked.any():
        return rows  # among so few nobody is beyond the quantile
    count_judgeable(rows, "many_platforms_judgeable", table.filter(pa.array(asked)))
    beyond = np.quantile(platforms, parameters["quantile"], method="inverted_cdf")
    tried = np.flatnonzero(asked & (platforms > beyond) & (platforms >= parameters["least_platforms"]))
    market = context.tallies.query("SELECT count(*) AS n FROM sales GROUP BY platform ORDER BY platform")
    share = market["n"].to_numpy() / market["n"].to_numpy().sum()
    p = np.ones(len(tried))
    for orders in np.unique(sales[tried]).tolist():
        alike = sales[tried] == orders
        p[alike] = occupancy_tail(platforms[tried[alike]], orders, share)
    q = benjamini_hochberg(p, candidates=int(asked.sum()))
    near = np.zeros(len(sales), dtype=np.bool_)
    near[tried[q <= parameters["level"]]] = True
    place = {int(at): index for index, at in enumerate(tried)}
    for at, row in _some(table, near):
        values = {
            "sales": row["sales"],
            "platforms": row["platforms"],
            "usual": float(occupancy(row["sales"], share).sum()),
            "beyond": int(beyond),
            "p": float(p[place[at]]),
            "q": float(q[place[at]]),
        }
        rows.put(row["consumer"], named("many_platforms", values), label="Consumer")
    return rows


def named(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """Properties of one computation, told apart from others' by its name."""
    return {f"{prefix}_{name}": value for name, value in values.items()}


def count_judgeable(rows: Rows, name: str, judged: pa.Table) -> None:
    """Put how many were judged on the first platform of each (column first_platform)."""
    for platform, number in sorted(Counter(judged["first_platform"].to_pylist()).items()):
        rows.put(platform, {name: number})


def _identities(context: Context) -> pa.Table:
    """What every consumer bought."""
    context.tallies.keep("identity_orders")
    return context.tallies.query("FROM identity_orders ORDER BY consumer")


def _numbers(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _some(table: pa.Table, chosen: npt.NDArray[np.bool_]) -> list[tuple[int, dict[str, Any]]]:
    """Position and row of those chosen."""
    at = np.flatnonzero(chosen)
    return list(zip(at.tolist(), table.take(pa.array(at)).to_pylist(), strict=True))


STEPS = (
    Step(
        name="phone-changes",
        takes=frozenset({"least_orders", "least_people", "least_phones", "level"}),
        run=phone_changes,
    ),
    Step(
        name="many-platforms", takes=frozenset({"least_platforms", "quantile", "level"}), run=many_platforms
    ),
)
