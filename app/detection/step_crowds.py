"""Crowds: many identities behind one consignee's phone or one address, and whether they buy as people do."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from app.detection.identities import together
from app.detection.significance import benjamini_hochberg, poisson_tail
from app.detection.step_identities import count_judgeable, named
from app.detection.steps import Context, Rows, Step


@dataclass(frozen=True, order=True)
class Mark:
    """What most identities of a crowd have in common: a platform, a chapter of goods, a stretch of days."""

    p: float  # over all values, and over the three kinds
    kind: str
    value: str
    met: int  # identities that have it
    of: int  # identities, each as often as it has different values


NOTHING = Mark(1.0, "", "", 0, 0)


def crowds(context: Context) -> Rows:
    """Crowds whose identities buy on phones that are not theirs, and come together beyond chance."""
    rows = Rows()
    table, usual = context.tallies.table("crowds"), usual_change(context)
    if usual is None:
        return rows
    marks = _marks(context.tallies.table("crowd_marks"))
    (everybody,) = context.tallies.query(
        "SELECT count(*) AS people, count(*) FILTER (WHERE reports > 0) AS reporting FROM identity_orders"
    ).to_pylist()
    reporting = everybody["reporting"] / max(everybody["people"], 1)
    for rule, label in (("consumer-phone-farm", "Phone"), ("consumer-address-farm", "Address")):
        parameters = context.parameters[rule]
        some = table.filter(
            pc.and_(
                pc.equal(table["label"], label),
                pc.greater_equal(table["identities"], parameters["least_identities"]),
            )
        )
        count_judgeable(rows, f"{label.lower()}_farm_judgeable", some)
        _judge(rows, label, some, marks, usual, reporting, parameters["level"])
    return rows


def _judge(
    rows: Rows,
    label: str,
    some: pa.Table,
    marks: dict[tuple[str, str], Mark],
    usual: float,
    reporting: float,
    level: float,
) -> None:
    mark = [marks.get((label, key), NOTHING) for key in some["key"].to_pylist()]
    of_phones = stats.binom.sf(some["strange"].to_numpy() - 1, some["known"].to_numpy(), usual)
    # Both have to show: the greater of two probabilities tests that (Berger 1982).
    p = np.maximum(of_phones, np.array([one.p for one in mark]))
    q = benjamini_hochberg(p)
    reports = poisson_tail(some["reporting"].to_numpy(), some["identities"].to_numpy() * reporting)
    for at, row in enumerate(some.to_pylist()):
        if q[at] <= level:
            values = {name: row[name] for name in ("sales", "identities", "platforms", "known", "strange")}
            values |= {"usual": usual * row["known"], "mark": mark[at].kind, "value": mark[at].value}
            values |= {"met": mark[at].met, "of": mark[at].of, "p": float(p[at]), "q": float(q[at])}
            values |= {"reporting": row["reporting"], "reporting_p": float(reports[at])}
            rows.put(row["key"], named("farm", values), label=label)


def usual_change(context: Context) -> float | None:
    """Share of people with two orders whose second came from another phone; None where nobody has two.

    No honest identity of a crowd is more often seen on a phone that it uses nowhere else: with more orders
    elsewhere it is ever less likely that none of them came from it.
    """
    context.tallies.keep("identity_orders")
    (pairs,) = context.tallies.query(
        "SELECT count(*) AS people, count(*) FILTER (WHERE phones > 1) AS changed "
        "FROM identity_orders WHERE orders = 2"
    ).to_pylist()
    return (pairs["changed"] + 1) / (pairs["people"] + 2) if pairs["people"] else None


def _marks(table: pa.Table) -> dict[tuple[str, str], Mark]:
    """The mark of each crowd (label, key) that chance explains least."""
    met, of, choices = (
        table[name].to_numpy().astype(np.int64) for name in ("identities", "of_identities", "choices")
    )
    share = table["sales"].to_numpy() / np.maximum(table["of_sales"].to_numpy(), 1)
    p = np.minimum(together(met, of, share, choices) * 3.0, 1.0)
    best: dict[tuple[str, str], Mark] = {}
    for chance, row in zip(p.tolist(), table.to_pylist(), strict=True):
        found = Mark(chance, row["mark"], row["value"], row["identities"], row["of_identities"])
        crowd = (row["label"], row["key"])
        best[crowd] = min(found, best.get(crowd, NOTHING))
    return best


STEPS = (Step(name="crowds", takes=frozenset({"least_identities", "level"}), run=crowds),)
