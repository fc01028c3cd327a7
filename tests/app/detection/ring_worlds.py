"""Small worlds of sales, drawn directly: what the `transactions` view would hold of them, and nothing else.

Honest people buy by popularity; couples share an address and sometimes a phone; parcels go to lockers. Rings
forge sales of stolen identities on their own platforms, next to honest customers, and the same people really
shop elsewhere.
"""

from dataclasses import dataclass, field
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

DAY = date(2025, 3, 1)


@dataclass
class World:
    """Sales as columns, and the platforms of each planted ring."""

    sales: pa.Table
    rings: list[set[str]] = field(default_factory=list)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection with the view that the functions under test read."""
        con = duckdb.connect()
        con.register("transactions", self.sales)
        con.execute(
            "CREATE VIEW inventory_items AS "
            "SELECT ebp_code AS \"ebpCode\", chapters[1] || '0000' AS gcode FROM transactions"
        )
        return con


def code(platform: int) -> str:
    """Code of a platform; its number in sorting order."""
    return f"P{platform:05d}"


def make_world(
    *,
    seed: int,
    platforms: int = 150,
    people: int = 12_000,
    sales: int = 30_000,
    tail: float = 0.8,  # spread of the platforms' sizes (log-normal)
    themes: int = 0,  # kinds of goods that people have a taste for; 0: none
    rings: tuple[int, ...] = (),
    ring_sales: int = 150,  # forged, on each platform of a ring
    camouflage: float = 0.3,  # honest share of a ring platform's sales
) -> World:
    """A world; the first platforms by number are the rings', in order."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0.0, tail, platforms)
    goods = rng.integers(0, max(themes, 8), platforms)
    appetite = rng.lognormal(0.0, 0.8, people)
    person = rng.choice(people, sales, p=appetite / appetite.sum())
    if themes:
        taste = rng.integers(0, themes, people)[person]
        faithful = rng.random(sales) < 0.75
        shop = np.empty(sales, dtype=np.int64)
        for theme in range(themes):
            weight = size * (goods == theme)
            chosen = faithful & (taste == theme)
            shop[chosen] = rng.choice(platforms, chosen.sum(), p=weight / weight.sum())
        shop[~faithful] = rng.choice(platforms, (~faithful).sum(), p=size / size.sum())
    else:
        shop = rng.choice(platforms, sales, p=size / size.sum())
    couple = np.where(rng.random(people) < 0.2, np.arange(people) // 2 * 2, np.arange(people))
    address = couple[person].astype(np.int64)
    locker = rng.random(sales) < 0.1
    address[locker] = people + rng.integers(0, 30, locker.sum())
    phone = np.where(rng.random(sales) < 0.9, person, couple[person])

    members: list[set[str]] = []
    first = 0
    for number, ring in enumerate(rings):
        own = np.arange(first, first + ring)
        first += ring
        members.append({code(p) for p in own})
        forged = ring_sales * ring
        stolen = rng.choice(people, max(forged // 3, 10), replace=False)
        honest = ~np.isin(shop, own)  # of the ring platforms' honest sales only the camouflage stays
        honest |= rng.random(len(shop)) < camouflage
        shop, person, address, phone = shop[honest], person[honest], address[honest], phone[honest]
        victims = rng.choice(stolen, forged)
        shop = np.concatenate([shop, rng.choice(own, forged)])
        person = np.concatenate([person, victims])
        address = np.concatenate([address, 10_000_000 + number * 10_000 + rng.integers(0, 40, forged)])
        phone = np.concatenate([phone, 10_000_000 + number * 10_000 + rng.integers(0, 60, forged)])
    chapters = [[f"{30 + g}"] for g in range(max(themes, 8))]
    return World(
        pa.table(
            {
                "ebp_code": pa.array([code(p) for p in shop]),
                "consumer_key": _keys("c", person),
                "buyer_phone_key": _keys("t", phone),
                "payer_phone_key": _keys("t", person),
                "consignee_phone_key": _keys("t", phone),
                "address_key": _keys("a", address),
                "chapters": pa.array([chapters[g] for g in goods[shop]], pa.list_(pa.string())),
                "last_date": pa.array([DAY] * len(shop), pa.date32()),
            }
        ),
        members,
    )


def _keys(kind: str, numbers: np.ndarray) -> pa.Array:
    return pa.array([f"{kind}{number}" for number in numbers])


def jaccard(one: set[str], other: set[str]) -> float:
    """Overlap of two sets."""
    return len(one & other) / len(one | other)
