"""What schemes about goods have in common: lines of sales, their prices, whose they are, their rows."""

import numpy as np
import pyarrow as pa

from world.identifiers import Ints
from world.render import Renderer, Table
from world.sales import Sales
from world.schemes.rows import sales_of
from world.schemes.scheme import Stage


def lines_at(sales: Sales, at: Ints) -> Ints:
    """Positions of all lines of these sales."""
    return np.concatenate([np.arange(sales.lines[i], sales.lines[i + 1]) for i in at] or [at]).astype(
        np.int64
    )


def reprice(stage: Stage, at: Ints) -> None:
    """Bring what these sales come to in line with the prices and products of their lines."""
    sales, rate = stage.sales, stage.goods.rate_bp
    for i in at:
        line = slice(sales.lines[i], sales.lines[i + 1])
        total = sales.qty[line] * sales.price[line]
        sales.goods[i] = total.sum()
        owed = ((total * rate[sales.product[line]] + 5_000) // 10_000).sum()
        sales.tax[i] = owed + sales.freight[i] * 910 // 10_000
        sales.discount[i] = min(sales.discount[i], sales.goods[i] * 15 // 100 // 100 * 100)


def of_platform(stage: Stage, platform: int) -> Ints:
    """Free sales of a platform."""
    at = stage.free()
    mine: Ints = at[stage.sales.platform[at] == platform]
    return mine


def some(rng: np.random.Generator, at: Ints, share: float) -> Ints:
    """A share of these positions, drawn blindly, in order."""
    drawn: Ints = np.sort(rng.choice(at, round(share * len(at)), replace=False))
    return drawn if len(at) else at


SHOWN = 5
"""Sales that show a planted cause: fewer may be chance, and nobody must find it."""


def seller(stage: Stage, rng: np.random.Generator) -> int | None:
    """A merchant of several markets with sales enough, none where there is none or the world is small."""
    at = stage.free()
    sold = np.bincount(stage.sales.merchant[at], minlength=len(stage.cast.merchants))
    traders = np.arange(len(stage.cast.platforms), len(stage.cast.merchants))
    enough = traders[sold[traders] >= max(60, len(stage.sales) // 500)]
    taken = stage.notes.setdefault("traders", np.zeros(0, dtype=np.int64))
    enough = np.setdiff1d(enough, taken)
    if len(enough) < 3:
        return None
    chosen = int(rng.choice(enough))
    stage.notes["traders"] = np.append(taken, chosen)
    return chosen


def noted(stage: Stage, name: str, start: int, stop: int) -> Ints:
    """Sales of the slice start..stop that a scheme has noted under this name."""
    some = stage.notes.get(name, np.zeros(0, dtype=np.int64))
    inside: Ints = some[(some >= start) & (some < stop)]
    return inside


def rows_of(renderer: Renderer, table: Table, at: Ints, start: int, stop: int) -> pa.Array:
    """Which rows of a table of the slice start..stop belong to these sales, as true and false."""
    return pa.array(np.isin(sales_of(renderer, table, start, stop), at))
