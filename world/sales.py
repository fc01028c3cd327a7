"""The sales of a world as numbers: who bought what where, when, how it was paid, sent, declared."""

from dataclasses import dataclass

import numpy as np

from world.cast import DAYS, GENERAL, Cast
from world.goods import PRODUCTS_PER_THEME, Goods
from world.identifiers import Ints
from world.people import Floats, People
from world.pools import THEMES

DAY = 86_400
# Share of payments in each hour of the day: people sleep, and shop after work.
_HOURS = np.array(
    [18, 9, 5, 3, 2, 3, 7, 15, 28, 42, 52, 50, 46, 44, 46, 48, 47, 45, 48, 58, 72, 80, 68, 40], dtype=float
)
CUT_OFFS = np.array([2, 9, 12, 15, 18, 22, 26]) * 3_600  # when a platform submits what has gathered


@dataclass
class Sales:
    """n sales in order of payment. Times are seconds since 2025-01-01 local time (UTC+8); money is in fen."""

    platform: Ints
    consumer: Ints
    payer: Ints
    merchant: Ints
    agent: Ints
    warehouse: Ints
    carrier: Ints
    company: Ints  # of the payment
    ordered_company: Ints  # as the order names it
    ring: Ints  # forged by this ring, else -1
    group: Ints  # first sale paid together with this one, else -1
    paid: Ints
    buyer_phone: Ints
    recipient: Ints  # consumer whose name stands on the parcel
    recipient_phone: Ints
    address: Ints
    lines: Ints  # offsets into the line arrays, n + 1
    product: Ints
    qty: Ints
    price: Ints
    goods: Ints
    freight: Ints
    discount: Ints
    tax: Ints
    sent: Ints
    declared: Ints
    signed: Ints

    def __len__(self) -> int:
        return len(self.platform)

    @property
    def due(self) -> Ints:
        """What the buyer owes: goods + freight + tax - discount."""
        return self.goods + self.freight + self.tax - self.discount


@dataclass
class _Draw:
    """Sales before time, goods and roles are drawn: one array each of platform, consumer, ring and group."""

    platform: Ints
    consumer: Ints
    ring: Ints
    group: Ints


def pick(rng: np.random.Generator, weight: Floats, n: int) -> Ints:
    """n positions, each drawn with the given weights."""
    edges = np.cumsum(weight)
    drawn: Ints = np.searchsorted(edges, rng.random(n) * edges[-1], side="right").astype(np.int64)
    return drawn


def forged_counts(rng: np.random.Generator, cast: Cast) -> list[Ints]:
    """How many sales each ring forges on each of its platforms; honest customers do the rest."""
    return [
        np.ceil(ring.volume * rng.uniform(0.65, 0.9, len(ring.volume))).astype(np.int64)
        for ring in cast.rings
    ]


def make_sales(
    rng: np.random.Generator, cast: Cast, people: People, goods: Goods, forged: list[Ints], n: int, kind: str
) -> Sales:
    """Draw n sales. Ring platforms get their honest customers by the same choice as every platform."""
    parts = [_forge(rng, cast, people, number, counts) for number, counts in enumerate(forged)]
    left = n - sum(len(part.platform) for part in parts)
    parts.append(_shop(rng, cast, people, forged, left, kind))
    base = 0
    for part in parts:
        part.group[part.group >= 0] += base
        base += len(part.platform)
    platform, consumer, ring, group = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("platform", "consumer", "ring", "group")
    )
    paid = _pay_times(rng, cast, platform)
    paid = np.where(group >= 0, paid[np.maximum(group, 0)], paid)
    order = np.lexsort((np.arange(n), paid))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    group = np.where(group >= 0, place[np.maximum(group, 0)], -1)[order]
    platform, consumer, ring, paid = platform[order], consumer[order], ring[order], paid[order]
    return _furnish(rng, cast, people, goods, _Draw(platform, consumer, ring, group), paid)


