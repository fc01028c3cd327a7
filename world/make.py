"""Make a world: message files or flat files of a given number of sales, and the truth about them."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np

from loaders.errors import BadInputError
from world.cast import Cast, make_cast
from world.checks import Checks, make_checks, tell_checks
from world.demand import shown_by_checks
from world.documents import render
from world.events import RULES, Event, Events, draw_events, raised, tell
from world.external import make_external
from world.flat import CsvFolder
from world.goods import Goods, make_goods
from world.identifiers import Ints
from world.messages import MessageFolder
from world.papers import make_papers
from world.people import People, make_people
from world.platform_data import PaymentFolder
from world.quota import tell_overruns
from world.render import Renderer, names_of
from world.sales import Sales, forged_counts, make_sales
from world.schemes import SCHEMES, Stage
from world.schemes.verification import tell_traffic
from world.truth import Truth

Format = Literal["xml", "csv"]
WorldKind = Literal["standard", "independent", "heavy-tailed", "themed"]
FEWEST = 500  # below, rings and honest shops have too few sales to differ
SLICE = 50_000  # sales rendered at a time: bounds memory, and is the same for every size so that files repeat


def make(out: Path, *, orders: int, seed: int, format: Format, kind: WorldKind = "standard") -> Truth:
    """Write a world of `orders` sales into the folder `out` and return its truth.

    The same (orders, seed, kind) gives the same facts in both formats, and the same bytes every time.
    Raises BadInputError for fewer than 500 orders or an unknown format or kind.
    """
    if orders < FEWEST:
        raise BadInputError(f"A world of {orders} orders is too small: ask for at least {FEWEST}.")
    for given, known in ((format, get_args(Format)), (kind, get_args(WorldKind))):
        if given not in known:
            raise BadInputError(f"There is no world {given!r}: it is one of {', '.join(known)}.")
    out.mkdir(parents=True, exist_ok=True)
    truth = Truth(orders=orders, seed=seed, kind=kind, format=format)
    rng = [np.random.default_rng([seed, part]) for part in range(8)]
    cast = make_cast(rng[0], orders, kind)
    plain = np.setdiff1d(cast.groups["plain"], cast.groups["markets"])
    cast.groups["together"] = plain[np.argsort(-cast.weight[plain], kind="stable")][:1]
    forged = forged_counts(rng[1], cast)
    total = sum(int(counts.sum()) for counts in forged)
    people = make_people(
        rng[2],
        int(orders * 0.42) + 200,
        sigma=1.3 if kind == "heavy-tailed" else 0.9,
        spare_phones=total // 12 + 8 * len(forged),
        spare_addresses=total // 15 + 8 * len(forged),
    )
    goods = make_goods(rng[3])
    checks = make_checks(rng[4], cast)
    sales = make_sales(rng[5], cast, people, goods, forged, orders, kind)
    stage = _stage(cast, people, goods, sales, truth)
    schemes = (
        [(scheme, np.random.default_rng([seed, 100, scheme.number])) for scheme in SCHEMES]
        if kind == "standard"
        else []
    )
    for scheme, own in schemes:
        scheme.on_sales(own, stage)
    stage.events = events = draw_events(rng[6], cast, sales, kind, truth, stage.claimed)
    stage.papers = papers = make_papers(rng[7], cast, people, sales, events)
    for scheme, own in schemes:
        scheme.on_papers(own, stage)
    renderer = Renderer(cast, people, goods, sales, events, papers)
    _tell_cast(cast, checks, sales, truth)
    tell_checks(cast, checks, np.bincount(sales.platform, minlength=len(cast.platforms)), truth)
    _tell_raised(cast, sales, events, truth)
    tell(events, renderer.sale_ids(), truth)
    tell_overruns(renderer, truth)
    external = make_external(np.random.default_rng([seed, 8]), renderer, checks)
    for scheme, own in schemes:
        scheme.on_external(own, renderer, stage, external)
    tell_traffic(renderer, stage, external["platform_verifications"])
    _tell_wrong(stage, renderer.sale_ids())
    messages, raw_payments = MessageFolder(out, seed, names_of(cast)), PaymentFolder(out, seed)
    with CsvFolder(out) as flat:
        flat.write(external)
        for start in range(0, orders, SLICE):
            stop = min(orders, start + SLICE)
            tables = render(renderer, start, stop)
            for scheme, _ in schemes:
                scheme.on_tables(renderer, stage, tables, start, stop)
            if format == "csv":
                flat.write(tables)
            else:
                messages.write(tables)
                raw_payments.write(tables["raw_payments"], tables["raw_payment_orders"])
    truth.write(out)
    return truth


def _stage(cast: Cast, people: People, goods: Goods, sales: Sales, truth: Truth) -> Stage:
    lone, odd = ([int(p) for p in cast.groups.get(name, ())] for name in ("lone", "odd"))
    return Stage(cast, people, goods, sales, truth, lone, odd, np.zeros(len(sales), dtype=np.bool_))


def _tell_cast(cast: Cast, checks: Checks, sales: Sales, truth: Truth) -> None:
    """Write rings, payment companies and honest groups into the truth."""

    def members(platforms: Ints) -> list[tuple[str, str]]:
        return [("Platform", cast.platforms[int(p)].code) for p in np.sort(platforms)]

    shown = shown_by_checks(cast, checks, sales)
    for number, ring in enumerate(cast.rings):
        company = cast.companies[ring.company].code
        truth.rings.append(
            {
                "members": [key for _, key in members(ring.platforms)],
                "payment_company": company,
                "forged_sales": int((sales.ring == number).sum()),
            }
        )
        truth.plant(
            "ring-platforms",
            "Community",
            f"ring-{number}",
            members(ring.platforms),
            note=f"settles with {company}",
        )
        truth.plant(
            "payment-captive-platforms",
            "PaymentCompany",
            company,
            members(ring.platforms),
            note=f"ring {number}" if ring.company in shown else f"ring {number}, too few checks to show it",
            required=ring.company in shown,
        )
        truth.plant(
            "payment-watchlist",
            "PaymentCompany",
            company,
            members(ring.platforms),
            note=f"ring {number}",
            required=False,
        )
    if "watched" in cast.groups:
        company = cast.companies[cast.firms["watched"]].code
        truth.plant(
            "payment-watchlist",
            "PaymentCompany",
            company,
            members(cast.groups["watched"]),
            note="many captives, few checks",
            required=truth.orders >= 100_000,  # below, its peers are so few that their spread may hide it
        )
    captive = ["payment-captive-platforms"]
    for wallet in cast.companies[: cast.wallets]:
        truth.look_alike("big wallet", [*captive, "payment-watchlist"], ("PaymentCompany", wallet.code))
    for what, name in (
        ("aggregator of small shops", "aggregator"),
        ("small firm with niche shops", "niche"),
        ("bonded park", "park"),
    ):
        firm = cast.companies[cast.firms[name]].code
        truth.look_alike(what, captive, ("PaymentCompany", firm), members(cast.groups[name]))
        # It does have more captives than most: a watch list may say so, at low severity.
        truth.plant("payment-watchlist", "PaymentCompany", firm, note=f"honest: {what}", required=False)
        truth.look_alike(f"{what}: its shops", ["ring-platforms"], None, members(cast.groups[name]))
    truth.look_alike(
        "markets where everybody buys", ["ring-platforms"], None, members(cast.groups["markets"])
    )
    honest = np.flatnonzero(cast.ring_of < 0)
    for theme in np.unique(cast.theme[honest]):
        shops = honest[cast.theme[honest] == theme]
        truth.look_alike("shops for the same goods", ["ring-platforms"], None, members(shops))
    truth.look_alike("lockers, stations and dormitories", ["ring-platforms"])
    truth.look_alike("families on one phone", ["ring-platforms"])


def _tell_wrong(stage: Stage, ids: list[str]) -> None:
    """Write down what an inspection of each sale would find: in the parcel, or by asking the buyer."""
    assert stage.events is not None
    for what, kinds in _FOUND.items():
        stage.is_wrong(what, stage.events.where(*kinds))
    stage.is_wrong("identity", np.flatnonzero(stage.sales.ring >= 0))
    for what, parts in sorted(stage.wrong.items()):
        stage.truth.wrong[what] = [ids[at] for at in np.unique(np.concatenate(parts)).tolist()]


_FOUND = {
    "value": (Event.DECLARED_VALUE,),
    "name": (Event.ITEM_SWAPPED,),
    "quantity": (Event.ITEM_COUNT, Event.ITEM_QUANTITY),
}
"""What an inspection finds where the declaration says otherwise than the order."""


def _tell_raised(cast: Cast, sales: Sales, events: Events, truth: Truth) -> None:
    """Subjects that overlap with a planted one, so that their sales differ too: true, not required."""
    agents = len(cast.agents)
    pair = sales.merchant * agents + sales.agent
    known = {_subject(p["rule"], p["subject"], p["members"]) for p in truth.planted}
    platforms, merchants = ([firm.code for firm in firms] for firms in (cast.platforms, cast.merchants))
    subjects = (("Platform", sales.platform, platforms), ("Merchant", sales.merchant, merchants))
    for rule, kinds in RULES.items():
        hit = np.isin(events.event, kinds).astype(np.int64)
        for kind, subject, codes in subjects:
            sown = np.bincount(subject, weights=hit * events.planted, minlength=len(codes))
            truth.excuse(rule, kind, {codes[at] for at in np.flatnonzero(sown < _SHOWN)})
        for kind, subject, codes in subjects:
            for at, note in _overlapping(subject, hit, events.planted, len(codes)):
                if (rule, kind, codes[at], "") not in known:
                    truth.plant(rule, kind, codes[at], note=note, required=False)
        for at, note in _overlapping(pair, hit, events.planted, len(merchants) * agents):
            agent, merchant = cast.agents[at % agents].code, merchants[at // agents]
            if (rule, "Agent", agent, merchant) not in known:
                truth.plant(rule, "Agent", agent, [("Merchant", merchant)], note=note, required=False)


_SHOWN = 5
"""Planted sales from which a subject is demanded: fewer may be chance among a hundred platforms."""


def _subject(rule: str, subject: dict[str, str], members: list[dict[str, str]]) -> tuple[str, str, str, str]:
    partner = members[0]["key"] if subject["kind"] == "Agent" else ""
    return rule, subject["kind"], subject["key"], partner


def _overlapping(subject: Ints, hit: Ints, planted: Ints, size: int) -> list[tuple[int, str]]:
    """Subjects two in five of whose differing sales are planted, at least two, and a note that says so."""
    total, share = raised(subject, hit, size)
    _, sown = raised(subject, hit * planted, size)
    found = np.flatnonzero((share >= 0.01) & (sown >= 0.4 * share) & (sown * total >= 1.5)).tolist()
    return [(at, f"overlaps: {share[at]:.0%} of {total[at]} sales") for at in found]
