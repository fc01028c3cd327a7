"""Identities that are used: farms behind one phone or address, one on dozens of platforms, a dense block; and
what the identities, phones and addresses of the rings come to."""

from collections.abc import Iterator
from math import comb

import numpy as np

from world.identifiers import Ints
from world.render import Renderer
from world.sales import Sales
from world.schemes.scheme import Scheme, Stage, Tables

STOLEN, MANY = "consumer-stolen-identity", "consumer-many-platforms"
PHONE_FARM, ADDRESS_FARM, BLOCK = "consumer-phone-farm", "consumer-address-farm", "ring-identities"
FARM = 36  # identities
NOTE = "identities/"  # of the stage's notes: what is told at the end, by name


def transactions(ids: list[str], at: Ints) -> list[tuple[str, str]]:
    """Sales as members of a truth: what a finding about a key that no world knows has as its evidence."""
    return [("Transaction", ids[sale]) for sale in at.tolist()]


def unused_phones(stage: Stage) -> Ints:
    """Phones that nobody has, taken out of what the next one is given."""
    people = stage.people
    return stage.notes.setdefault(
        NOTE + "unused phones", np.flatnonzero(people.second_phone == people.phone) + len(people)
    )


def unused_homes(stage: Stage) -> Ints:
    """Addresses of families none of whom ever bought."""
    people = stage.people
    lived = np.unique(people.address[stage.sales.consumer])
    return stage.notes.setdefault(NOTE + "unused homes", np.setdiff1d(people.address, lived))


def take_some(stage: Stage, unused: Ints, name: str, n: int) -> Ints:
    """The first n of what is unused; they are used from now on."""
    stage.notes[NOTE + name] = unused[n:]
    return unused[:n]


def sell_to(stage: Stage, at: Ints, consumers: Ints) -> None:
    """Let these sales be bought by others, on their own phone and to their own address."""
    sales, people = stage.sales, stage.people
    sales.consumer[at] = sales.payer[at] = sales.recipient[at] = consumers
    sales.buyer_phone[at] = sales.recipient_phone[at] = people.phone[consumers]
    sales.address[at] = people.address[consumers]


def buyers(rng: np.random.Generator, stage: Stage, n: int) -> Ints:
    """n different people who buy elsewhere, too, in no ring's name."""
    sales = stage.sales
    forged = np.unique(sales.consumer[sales.ring >= 0])
    some = np.setdiff1d(sales.consumer[stage.free()], forged)
    return rng.permutation(some)[:n]


def by_value(values: Ints, at: Ints) -> Iterator[tuple[int, Ints]]:
    """Each value with the positions (of `at`) that have it."""
    order = at[np.argsort(values[at], kind="stable")]
    cuts = np.flatnonzero(np.diff(values[order])) + 1
    for part in np.split(order, cuts) if len(order) else ():
        yield int(values[part[0]]), part