def _forge(rng: np.random.Generator, cast: Cast, people: People, number: int, counts: Ints) -> _Draw:
    """Forged sales of one ring, and its camouflage: the same identities also buy on honest shops."""
    ring = cast.rings[number]
    total = int(counts.sum())
    stolen = np.unique(pick(rng, people.weight, max(90, total // 6)))
    use = rng.lognormal(0, 0.6, len(stolen))
    platform = np.repeat(ring.platforms, counts)
    consumer = stolen[pick(rng, use, total)]
    # Among few shops the same cover would make one of them a member.
    cover = total // (12 if total >= 500 else 40)
    honest = np.where(cast.ring_of < 0, cast.weight, 0.0)
    honest[cast.groups["new"]] = 0.0
    platform = np.concatenate([platform, pick(rng, honest, cover)])
    consumer = np.concatenate([consumer, stolen[pick(rng, use, cover)]])
    return _Draw(
        platform,
        consumer,
        np.full(total + cover, number, dtype=np.int64),
        np.full(total + cover, -1, dtype=np.int64),
    )


def _shop(
    rng: np.random.Generator, cast: Cast, people: People, forged: list[Ints], n: int, kind: str
) -> _Draw:
    """Honest sales: consumers by activity; platforms by size, in a themed world within one's theme."""
    weight = cast.weight * np.where(cast.first_day > 0, 1 - cast.first_day / DAYS, 1.0)
    honest = cast.ring_of < 0
    for ring, counts in zip(cast.rings, forged, strict=True):
        weight[ring.platforms] = (ring.volume - counts) * weight[honest].sum() / max(n, 1)
    consumer = pick(rng, people.weight, n)
    loyalty = {"standard": 0.5, "themed": 0.85}.get(kind, 0.0)
    platform = pick(rng, weight, n)
    themed = np.flatnonzero((rng.random(n) < loyalty) & (cast.theme[platform] != GENERAL))
    order = np.argsort(cast.theme, kind="stable")
    edges = np.concatenate([[0.0], np.cumsum(weight[order])])
    bounds = np.searchsorted(cast.theme[order], np.arange(len(THEMES) + 1))
    wanted = people.theme[consumer[themed]]
    low, high = edges[bounds[wanted]], edges[bounds[wanted + 1]]
    found = np.searchsorted(edges, low + rng.random(len(themed)) * (high - low), side="right") - 1
    platform[themed] = np.where(high > low, order[np.minimum(found, len(order) - 1)], platform[themed])
    group = np.full(n, -1, dtype=np.int64)
    _pay_together(rng, cast, platform, consumer, group)
    return _Draw(platform, consumer, np.full(n, -1, dtype=np.int64), group)


def _pay_together(rng: np.random.Generator, cast: Cast, platform: Ints, consumer: Ints, group: Ints) -> None:
    """Let some neighbouring sales of a platform be one buyer's, paid by one payment (changes the arrays)."""
    likely = np.full(len(cast.platforms), 0.008)
    likely[cast.ring_of >= 0] = 0.0
    if "together" in cast.groups:
        likely[cast.groups["together"]] = 0.3
    order = np.argsort(platform, kind="stable")
    first, second = order[0:-1:2], order[1::2]
    chosen = (platform[first] == platform[second]) & (rng.random(len(first)) < likely[platform[first]])
    consumer[second[chosen]] = consumer[first[chosen]]
    group[first[chosen]] = first[chosen]
    group[second[chosen]] = first[chosen]


def _pay_times(rng: np.random.Generator, cast: Cast, platform: Ints) -> Ints:
    """Seconds since the first day: weekly and seasonal rhythm, sale days, hours that people keep."""
    days = np.arange(DAYS)
    weight = 1 + 0.12 * np.sin(days / 41) + 0.25 * np.isin((days + 2) % 7, (4, 5, 6))
    weight[[65, 66, 165, 166, 167, 168]] *= 2.6  # 8 March and 18 June with the days before
    edges = np.concatenate([[0.0], np.cumsum(weight)])
    start = edges[cast.first_day[platform]]
    drawn = start + rng.random(len(platform)) * (edges[-1] - start)
    day = np.minimum(np.searchsorted(edges, drawn, side="right") - 1, DAYS - 1)
    hour = pick(rng, _HOURS, len(platform))
    paid: Ints = day * DAY + hour * 3_600 + rng.integers(0, 3_600, len(platform))
    return paid


def _furnish(
    rng: np.random.Generator, cast: Cast, people: People, goods: Goods, draw: _Draw, paid: Ints
) -> Sales:
    n = len(paid)
    platform, consumer, ring = draw.platform, draw.consumer, draw.ring
    merchant = _merchants(rng, cast, platform)
    company = _companies(rng, cast, platform)
    company = np.where(draw.group >= 0, company[np.maximum(draw.group, 0)], company)
    second = rng.random(n) < 0.4
    lines, product, qty, price = _baskets(rng, cast, goods, platform)
    total = qty * price
    value = np.add.reduceat(total, lines[:-1])
    freight = np.where(rng.random(n) < 0.6, 0, rng.integers(8, 31, n) * 100)
    freight = np.minimum(freight, np.maximum(0, 500_000 - value))
    tax = (
        np.add.reduceat((total * goods.rate_bp[product] + 5_000) // 10_000, lines[:-1])
        + freight * 910 // 10_000
    )
    discount = np.where(
        rng.random(n) < 0.75, 0, (value * rng.uniform(0.02, 0.15, n)).astype(np.int64) // 100 * 100
    )
    sent = paid + rng.integers(2 * 3_600, 20 * 3_600, n)
    declared = sent // DAY + pick(rng, np.array([0.55, 0.35, 0.1]), n)
    signed = (declared + pick(rng, np.array([0.0, 0.2, 0.35, 0.25, 0.15, 0.05]), n)) * DAY
    signed += pick(rng, _HOURS, n) * 3_600 + rng.integers(0, 3_600, n)
    sales = Sales(
        platform=platform,
        consumer=consumer,
        payer=consumer.copy(),
        merchant=merchant,
        agent=cast.agent[merchant, np.where(second, 1, 0)],
        warehouse=cast.warehouse[merchant],
        carrier=(platform * 7 + pick(rng, np.array([0.7, 0.2, 0.1]), n)) % len(cast.carriers),
        company=company,
        ordered_company=company.copy(),
        ring=ring,
        group=draw.group,
        paid=paid,
        buyer_phone=np.where(rng.random(n) < 0.85, people.phone[consumer], people.second_phone[consumer]),
        recipient=consumer.copy(),
        recipient_phone=np.zeros(0, dtype=np.int64),
        address=np.where(rng.random(n) < 0.08, people.hub[consumer], people.address[consumer]),
        lines=lines,
        product=product,
        qty=qty,
        price=price,
        goods=value,
        freight=freight,
        discount=discount,
        tax=tax,
        sent=sent,
        declared=declared,
        signed=signed,
    )
    _ring_contacts(rng, cast, people, sales)
    sales.recipient_phone = sales.buyer_phone.copy()
    return sales


def _merchants(rng: np.random.Generator, cast: Cast, platform: Ints) -> Ints:
    merchant = platform.copy()
    for market in cast.groups["markets"]:
        at = np.flatnonzero(platform == market)
        sells = cast.sells[int(market)]
        merchant[at] = sells[pick(rng, 1 / (np.arange(len(sells)) + 1.5), len(at))]
    return merchant


def _companies(rng: np.random.Generator, cast: Cast, platform: Ints) -> Ints:
    edges = np.cumsum(cast.pay_share, axis=1)[platform]
    column = np.minimum((rng.random(len(platform))[:, None] >= edges).sum(axis=1), cast.pay_with.shape[1] - 1)
    company: Ints = cast.pay_with[platform, column]
    return company


def _baskets(
    rng: np.random.Generator, cast: Cast, goods: Goods, platform: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Lines of every sale: one to four different products, at most 5,000 CNY unless it is a single item."""
    n = len(platform)
    count = pick(rng, np.array([0.55, 0.27, 0.12, 0.06]), n) + 1
    theme = np.where(
        (cast.theme[platform] == GENERAL) | (rng.random(n) < 0.1),
        rng.integers(0, len(THEMES), n),
        cast.theme[platform],
    )
    theme = np.minimum(theme, len(THEMES) - 1)
    sale = np.repeat(np.arange(n), count)
    position = np.arange(len(sale)) - np.repeat(np.cumsum(count) - count, count)
    start = rng.integers(0, PRODUCTS_PER_THEME, n)
    product = theme[sale] * PRODUCTS_PER_THEME + (start[sale] + position * 7) % PRODUCTS_PER_THEME
    shop = np.exp(rng.normal(0, 0.05, len(cast.platforms)))
    price = np.maximum(100, (goods.price[product] * shop[platform[sale]]).astype(np.int64) // 10 * 10)
    price = np.minimum(price, 480_000)
    qty = pick(rng, np.array([0.75, 0.17, 0.08]), len(sale)) + 1
    first = np.cumsum(count) - count
    over = np.add.reduceat(qty * price, first) > 480_000
    keep = ~over[sale] | (position == 0)
    qty = np.where(over[sale], 1, qty)
    lines = np.concatenate([[0], np.cumsum(np.where(over, 1, count))]).astype(np.int64)
    return lines, product[keep], qty[keep], price[keep]


def _ring_contacts(rng: np.random.Generator, cast: Cast, people: People, sales: Sales) -> None:
    """Give forged sales the ring's own phones and addresses, which so come to link different people."""
    phone_edges = np.linspace(0, len(people.spare_phones), len(cast.rings) + 1).astype(np.int64)
    address_edges = np.linspace(0, len(people.spare_addresses), len(cast.rings) + 1).astype(np.int64)
    for number in range(len(cast.rings)):
        at = np.flatnonzero(sales.ring == number)
        phones = people.spare_phones[phone_edges[number] : phone_edges[number + 1]]
        places = people.spare_addresses[address_edges[number] : address_edges[number + 1]]
        own = rng.random(len(at)) < 0.12
        sales.buyer_phone[at] = np.where(
            own, sales.buyer_phone[at], phones[rng.integers(0, len(phones), len(at))]
        )
        own = rng.random(len(at)) < 0.25
        sales.address[at] = np.where(own, sales.address[at], places[rng.integers(0, len(places), len(at))])
