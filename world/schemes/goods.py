"""Declared goods: values far too low, and one trader's goods in many names."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.events import Event
from world.identifiers import Ints
from world.render import Renderer
from world.sales import DAY
from world.schemes.lines import SHOWN, lines_at, noted, of_platform, reprice, rows_of, seller, some
from world.schemes.scheme import Scheme, Stage, Tables

LOW, PACK = 35, 30  # per cent of the usual price; of the usual pack
BURST = 10  # people of a split consignment


class Undervalued(Scheme):
    """Prices a third of the usual on all documents; a day's promotion and small packs look like it."""

    number = 40

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Lower prices of one fake platform and of a merchant of markets; of an honest one's best day."""
        if stage.lone:
            platform = stage.lone.pop()
            self._plant(stage, "Platform", stage.code(platform), some(rng, of_platform(stage, platform), 0.4))
        merchant = seller(stage, rng)
        if merchant is not None:
            at = stage.free()
            at = some(rng, at[stage.sales.merchant[at] == merchant], 0.35)
            self._plant(stage, "Merchant", stage.cast.merchants[merchant].code, at)
        if stage.odd:
            platform = stage.odd.pop()
            at = of_platform(stage, platform)
            day = stage.sales.paid[at] // DAY
            self._lower(stage, at[day == np.bincount(day, minlength=1).argmax()], 40)
            stage.truth.look_alike(
                "a promotion of one day", ["goods-undervalued"], ("Platform", stage.code(platform))
            )
        if stage.odd:
            platform = stage.odd.pop()
            at = some(rng, of_platform(stage, platform), 0.5)
            self._lower(stage, at, PACK)
            stage.notes["packs"] = at
            stage.truth.look_alike("small packs", ["goods-undervalued"], ("Platform", stage.code(platform)))

    def on_papers(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Who declares less than was ordered, or other goods (planted differences), declares too low, too."""
        events, sales, truth = stage.events, stage.sales, stage.truth
        assert events is not None
        below = np.isin(events.event, (Event.DECLARED_VALUE, Event.ITEM_QUANTITY, Event.ITEM_SWAPPED))
        for kind, subject, firms in (
            ("Platform", sales.platform, stage.cast.platforms),
            ("Merchant", sales.merchant, stage.cast.merchants),
            ("Agent", sales.agent, stage.cast.agents),
        ):
            hit = np.bincount(subject, weights=below & (events.planted > 0), minlength=len(firms))
            share = hit / np.maximum(1, np.bincount(subject, minlength=len(firms)))
            for at in np.flatnonzero((hit >= 3) & (share >= 0.02)).tolist():
                members = [
                    ("Merchant", stage.cast.merchants[m].code)
                    for m in np.unique(sales.merchant[subject == at])
                ]
                truth.plant(
                    "goods-undervalued",
                    kind,
                    firms[at].code,
                    members if kind == "Agent" else [],
                    note=f"{hit[at]:.0f} declarations below the order or of other goods",
                    required=False,
                )

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Small packs hold less."""
        items = tables["inventory_items"]
        mask = rows_of(renderer, items, noted(stage, "packs", start, stop), start, stop)
        less = pc.multiply(items["qty1"].cast(pa.float64()), PACK / 100)
        items["qty1"] = pc.if_else(
            mask, pc.max_element_wise(pc.round(less, 3), 0.001).cast(pa.string()), items["qty1"]
        )

    def _plant(self, stage: Stage, kind: str, code: str, at: Ints) -> None:
        self._lower(stage, stage.is_wrong("value", at), LOW)
        note, required = "a third of the usual price", len(at) >= SHOWN
        stage.truth.plant("goods-undervalued", kind, code, note=note, required=required)

    def _lower(self, stage: Stage, at: Ints, per_cent: int) -> None:
        line = lines_at(stage.sales, stage.claim(at))
        stage.sales.price[line] = np.maximum(100, stage.sales.price[line] * per_cent // 100 // 10 * 10)
        reprice(stage, at)


class SplitConsignments(Scheme):
    """A trader's goods in many people's names; a flash sale that goes to a locker looks like it."""

    number = 42

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Send neighbouring sales of a fake platform to one place, and some of an honest one to a locker."""
        people = stage.people
        if stage.lone:
            at = of_platform(stage, stage.lone.pop())
            for number in range(min(6, len(at) // (2 * BURST))):
                burst = at[2 * number * BURST : (2 * number + 1) * BURST]
                collector = int(rng.integers(0, len(people)))
                self._send(rng, stage, burst, int(people.address[collector]))
                if number % 2:  # with one telephone as well
                    stage.sales.recipient_phone[burst] = people.phone[collector]
                stage.notes[f"split {number}"] = stage.is_wrong("identity", burst)
        if stage.odd:
            at = of_platform(stage, stage.odd.pop())[:BURST]
            self._send(rng, stage, at, int(people.hub[stage.sales.consumer[at[0]]]) if len(at) else 0)
            stage.notes["locker"] = at

    def on_external(
        self, _rng: np.random.Generator, renderer: Renderer, stage: Stage, _tables: Tables
    ) -> None:
        """Say which sales belong together, now that they have numbers."""
        ids = renderer.sale_ids()
        for name, at in stage.notes.items():
            members = [("Transaction", ids[i]) for i in at if name.startswith("split ") or name == "locker"]
            if name.startswith("split "):
                enough = len(set(stage.sales.consumer[at].tolist())) >= 6
                kind = "Phone" if int(name.removeprefix("split ")) % 2 else "Address"
                stage.truth.plant("goods-split", kind, name, members, note="one trader", required=enough)
            elif name == "locker":
                stage.truth.look_alike("a flash sale to a locker", ["goods-split"], None, members)

    def _send(self, rng: np.random.Generator, stage: Stage, at: Ints, address: int) -> None:
        """The same dear goods for all of them, gathered and declared on one day."""
        sales, goods = stage.sales, stage.goods
        if not len(at):
            return
        stage.claim(at)
        dear = np.flatnonzero((goods.price >= 60_000) & (goods.price <= 120_000))
        first = sales.lines[at]
        sales.product[first] = int(dear[rng.integers(0, len(dear))])
        sales.qty[first], sales.price[first] = 1, goods.price[sales.product[first]] // 10 * 10
        reprice(stage, at)
        wait = sales.signed[at] - sales.declared[at] * DAY
        sales.declared[at] = sales.declared[at].max()
        sales.sent[at] = sales.declared[at] * DAY - rng.integers(600, 7_200, len(at))
        sales.sent[at] = np.maximum(sales.sent[at], sales.paid[at] + 3_600)
        sales.signed[at] = sales.declared[at] * DAY + wait
        sales.address[at] = address
