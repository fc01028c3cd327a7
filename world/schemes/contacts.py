"""Honest people who look like used identities: moved, on privacy numbers, in a family on one phone,
giving presents; and honest crowds: a station, a group-buy leader, an office's gifts, a niche shop."""

import numpy as np
import pyarrow.compute as pc

from world.identifiers import Ints, digits, join
from world.render import Renderer, take
from world.schemes.identities import (
    ADDRESS_FARM,
    BLOCK,
    NOTE,
    PHONE_FARM,
    STOLEN,
    buyers,
    by_value,
    sell_to,
    take_some,
    transactions,
    unused_homes,
    unused_phones,
)
from world.schemes.scheme import Scheme, Stage, Tables

CROWD = 40
FEW = 4  # people of each kind, times two in a large world
LEAST = 6  # orders from which a person's phones are looked at
PRIVATE = NOTE + "private"

_TOLD = {
    "moved": ([STOLEN], "Consumer"),
    "private": ([STOLEN], "Consumer"),
    "giver": ([STOLEN], "Consumer"),
    "family": ([STOLEN, PHONE_FARM, ADDRESS_FARM], "Phone"),
    "station": ([PHONE_FARM, ADDRESS_FARM], "Phone"),
    "leader": ([PHONE_FARM, ADDRESS_FARM], "Phone"),
    "office": ([PHONE_FARM, ADDRESS_FARM], "Address"),
}
"""What each note says: rules that must leave it alone, and about whom one would be."""


