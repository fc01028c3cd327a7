"""What people use of the personal limit in a made-up world, whoever they are."""

import numpy as np

from world.answers import STATUS, answered
from world.events import Event
from world.identifiers import Ints
from world.render import Renderer, declared_lines
from world.truth import Truth

ANNUAL_LIMIT = 2_600_000
"""Fen of dutiable value a person and calendar year; a world lies in 2025."""
_REFUSED = ("100", "399", "700")


def counted(r: Renderer) -> tuple[Ints, Ints]:
    """Positions of the sales whose declaration was accepted and stands, and their dutiable value in fen."""
    at, final = answered(r, 0, len(r.sales))
    refused = np.array([code in _REFUSED for code, _, _ in STATUS])[final]
    back = np.isin(r.events.event[at], (Event.CANCELLED, Event.REFUNDED))
    at = at[~refused & ~back]
    row, _, _, qty, price = declared_lines(r, at)
    goods = np.bincount(row, weights=qty * price // 10, minlength=len(at)).astype(np.int64)
    return at, goods + r.sales.freight[at]


def tell_overruns(r: Renderer, truth: Truth) -> None:
    """Everybody whose year went over the limit: true, though only who was planted has to be found."""
    at, value = counted(r)
    buyer = r.papers.invoice_buyer[at]
    used = np.bincount(buyer, weights=value, minlength=len(r.people))
    ids = r.sale_ids()
    for person in np.flatnonzero(used > ANNUAL_LIMIT).tolist():
        members = [("Transaction", ids[sale]) for sale in at[buyer == person].tolist()]
        truth.plant(
            "consumer-quota",
            "Consumer",
            f"buyer-{person}",
            members,
            note=f"used CNY {used[person] / 100:.0f}",
            required=False,
        )
