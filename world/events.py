"""Where the documents of a sale disagree: planted on subjects, thinly everywhere, honestly explained."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from world.cast import DAYS, Cast
from world.identifiers import Ints
from world.people import Floats
from world.sales import DAY, Sales, pick
from world.truth import Truth

Flags = npt.NDArray[np.bool_]


class Event(IntEnum):
    """What is unusual about the documents of one sale; at most one thing is."""

    NONE = 0
    NO_PAYMENT = 1
    NO_WAYBILL = 2
    NO_INVENTORY = 3
    NO_ORDER = 4
    OTHER_PAYER = 5
    OTHER_BUYER = 6
    OTHER_PHONE = 7
    AMOUNT_PAID = 8
    ARITHMETIC = 9
    LINE_TOTAL = 10
    DECLARED_VALUE = 11
    OTHER_COMPANY = 12
    ITEM_COUNT = 13
    ITEM_SWAPPED = 14
    ITEM_QUANTITY = 15
    OTHER_CONSIGNEE = 16
    OTHER_ADDRESS = 17
    PAID_LATE = 18
    SIGNED_EARLY = 19
    AUTHENTICATED_PAYER = 20
    ROUNDING = 21
    GIFT = 22
    ALIAS = 23
    CHANGED = 24
    WITHDRAWN = 25
    CANCELLED = 26
    REFUNDED = 27


# The differences by which the current transaction shows an event (absent documents by kind).
SHOWS: dict[Event, tuple[str, ...]] = {
    Event.NO_PAYMENT: ("missing:payment",),
    Event.NO_WAYBILL: ("missing:waybill",),
    Event.NO_INVENTORY: ("missing:inventory",),
    Event.NO_ORDER: ("missing:order",),
    Event.OTHER_PAYER: ("payer_id", "payer_name"),
    Event.OTHER_BUYER: ("buyer_id", "buyer_name"),
    Event.OTHER_PHONE: ("buyer_phone",),
    Event.AMOUNT_PAID: ("amount_paid",),
    Event.ARITHMETIC: ("order_arithmetic",),
    Event.LINE_TOTAL: ("line_total",),
    Event.DECLARED_VALUE: ("declared_value",),
    Event.OTHER_COMPANY: ("payment_company",),
    Event.ITEM_COUNT: ("item_count",),
    Event.ITEM_SWAPPED: ("item_lines",),
    Event.ITEM_QUANTITY: ("item_lines",),
    Event.OTHER_CONSIGNEE: ("consignee_name", "consignee_phone"),
    Event.OTHER_ADDRESS: ("consignee_address",),
    Event.PAID_LATE: ("payment_after_declaration",),
    Event.SIGNED_EARLY: ("signed_before_declaration",),
    Event.AUTHENTICATED_PAYER: ("payer_id", "payer_name"),
    Event.ROUNDING: ("amount_paid",),
}
RULES: dict[str, tuple[Event, ...]] = {
    "document-missing": (Event.NO_PAYMENT, Event.NO_WAYBILL, Event.NO_INVENTORY, Event.NO_ORDER),
    "document-payer": (Event.OTHER_PAYER, Event.OTHER_BUYER, Event.OTHER_PHONE),
    "document-amount": (Event.AMOUNT_PAID, Event.ARITHMETIC, Event.LINE_TOTAL, Event.DECLARED_VALUE),
    "document-payment-company": (Event.OTHER_COMPANY,),
    "document-items": (Event.ITEM_COUNT, Event.ITEM_SWAPPED, Event.ITEM_QUANTITY),
    "document-consignee": (Event.OTHER_CONSIGNEE, Event.OTHER_ADDRESS),
    "document-order-of-time": (Event.PAID_LATE, Event.SIGNED_EARLY),
}
LOOK_ALIKES = (Event.AUTHENTICATED_PAYER, Event.ROUNDING)
# Share of all sales on which honest enterprises make each mistake, in 1/10,000.
_NOISE: dict[Event, int] = {
    Event.NO_PAYMENT: 15, Event.NO_WAYBILL: 15, Event.NO_INVENTORY: 12, Event.NO_ORDER: 6,
    Event.OTHER_PAYER: 25, Event.OTHER_BUYER: 6, Event.OTHER_PHONE: 15,
    Event.AMOUNT_PAID: 18, Event.ARITHMETIC: 8, Event.LINE_TOTAL: 8, Event.DECLARED_VALUE: 12,
    Event.OTHER_COMPANY: 35,
    Event.ITEM_COUNT: 14, Event.ITEM_SWAPPED: 12, Event.ITEM_QUANTITY: 12,
    Event.OTHER_CONSIGNEE: 30, Event.OTHER_ADDRESS: 28,
    Event.PAID_LATE: 18, Event.SIGNED_EARLY: 20,
    Event.ROUNDING: 120, Event.GIFT: 350,
    Event.CHANGED: 60, Event.WITHDRAWN: 15, Event.CANCELLED: 50, Event.REFUNDED: 45,
}  # fmt: skip
OPENED = 6 * DAY  # before, a date set back would lie before the first day
SETTLED = (DAYS - 16) * DAY  # later sales may still await documents: nothing is planted on them


@dataclass
class Events:
    """The event of every sale, and whether it was planted on a subject."""

    event: Ints
    planted: Ints  # 1 where an event belongs to a planted subject

    def where(self, *events: Event) -> Ints:
        """Positions of sales with one of these events."""
        return np.flatnonzero(np.isin(self.event, events))


def draw_events(
    rng: np.random.Generator, cast: Cast, sales: Sales, kind: str, truth: Truth, claimed: Flags
) -> Events:
    """Draw the event of every sale; in a standard world plant document differences on chosen subjects.

    Sales that a scheme has claimed stay without one.
    """
    n = len(sales)
    rates = np.array([_NOISE.get(e, 0) for e in Event], dtype=float)
    rates[0] = 10_000 - rates.sum()
    out = Events(event=pick(rng, rates, n), planted=np.zeros(n, dtype=np.int64))
    # Where the platform authenticates its buyers, others pay more often and nobody minds.
    free = (out.event == Event.NONE) & cast.authenticated[sales.platform] & (sales.ring < 0)
    out.event[free & (rng.random(n) < 0.06)] = Event.AUTHENTICATED_PAYER
    other = (out.event == Event.OTHER_PAYER) & cast.authenticated[sales.platform]
    out.event[other] = Event.AUTHENTICATED_PAYER
    free = (out.event == Event.NONE) & np.isin(sales.company, cast.alias or ()) & (sales.paid > 150 * DAY)
    out.event[free] = Event.ALIAS
    if kind == "standard":
        _plant(rng, cast, sales, out, truth)
    _look_alikes(rng, cast, sales, out, truth)
    out.event[(sales.paid < OPENED) | (sales.paid > SETTLED) | (sales.group >= 0) | claimed] = Event.NONE
    out.planted[out.event == Event.NONE] = 0
    return out


def _spread(
    rng: np.random.Generator, out: Events, at: Ints, events: tuple[Event, ...], share: float, planted: int = 1
) -> None:
    """Give `share` of the sales at these positions one of the events."""
    hit = at[rng.random(len(at)) < share]
    out.event[hit] = np.array(events)[rng.integers(0, len(events), len(hit))]
    out.planted[hit] = planted


def _plant(rng: np.random.Generator, cast: Cast, sales: Sales, out: Events, truth: Truth) -> None:
    """Plant every document rule on platforms, some on merchants of markets and on pairs with an agent."""
    orders = len(sales)
    volume = np.bincount(sales.platform, minlength=len(cast.platforms))
    single = np.setdiff1d(np.union1d(cast.groups["plain"], cast.groups["peers"]), cast.groups["markets"])
    single = np.setdiff1d(single, np.concatenate([cast.short_numbers, cast.groups["together"]]))
    enough = single[volume[single] >= max(25, orders / len(cast.platforms) / 4)]
    # No company may have two of them as captives: that would plant a captive company, too.
    peers = enough[np.isin(enough, cast.groups["peers"])]
    _, first = np.unique(cast.pay_with[peers, 0], return_index=True)
    enough = np.union1d(np.setdiff1d(enough, peers), peers[first])
    deck = list(rng.permutation(enough))
    for _ in range(2 if orders >= 100_000 else 1):
        for rule, events in RULES.items():
            at = next(
                (i for i, p in enumerate(deck) if rule != "document-payer" or not cast.authenticated[p]), None
            )
            if at is None:
                continue
            platform = int(deck.pop(at))
            some = tuple(rng.permutation(np.array(events))[: 1 + int(rng.integers(0, len(events)))])
            _spread(rng, out, np.flatnonzero(sales.platform == platform), some, rng.uniform(0.15, 0.4))
            truth.plant(rule, "Platform", cast.platforms[platform].code, note=_note(some))
    cast.groups["spare"] = np.array(sorted(int(p) for p in deck), dtype=np.int64)
    traders = np.arange(len(cast.platforms), len(cast.merchants))
    sold = np.bincount(sales.merchant, minlength=len(cast.merchants))
    pairs = np.bincount(
        sales.merchant * len(cast.agents) + sales.agent, minlength=len(cast.merchants) * len(cast.agents)
    )
    floor = max(30, orders // 1_000)
    several = [int(m) for m in rng.permutation(traders) if sold[m] >= floor]
    for rule in ("document-amount", "document-items", "document-consignee", "document-missing"):
        if len(several) < 4:
            break
        merchant = several.pop()
        events = _PLAIN[rule]
        _spread(rng, out, np.flatnonzero(sales.merchant == merchant), events, rng.uniform(0.12, 0.35))
        truth.plant(rule, "Merchant", cast.merchants[merchant].code, note=_note(events))
    for rule in ("document-order-of-time", "document-amount", "document-items"):
        split = [m for m in several if cast.agent[m, 0] != cast.agent[m, 1]]
        split = [m for m in split if pairs[m * len(cast.agents) + cast.agent[m, 1]] >= floor * 2 // 3]
        if not split:
            break
        merchant = split[0]
        several.remove(merchant)
        agent = int(cast.agent[merchant, 1])
        events = _PLAIN[rule]
        both = np.flatnonzero((sales.merchant == merchant) & (sales.agent == agent))
        _spread(rng, out, both, events, rng.uniform(0.2, 0.4))
        members = [("Merchant", cast.merchants[merchant].code)]
        truth.plant(rule, "Agent", cast.agents[agent].code, members, note=_note(events))


_PLAIN: dict[str, tuple[Event, ...]] = {
    "document-amount": (Event.DECLARED_VALUE, Event.LINE_TOTAL),
    "document-items": (Event.ITEM_SWAPPED, Event.ITEM_COUNT),
    "document-consignee": (Event.OTHER_CONSIGNEE,),
    "document-missing": (Event.NO_WAYBILL, Event.NO_PAYMENT),
    "document-order-of-time": (Event.PAID_LATE,),
}


def _note(events: tuple[Event, ...]) -> str:
    return ", ".join(sorted(Event(e).name.lower() for e in events))


def _look_alikes(rng: np.random.Generator, cast: Cast, sales: Sales, out: Events, truth: Truth) -> None:
    """Platforms whose documents only look wrong: rounding, changes, gifts, others who may pay."""
    spare = [
        int(p) for p in cast.groups.pop("spare", np.setdiff1d(cast.groups["plain"], cast.groups["markets"]))
    ]
    plans = (
        ("rounding", Event.ROUNDING, ["document-amount"], 0.3),
        ("changed", Event.CHANGED, ["document-amount", "document-missing"], 0.2),
        ("withdrawn", Event.WITHDRAWN, ["document-missing"], 0.15),
        ("cancelled", Event.CANCELLED, ["document-missing", "document-amount"], 0.12),
        ("gifts", Event.GIFT, ["document-consignee"], 0.3),
    )
    for what, event, rules, share in plans:
        if not spare:
            break
        platform = spare.pop()
        _spread(rng, out, np.flatnonzero(sales.platform == platform), (event,), share, planted=0)
        truth.look_alike(what, rules, ("Platform", cast.platforms[platform].code))
    for platform in [p for p in spare if cast.authenticated[p]][:2]:
        at = np.flatnonzero(sales.platform == platform)
        _spread(rng, out, at, (Event.AUTHENTICATED_PAYER,), 0.3, planted=0)
        truth.look_alike(
            "somebody else pays, buyers are authenticated",
            ["document-payer"],
            ("Platform", cast.platforms[platform].code),
        )
    for platform in cast.groups["together"]:
        truth.look_alike(
            "one payment for several orders (179)",
            ["document-amount"],
            ("Platform", cast.platforms[platform].code),
        )
    for platform in cast.groups["merged"]:
        truth.look_alike(
            "merged payment company (alias)",
            ["document-payment-company"],
            ("Platform", cast.platforms[platform].code),
        )


def tell(events: Events, sale_ids: list[str], truth: Truth) -> None:
    """Write the sales of each difference into the truth."""
    by_name: dict[str, dict[str, list[str]]] = {}
    for event, names in SHOWS.items():
        for at in events.where(event):
            how = "look_alike" if event in LOOK_ALIKES else "planted" if events.planted[at] else "noise"
            for name in names:
                by_name.setdefault(name, {"planted": [], "noise": [], "look_alike": []})[how].append(
                    sale_ids[at]
                )
    truth.differences = {
        name: {how: sorted(ids) for how, ids in by_name[name].items()} for name in sorted(by_name)
    }


def raised(subject: Ints, hit: Ints, size: int) -> tuple[Ints, Floats]:
    """How many sales each subject has, and the share of them that are hit."""
    total = np.bincount(subject, minlength=size)
    return total, np.bincount(subject, weights=hit, minlength=size) / np.maximum(total, 1)