class HonestContacts(Scheme):
    """Changes who has which phone and address, and leaves everybody honest."""

    number = 21

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """People first, then crowds: whoever is in one is in no other."""
        few = FEW * (2 if len(stage.sales) >= 100_000 else 1)
        people = self._regulars(rng, stage)
        for name, change in (("moved", self._move), ("giver", self._give), ("private", None)):
            for number in range(min(few, len(people))):
                at = stage.claim(people.pop())
                stage.notes[f"{NOTE}{name} {number}"] = at
                if change is not None:
                    change(stage, at)
        if len(people) >= 5:
            self._family(stage, [stage.claim(people.pop()) for _ in range(5)])
        self._crowds(rng, stage)

    def _regulars(self, rng: np.random.Generator, stage: Stage) -> list[Ints]:
        """Sales of each honest person with several orders, all of them free; in random order."""
        sales, free = stage.sales, np.zeros(len(stage.sales), dtype=np.bool_)
        free[stage.free()] = True
        tied = np.unique(sales.consumer[~free])
        at = np.flatnonzero(free & ~np.isin(sales.consumer, tied))
        several = [own for _, own in by_value(sales.consumer, at) if len(own) >= LEAST]
        return [several[i] for i in rng.permutation(len(several))[:60]]

    def _move(self, stage: Stage, at: Ints) -> None:
        """From the middle of the year on a new phone and a new address."""
        later = at[len(at) // 2 :]
        sales = stage.sales
        phone = take_some(stage, unused_phones(stage), "unused phones", 1)[0]
        sales.buyer_phone[later] = sales.recipient_phone[later] = phone
        sales.address[later] = take_some(stage, unused_homes(stage), "unused homes", 1)[0]

    def _give(self, stage: Stage, at: Ints) -> None:
        """Every order goes to somebody else."""
        sales, people = stage.sales, stage.people
        sales.recipient[at] = (sales.consumer[at] + 1 + np.arange(len(at))) % len(people)
        sales.recipient_phone[at] = people.phone[sales.recipient[at]]
        sales.address[at] = people.address[sales.recipient[at]]

    def _family(self, stage: Stage, members: list[Ints]) -> None:
        """Five who live together and order on one phone."""
        at, sales = np.sort(np.concatenate(members)), stage.sales
        phone = take_some(stage, unused_phones(stage), "unused phones", 1)[0]
        sales.buyer_phone[at] = sales.recipient_phone[at] = phone
        sales.address[at] = take_some(stage, unused_homes(stage), "unused homes", 1)[0]
        stage.notes[NOTE + "family"] = at

    def _crowds(self, rng: np.random.Generator, stage: Stage) -> None:
        sales, people = stage.sales, stage.people
        phones = take_some(stage, unused_phones(stage), "unused phones", 2)
        homes = take_some(stage, unused_homes(stage), "unused homes", 2)
        free = stage.free()
        hub = people.hub[np.bincount(people.hub[sales.consumer[free]]).argmax() == people.hub][0]
        fetched = free[sales.address[free] == hub][: 5 * CROWD]
        sales.recipient_phone[stage.claim(fetched)] = phones[0]  # the station's own number
        stage.notes[NOTE + "station"] = fetched
        # A leader's neighbours order for themselves, wherever they like, and fetch it from the leader.
        group = stage.claim(np.sort(rng.permutation(stage.free())[:CROWD]))
        sales.recipient_phone[group] = phones[1]
        sales.address[group] = homes[0]
        stage.notes[NOTE + "leader"] = group
        if len(stage.odd) >= 2:
            self._office(rng, stage, stage.odd.pop(), int(homes[1]))
            self._niche(rng, stage, stage.odd.pop())

    def _office(self, rng: np.random.Generator, stage: Stage, platform: int, home: int) -> None:
        """A firm's presents to its people: one shop, within weeks, to one office; each on the own phone."""
        free = stage.free()
        at = free[stage.sales.platform[free] == platform][:CROWD]
        sell_to(stage, stage.claim(at), buyers(rng, stage, len(at)))
        stage.sales.address[at] = home
        stage.notes[NOTE + "office"] = at

    def _niche(self, rng: np.random.Generator, stage: Stage, platform: int) -> None:
        """A shop whose few customers come again and again."""
        free = stage.free()
        at = stage.claim(free[stage.sales.platform[free] == platform])
        loyal = buyers(rng, stage, max(1, len(at) // 5))
        sell_to(stage, at, loyal[rng.integers(0, len(loyal), len(at))])
        stage.truth.look_alike(
            "loyal customers of a niche shop", [BLOCK, "ring-platforms"], ("Platform", stage.code(platform))
        )

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Orders and declarations of people on privacy numbers carry another one every time."""
        parts = [at for name, at in stage.notes.items() if name.startswith(PRIVATE)]
        at = np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
        at = at[(at >= start) & (at < stop)]
        if not len(at):
            return
        code = take(renderer.pools.code["platform"], stage.sales.platform[at])
        sales = join(code, "|", take(renderer.numbers.order, at))
        relayed = join("170", digits(at * 37 + 60_000_000, 8), "-", digits(at * 7 % 10_000, 4))
        for kind in ("orders", "inventories"):
            table = tables[kind]
            place = pc.index_in(join(table["ebpCode"], "|", table["orderNo"]), value_set=sales)
            table["buyerTelephone"] = pc.coalesce(relayed.take(place), table["buyerTelephone"])

    def on_external(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        renderer: Renderer,
        stage: Stage,
        tables: Tables,  # noqa: ARG002
    ) -> None:
        """Tell the look-alikes, lockers and stations as everybody uses them among them."""
        ids = renderer.sale_ids()
        for name, at in stage.notes.items():
            what = name.removeprefix(NOTE).rstrip(" 0123456789")
            if what in _TOLD and len(at):
                rules, kind = _TOLD[what]
                key = (kind, name.removeprefix(NOTE))
                stage.truth.look_alike(what, rules, key, transactions(ids, at))
        sales, people = stage.sales, stage.people
        honest = np.flatnonzero(np.isin(sales.address, people.hub) & (sales.ring < 0))
        for _, at in by_value(sales.address, honest):
            if len(at) >= CROWD:
                key = ("Address", f"hub of sale {at[0]}")
                stage.truth.look_alike(
                    "locker, station, dormitory", [ADDRESS_FARM], key, transactions(ids, at)
                )
