"""Who is who in a world: platforms, merchants, payment companies, the others; which are planted."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from world.identifiers import Ints, customs_codes
from world.people import Floats
from world.pools import FIRM_WORDS, THEMES

DAYS = 304  # 2025-01-01 to 2025-10-31
FIRST_DAY = np.datetime64("2025-01-01")
GENERAL = len(THEMES)  # a shop that sells everything
PLATFORM_SHARES = 4  # payment companies a platform uses, wallets included

Strings = list[str]


@dataclass(frozen=True)
class Firm:
    """An enterprise by its customs code and name."""

    code: str
    name: str


@dataclass
class Ring:
    """Platforms that forge sales on stolen identities and settle through one small company."""

    platforms: Ints
    company: int
    volume: Ints


@dataclass
class Cast:
    """Everybody. Platforms are positions 0..P-1 of the arrays; each is also the merchant of that position."""

    platforms: list[Firm]
    merchants: list[Firm]
    companies: list[Firm]
    agents: list[Firm]
    warehouses: list[Firm]
    carriers: list[Firm]
    gateways: list[Firm]
    wallets: int
    weight: Floats
    theme: Ints
    first_day: Ints
    authenticated: npt.NDArray[np.bool_]
    overseas: npt.NDArray[np.bool_]
    bonded: npt.NDArray[np.bool_]
    pay_with: Ints  # (P, PLATFORM_SHARES) companies
    pay_share: Floats  # (P, PLATFORM_SHARES), rows sum to one
    sells: list[Ints]  # merchants of each platform
    agent: Ints  # (merchants, 2)
    warehouse: Ints  # of each merchant
    gateway: Ints  # of each platform, -1 where it transmits itself
    ring_of: Ints  # -1 where honest
    rings: list[Ring] = field(default_factory=list)
    groups: dict[str, Ints] = field(default_factory=dict)  # named groups of platforms
    firms: dict[str, int] = field(default_factory=dict)  # named payment companies
    alias: tuple[int, int] | None = None  # old company, its successor
    short_numbers: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def ring_sizes(orders: int) -> list[int]:
    """Sizes of the rings of a standard world of that many orders."""
    for limit, sizes in ((5_000, [6]), (10_000, [8, 6]), (100_000, [12, 7]), (500_000, [43, 18, 9])):
        if orders < limit:
            return sizes
    return [43, 30, 14, 8]


def _names(rng: np.random.Generator, n: int, tail: str) -> Strings:
    """n different names of invented firms."""
    words = len(FIRM_WORDS)
    picked = rng.permutation(words * words)[:n] if n <= words * words else np.arange(n)
    return [
        f"{FIRM_WORDS[p // words % words]}{FIRM_WORDS[p % words]}{tail}"
        + ("" if p < words * words else str(p))
        for p in picked
    ]


def _firms(rng: np.random.Generator, n: int, zone: str, tail: str) -> list[Firm]:
    return [Firm(c, m) for c, m in zip(customs_codes(rng, n, zone), _names(rng, n, tail), strict=True)]


def make_cast(rng: np.random.Generator, orders: int, kind: str) -> Cast:
    """Draw the enterprises of a world; only kind `standard` has rings and other planted groups."""
    standard = kind == "standard"
    # Platforms for schemes come on top, so that they take none from the groups.
    extra = (
        (60 if orders >= 20_000 else min(36, orders // 550)) * (2 if orders >= 100_000 else 1)
        if standard
        else 0
    )
    count = max(64, round(120 * (orders / 20_000) ** 0.55)) + extra
    peers = max(6, round(12 * (orders / 20_000) ** 0.33))
    wallets = 3 if orders < 100_000 else 4
    sizes = ring_sizes(orders) if standard else []
    others = 2 + (1 if standard else 0)  # aggregator, niche firm, watched company
    companies = _firms(rng, wallets + peers + others + len(sizes) + 2, "9P", "支付有限公司")
    platforms = _firms(rng, count, "96", "电子商务有限公司")
    markets = max(3, round(count * 0.06))
    traders = _firms(rng, max(8, round(markets * 2.5)), "9M", "贸易有限公司")
    agents = _firms(rng, max(8, count // 12), "9A", "报关有限公司")
    warehouses = _firms(rng, max(5, count // 25), "9W", "仓储有限公司")
    merchants = [*platforms, *traders]
    sigma = 1.9 if kind == "heavy-tailed" else 1.25
    weight = rng.lognormal(0, sigma, count)
    theme = np.where(rng.random(count) < 0.12, GENERAL, rng.integers(0, len(THEMES), count))
    agent = rng.integers(0, len(agents), (len(merchants), 2))
    agent[:count, 1] = agent[:count, 0]
    cast = Cast(
        platforms=platforms,
        merchants=merchants,
        companies=companies,
        agents=agents,
        warehouses=warehouses,
        carriers=_firms(rng, max(6, min(14, count // 15)), "9L", "速运有限公司"),
        gateways=_firms(rng, 3, "9G", "数据服务有限公司"),
        wallets=wallets,
        weight=weight,
        theme=theme,
        first_day=np.where(rng.random(count) < 0.75, 0, rng.integers(0, 150, count)),
        authenticated=rng.random(count) < 0.5,
        overseas=rng.random(count) < 0.2,
        bonded=rng.random(count) < 0.6,
        pay_with=np.zeros((count, PLATFORM_SHARES), dtype=np.int64),
        pay_share=np.zeros((count, PLATFORM_SHARES)),
        sells=[np.array([p], dtype=np.int64) for p in range(count)],
        agent=agent,
        warehouse=rng.integers(0, len(warehouses), len(merchants)),
        gateway=np.where(rng.random(count) < 0.3, rng.integers(0, 3, count), -1),
        ring_of=np.full(count, -1, dtype=np.int64),
    )
    _deal_platforms(rng, cast, orders, sizes, peers, extra, standard)
    _open_markets(rng, cast, markets)
    return cast


def _deal_platforms(
    rng: np.random.Generator,
    cast: Cast,
    orders: int,
    sizes: list[int],
    peers: int,
    extra: int,
    standard: bool,
) -> None:
    """Say which platforms are ring, aggregated, niche, watched, new, and with whom each settles."""
    count = len(cast.platforms) - extra
    deck = rng.permutation(len(cast.platforms))
    taken = 0

    def deal(n: int) -> Ints:
        nonlocal taken
        taken += n
        return np.sort(deck[taken - n : taken])

    for name, share in (("lone", extra * 3 // 5), ("odd", extra - extra * 3 // 5)):
        cast.groups[name] = deal(share)
        cast.weight[cast.groups[name]] = rng.lognormal(0.5, 0.3, share)
        cast.first_day[cast.groups[name]] = 0
    spread = cast.wallets
    _wallets_only(rng, cast)
    special = cast.wallets + peers
    for number, size in enumerate(sizes):
        members = deal(size)
        company = special + 3 + number
        median = max(48, 0.5 * orders / count)
        volume = np.clip(median * rng.lognormal(0, 0.7, size), 40, 8 * median).astype(np.int64)
        cast.rings.append(Ring(members, company, volume))
        cast.ring_of[members] = number
        cast.first_day[members] = rng.integers(0, 60, size)
        cast.theme[members] = rng.integers(0, len(THEMES), size)
        _captive(rng, cast, members, company, 0.55, 0.9)
    cast.firms |= {
        "aggregator": special,
        "niche": special + 1,
        "park": cast.wallets,
        "merged": len(cast.companies) - 2,
    }
    cast.groups["aggregator"] = deal(max(6, min(20, 3 + round(count * 0.055))))
    _captive(rng, cast, cast.groups["aggregator"], special, 0.75, 0.98)
    cast.groups["niche"] = deal(max(5, min(12, 2 + round(count * 0.05))))
    _captive(rng, cast, cast.groups["niche"], special + 1, 0.6, 0.95)
    cast.weight[cast.groups["aggregator"]] = rng.lognormal(-0.4, 0.4, len(cast.groups["aggregator"]))
    cast.weight[cast.groups["niche"]] = rng.lognormal(-0.2, 0.4, len(cast.groups["niche"]))
    if standard:
        cast.firms["watched"] = special + 2
        cast.groups["watched"] = deal(min(43, 6 + round(count * 0.17)))
        _captive(rng, cast, cast.groups["watched"], special + 2, 0.6, 0.95)
        cast.weight[cast.groups["watched"]] = rng.lognormal(0.2, 0.4, len(cast.groups["watched"]))
        for ring in cast.rings:
            if len(ring.platforms) > 20:  # a large ring's company also has honest customers
                _captive(rng, cast, deal(4), ring.company, 0.5, 0.8)
    park = deal(max(4, min(12, count // 20)))
    cast.groups["park"] = park
    _captive(rng, cast, park, cast.wallets, 0.55, 0.9)
    cast.agent[park] = 0
    cast.warehouse[park] = 0
    cast.bonded[park] = True
    cast.groups["new"] = deal(max(2, count // 40))
    cast.first_day[cast.groups["new"]] = rng.integers(DAYS - 20, DAYS - 6, len(cast.groups["new"]))
    merged = deal(max(2, count // 60))
    cast.groups["merged"] = merged
    old, successor = len(cast.companies) - 2, len(cast.companies) - 1
    cast.alias = (old, successor)
    _captive(rng, cast, merged, old, 0.3, 0.45)
    few = [np.zeros(0, dtype=np.int64)]
    for company in range(spread + 1, special):
        want = 1 + int(rng.negative_binomial(2, 2 / (2 + 0.9)))
        few.append(deal(min(want, max(0, count + extra - taken - count // 6))))
        _captive(rng, cast, few[-1], company, 0.5, 0.9)
    cast.groups["peers"] = np.sort(np.concatenate(few))
    cast.groups["plain"] = np.sort(deck[taken:])
    cast.short_numbers = rng.choice(
        cast.groups["plain"], max(2, len(cast.groups["plain"]) // 15), replace=False
    )


def _wallets_only(rng: np.random.Generator, cast: Cast) -> None:
    """Every platform starts with the wallets, in shares that differ from platform to platform."""
    count = len(cast.platforms)
    alpha = np.array([5.0, 4.0, 1.2, 0.6][: cast.wallets])
    cast.pay_with[:, : cast.wallets] = np.arange(cast.wallets)
    cast.pay_share[:, : cast.wallets] = rng.dirichlet(alpha, count)


def _captive(
    rng: np.random.Generator, cast: Cast, platforms: Ints, company: int, least: float, most: float
) -> None:
    """Let a company settle `least` to `most` of each platform's sales, the first two wallets the rest."""
    share = rng.uniform(least, most, len(platforms))
    first = rng.uniform(0.3, 0.7, len(platforms))
    cast.pay_with[platforms] = 0
    cast.pay_share[platforms] = 0.0
    cast.pay_with[platforms, 0] = company
    cast.pay_with[platforms, 2] = 1
    cast.pay_share[platforms, 0] = share
    cast.pay_share[platforms, 1] = (1 - share) * first
    cast.pay_share[platforms, 2] = (1 - share) * (1 - first)


def _open_markets(rng: np.random.Generator, cast: Cast, markets: int) -> None:
    """Make the largest plain platforms markets of several merchants; merchants sell on several of them."""
    plain = cast.groups["plain"]
    largest = plain[np.argsort(-cast.weight[plain], kind="stable")][:markets]
    traders = np.arange(len(cast.platforms), len(cast.merchants))
    for platform in largest:
        some = rng.choice(traders, min(len(traders), int(rng.integers(5, 9))), replace=False)
        cast.sells[int(platform)] = np.concatenate([[platform], np.sort(some)])
    cast.theme[largest] = GENERAL
    cast.first_day[largest] = 0
    cast.groups["markets"] = np.sort(largest)
