"""What schemes about goods have in common: lines of sales, their prices, whose they are, their rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.identifiers import Ints, join
from world.render import Renderer, Table, take
from world.sales import Sales
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


def within(at: Ints | None, start: int, stop: int) -> Ints:
    """Those of these positions that lie in a slice."""
    some = np.zeros(0, dtype=np.int64) if at is None else at
    inside: Ints = some[(some >= start) & (some < stop)]
    return inside


def rows_of(renderer: Renderer, table: Table, at: Ints) -> pa.Array:
    """Which rows of a table belong to these sales."""
    wanted = join(
        take(renderer.pools.code["platform"], renderer.sales.platform[at]),
        "|",
        take(renderer.numbers.order, at),
    )
    return pc.is_in(join(table["ebpCode"], "|", table["orderNo"]), value_set=wanted)