class UsedIdentities(Scheme):
    """Plants the farms, the identity on dozens of platforms and the dense block."""

    number = 20

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Farms on a platform of their own each; the block on four; one identity wherever there is a sale."""
        large = len(stage.sales) >= 100_000
        for number in range(2 if large else 1):
            self._phone_farm(rng, stage, f"phone farm {number}")
            self._address_farm(rng, stage, f"address farm {number}")
            self._everywhere(rng, stage, f"everywhere {number}")
        if len(stage.lone) >= 12:
            self._block(rng, stage, _unlike(stage, 4))

    def _farm(self, rng: np.random.Generator, stage: Stage, name: str) -> Ints:
        """Sales of one fake platform that follow each other, each to another identity; its sales."""
        free = stage.free()
        own = free[stage.sales.platform[free] == stage.lone[-1]] if stage.lone else free[:0]
        if len(own) < FARM // 2:
            return own[:0]
        stage.lone.pop()
        at = stage.claim(own[: min(FARM, len(own))])
        stage.notes[NOTE + name] = stage.is_wrong("identity", at)
        sell_to(stage, at, buyers(rng, stage, len(at)))
        return at

    def _phone_farm(self, rng: np.random.Generator, stage: Stage, name: str) -> None:
        """One phone takes every parcel, and the farm's few phones order."""
        at = self._farm(rng, stage, name)
        if len(at):
            phones = take_some(stage, unused_phones(stage), "unused phones", 3)
            stage.sales.recipient_phone[at] = phones[0]
            stage.sales.buyer_phone[at] = phones[rng.integers(0, 3, len(at))]

    def _address_farm(self, rng: np.random.Generator, stage: Stage, name: str) -> None:
        """One address takes every parcel; every identity orders on a fresh phone."""
        at = self._farm(rng, stage, name)
        if len(at):
            fresh = take_some(stage, unused_phones(stage), "unused phones", len(at))
            stage.sales.buyer_phone[at] = stage.sales.recipient_phone[at] = fresh
            stage.sales.address[at] = take_some(stage, unused_homes(stage), "unused homes", 1)[0]

    def _everywhere(self, rng: np.random.Generator, stage: Stage, name: str) -> None:
        """One identity buys once on a third of all platforms, something cheap (the yearly quota holds).

        A second one buys on others: two alone would tie all those platforms together.
        """
        free, sales = stage.free(), stage.sales
        taken = stage.notes.setdefault("platforms bought everywhere on", free[:0])
        cheap = free[sales.goods[free] <= np.quantile(sales.goods[free], 0.35)]
        cheap = cheap[~np.isin(sales.platform[cheap], taken)]
        platforms, first = np.unique(sales.platform[cheap], return_index=True)
        wanted = min(max(30, len(stage.cast.platforms) // 3), len(platforms))
        at = stage.claim(np.sort(cheap[first[rng.permutation(len(platforms))[:wanted]]]))
        stage.notes["platforms bought everywhere on"] = np.append(taken, sales.platform[at])
        sell_to(stage, at, np.repeat(buyers(rng, stage, 1), len(at)))
        stage.notes[NOTE + name] = stage.is_wrong("identity", at)

    def _block(self, rng: np.random.Generator, stage: Stage, platforms: list[int]) -> None:
        """The same identities buy on each of four fake platforms, on their own phones, to their own homes."""
        free, sales = stage.free(), stage.sales
        of_platform = [free[sales.platform[free] == platform] for platform in platforms]
        size = min(150, *(len(at) * 7 // 10 for at in of_platform))
        people = buyers(rng, stage, size)
        for at in of_platform:
            chosen = stage.claim(np.sort(rng.permutation(at)[:size]))
            sell_to(stage, stage.is_wrong("identity", chosen), rng.permutation(people))
        members = [("Platform", stage.code(platform)) for platform in sorted(platforms)]
        enough = size >= 40 and len({int(stage.cast.theme[platform]) for platform in platforms}) == 4
        stage.truth.plant(BLOCK, "Community", "block", members, note=f"{size} identities", required=enough)
        # Whoever looks at the platforms sees the same people shared.
        stage.truth.plant("ring-platforms", "Community", "block", members, note="a block", required=False)

    def on_external(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        renderer: Renderer,
        stage: Stage,
        tables: Tables,  # noqa: ARG002
    ) -> None:
        """Tell what was planted, and what the rings' identities, phones and addresses come to."""
        ids = renderer.sale_ids()
        told = (("phone farm", PHONE_FARM, "Phone"), ("address farm", ADDRESS_FARM, "Address"))
        for name, at in stage.notes.items():
            for what, rule, kind in (*told, ("everywhere", MANY, "Consumer")):
                if name.startswith(NOTE + what):
                    key = name.removeprefix(NOTE)
                    enough = len(at) >= 24 and (kind != "Consumer" or len(stage.sales) >= 10_000)
                    stage.truth.plant(rule, kind, key, transactions(ids, at), note=what, required=enough)
        self._tell_rings(stage, ids)

    def _tell_rings(self, stage: Stage, ids: list[str]) -> None:
        sales, truth = stage.sales, stage.truth
        forged = np.flatnonzero(sales.ring >= 0)
        names = np.isin(sales.consumer, sales.consumer[forged])
        for who, at in by_value(sales.consumer, np.flatnonzero(names)):
            phones = len(np.unique(sales.buyer_phone[at]))
            if phones < 4:
                continue
            members, note = transactions(ids, at), f"{phones} phones in {len(at)} orders"
            key = f"identity {who}"
            truth.plant(STOLEN, "Consumer", key, members, note=note, required=_shown(phones, len(at)))
            if len(np.unique(sales.platform[at])) >= 10:
                truth.plant(MANY, "Consumer", key, members, note="of a ring", required=False)
        for rule, kind, contact, own in (
            (PHONE_FARM, "Phone", sales.recipient_phone, stage.people.spare_phones),
            (ADDRESS_FARM, "Address", sales.address, stage.people.spare_addresses),
        ):
            for _, at in by_value(contact, forged[np.isin(contact[forged], own)]):
                if len(np.unique(sales.consumer[at])) >= 8:
                    key = f"{kind.lower()} of ring {sales.ring[at[0]]}, sale {at[0]}"
                    truth.plant(rule, kind, key, transactions(ids, at), note="of a ring", required=False)
        for number, ring in enumerate(truth.rings):
            members = [("Platform", code) for code in ring["members"]]
            enough = len(sales) >= 20_000  # below, the identities of a ring meet too seldom
            truth.plant(
                BLOCK, "Community", f"ring-{number}", members, note=_people(sales, number), required=enough
            )


def _unlike(stage: Stage, n: int) -> list[int]:
    """n lone platforms, of different goods where there are such: what one taste explains is no block."""
    lone, themes = stage.lone, stage.cast.theme
    first = [lone[at] for at in np.unique(themes[lone], return_index=True)[1]]
    chosen = sorted(lone, key=lambda platform: platform not in first)[:n]
    for platform in chosen:
        lone.remove(platform)
    return chosen


def _people(sales: Sales, ring: int) -> str:
    return f"{len(np.unique(sales.consumer[sales.ring == ring]))} stolen identities"


def _shown(phones: int, orders: int) -> bool:
    """Whether so many phones are beyond doubt where one order in forty brings another one."""
    if phones < 5:
        return False
    rate, later = 1 / 40, orders - 1
    tail = sum(comb(later, k) * rate**k * (1 - rate) ** (later - k) for k in range(phones - 1, orders))
    return tail < 1e-5
