"""The personal limit: people driven over it, platforms that use people up, refusals because of it (1313)."""

import numpy as np
import pyarrow.compute as pc

from world.cast import DAYS
from world.events import Event
from world.identifiers import Ints
from world.render import Renderer, take
from world.sales import DAY
from world.schemes.scheme import Scheme, Stage, Tables

OPEN, CLOSED = 10 * DAY, (DAYS - 40) * DAY  # answers, cancels and returns of these sales are within the world
REFUSAL = "1313,订购人购买超过年度限额,超过个人年度购买额度"
EXHAUSTED = "consumer-quota-exhausted"


class Quota(Scheme):
    """Plants on sales that it claims, so that their documents agree; their answers it writes itself."""

    number = 30

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        notes = stage.notes
        notes["quota-over"] = _people(rng, stage, 2 if stage.truth.orders < 100_000 else 4, 9)
        notes["quota-cancelled"] = _people(rng, stage, 2, 10)
        notes["quota-spread"] = _apart(rng, stage, 9)
        notes["quota-refused-once"] = _once(rng, stage)
        for name in ("quota-driver", "quota-careful", "quota-refuser"):
            platforms = stage.odd if name == "quota-careful" else stage.lone
            notes[name] = np.zeros(0, dtype=np.int64)
            if not platforms:
                continue
            platform = platforms.pop()
            mine = _open(stage, stage.sales.platform == platform)
            if name == "quota-refuser":
                notes[name] = stage.claim(mine[rng.random(len(mine)) < 0.4])
            else:
                notes[name] = _used_up(rng, stage, mine)
                if name == "quota-driver":
                    stage.is_wrong("identity", notes[name])
            notes[f"{name}-platform"] = np.array([platform])

    def on_papers(self, _rng: np.random.Generator, stage: Stage) -> None:
        events = stage.events
        assert events is not None
        # Every third sale of those who only look over the limit goes back, so that what stays is within it.
        for name in ("quota-cancelled", "quota-careful"):
            for at in _by_person(stage, stage.notes[name]):
                events.event[at[::3]] = Event.REFUNDED
                events.event[at[::6]] = Event.CANCELLED

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        notes = stage.notes
        for names, status, info in (
            (("quota-over", "quota-driver", "quota-cancelled", "quota-careful"), "899", "结关"),
            (("quota-spread", "quota-refused-once", "quota-refuser"), "100", REFUSAL),
        ):
            at = np.unique(np.concatenate([notes[name] for name in names]))
            _answer(renderer, tables, at[(at >= start) & (at < stop)], status, info)

    def on_external(
        self, _rng: np.random.Generator, renderer: Renderer, stage: Stage, _tables: Tables
    ) -> None:
        notes, truth, sales = stage.notes, stage.truth, stage.sales
        ids = renderer.sale_ids()

        def members(at: Ints) -> list[tuple[str, str]]:
            return [("Transaction", ids[sale]) for sale in at.tolist()]

        for at in _by_person(stage, notes["quota-over"]):
            truth.plant(
                "consumer-quota", "Consumer", f"driven-{sales.consumer[at[0]]}", members(at),
                note="driven over the annual limit",
            )  # fmt: skip
        for at in _by_person(stage, notes["quota-driver"]):
            truth.plant(
                "consumer-quota", "Consumer", f"used-up-{sales.consumer[at[0]]}", members(at),
                note="near the limit by one platform, over it with what else was bought", required=False,
            )  # fmt: skip
        spread = notes["quota-spread"]
        if len(spread):
            truth.plant(
                EXHAUSTED, "Consumer", f"refused-{sales.consumer[spread[0]]}", members(spread),
                note="refused on many platforms", required=len(spread) >= 7,
            )  # fmt: skip
        for name, note in (("quota-driver", "drives people to the limit"), ("quota-refuser", "refused 1313")):
            at = notes[name]
            if len(at):
                platform = int(notes[f"{name}-platform"][0])
                people = len(np.unique(sales.consumer[sales.platform == platform]))
                used_up = len(np.unique(sales.consumer[at]))
                truth.plant(
                    EXHAUSTED, "Platform", stage.code(platform), note=f"{note}: {used_up} of {people}",
                    required=people >= 24 and used_up >= max(6, people // 5),
                )  # fmt: skip
        for ring in stage.cast.rings:
            for platform in ring.platforms.tolist():
                truth.plant(
                    EXHAUSTED, "Platform", stage.code(platform),
                    note="a ring, which uses its stolen identities up", required=False,
                )  # fmt: skip
        for at in _by_person(stage, notes["quota-cancelled"]):
            truth.look_alike("big buyer whose goods went back", ["consumer-quota"], None, members(at))
        for at in _by_person(stage, notes["quota-careful"]):
            truth.look_alike("big buyer whose goods went back", ["consumer-quota"], None, members(at))
        if len(notes["quota-careful"]):
            platform = int(notes["quota-careful-platform"][0])
            truth.look_alike(
                "platform whose big buyers sent goods back", [EXHAUSTED], ("Platform", stage.code(platform))
            )


def _open(stage: Stage, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Free sales of those wanted, early enough for everything that follows."""
    at = stage.free()
    paid = stage.sales.paid[at]
    return at[wanted[at] & (paid > OPEN) & (paid < CLOSED)]


def _honest(stage: Stage) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return stage.cast.ring_of[stage.sales.platform] < 0


def _become(stage: Stage, at: Ints, person: Ints) -> None:
    """Make these sales those of other people, paid by them and sent to their homes."""
    sales, people = stage.sales, stage.people
    sales.consumer[at] = sales.payer[at] = sales.recipient[at] = person
    sales.buyer_phone[at] = sales.recipient_phone[at] = people.phone[person]
    sales.address[at] = people.address[person]


def _reprice(rng: np.random.Generator, stage: Stage, at: Ints) -> None:
    """Let these sales be worth CNY 3,100 to 3,500 each: one piece a line, no freight, no discount."""
    sales, goods = stage.sales, stage.goods
    for sale in at.tolist():
        lines = slice(sales.lines[sale], sales.lines[sale + 1])
        count = int(sales.lines[sale + 1] - sales.lines[sale])
        each = int(rng.integers(310_000, 350_000)) // count // 100 * 100
        sales.qty[lines], sales.price[lines] = 1, each
        sales.goods[sale], sales.freight[sale], sales.discount[sale] = each * count, 0, 0
        sales.tax[sale] = int(((each * goods.rate_bp[sales.product[lines]] + 5_000) // 10_000).sum())


def _people(rng: np.random.Generator, stage: Stage, people: int, each: int) -> Ints:
    """Sales of some people, `each` a person, on platforms all over; worth CNY 28,000 and more together."""
    at = _open(stage, _honest(stage))
    if len(at) < 40 * people * each:
        return np.zeros(0, dtype=np.int64)
    at = np.sort(rng.choice(at, people * each, replace=False))
    who = rng.choice(len(stage.people), people, replace=False)
    _become(stage, at, np.repeat(who, each)[rng.permutation(len(at))])
    _reprice(rng, stage, at)
    return stage.claim(at)


def _used_up(rng: np.random.Generator, stage: Stage, mine: Ints) -> Ints:
    """Most sales of a platform for some people, eight for each: CNY 24,800 and more a person."""
    people = len(mine) * 3 // 4 // 8
    at = np.sort(rng.choice(mine, people * 8, replace=False))
    who = rng.choice(len(stage.people), people, replace=False)
    _become(stage, at, np.tile(who, 8))
    _reprice(rng, stage, at)
    return stage.claim(at)


def _apart(rng: np.random.Generator, stage: Stage, most: int) -> Ints:
    """Sales of one person on platforms, and of merchants, that are each another."""
    at = rng.permutation(_open(stage, _honest(stage)))
    sales = stage.sales
    _, first = np.unique(sales.platform[at], return_index=True)
    at = at[np.sort(first)]
    _, first = np.unique(sales.merchant[at], return_index=True)
    at = np.sort(at[np.sort(first)][:most])
    _become(stage, at, np.full(len(at), rng.integers(0, len(stage.people))))
    return stage.claim(at)


def _once(rng: np.random.Generator, stage: Stage) -> Ints:
    """Honest people who were refused once, here and there; their other shopping stays as it is."""
    at = _open(stage, _honest(stage))
    some = min(len(at) // 50, max(20, stage.truth.orders // 2_000))
    return stage.claim(np.sort(rng.choice(at, some, replace=False)))


def _by_person(stage: Stage, at: Ints) -> list[Ints]:
    person = stage.sales.consumer[at]
    return [at[person == one] for one in np.unique(person)]


def _answer(renderer: Renderer, tables: Tables, at: Ints, status: str, info: str) -> None:
    """Write the answer of customs to the declarations of these sales."""
    receipts = tables["receipts"]
    mine = pc.and_(
        pc.equal(receipts["kind"], "CEB622"),
        pc.is_in(receipts["copNo"], value_set=pc.unique(take(renderer.numbers.cop, at))),
    )
    mine = pc.fill_null(mine, False)
    receipts["returnStatus"] = pc.if_else(mine, status, receipts["returnStatus"])
    receipts["returnInfo"] = pc.if_else(mine, info, receipts["returnInfo"])
