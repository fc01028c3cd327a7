"""Numbers that are used again, and sales that are declared again after customs refused their buyer."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.cast import DAYS
from world.identifiers import Ints, join
from world.papers import Papers
from world.render import Renderer, Table, same, take
from world.sales import DAY
from world.schemes.pushing import of_platform, renumber
from world.schemes.rows import add, copies, put, sales_of
from world.schemes.scheme import Scheme, Stage, Tables

_NONE = np.zeros(0, dtype=np.int64)
_HOUR = 3_600


def plain_sales(stage: Stage) -> Ints:
    """Free sales whose declaration customs clears, without 179 data or a tax bill of their own."""
    free = stage.free()
    paid = stage.sales.paid[free]
    free = free[(paid > 8 * DAY) & (paid < (DAYS - 30) * DAY)]
    plain: Ints = free[(free * 7_368_787 % 1_000 < 900) & (free % 16 != 9) & (free // 10 % 10 != 4)]
    return plain


class Numbers(Scheme):
    """Payment and waybill numbers behind several sales; waybill numbers used again half a year later."""

    number = 4

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Choose groups of sales: one row a group, in order of payment."""
        sales = stage.sales
        groups = 6 if len(sales) >= 100_000 else 3
        some = rng.permutation(plain_sales(stage))
        day = sales.paid[some] // DAY
        paid = np.sort(some[(day > 60) & (day < 240)][: 3 * groups])
        left = np.setdiff1d(some, paid)
        # Of one carrier, and not of the one whose waybills somebody else pushes.
        left = left[sales.carrier[left] == 1]
        day = sales.paid[left] // DAY
        within = left[(day > 100) & (day < 180)][: 2 * groups]
        early, late = left[day < 50][:groups], left[day > 245][:groups]
        if len(paid) < 3 * groups or len(within) < 2 * groups or min(len(early), len(late)) < groups:
            return
        sales.company[paid] = sales.ordered_company[paid] = 0
        stage.notes["one payment"] = stage.claim(np.sort(rng.permutation(paid).reshape(groups, 3)))
        stage.notes["one parcel"] = stage.claim(np.sort(within.reshape(groups, 2)))
        stage.notes["half a year later"] = stage.claim(np.column_stack([early, late]))

    def on_papers(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        stage: Stage,
    ) -> None:
        """Leave the parcels unsigned: a signature names the number alone."""
        assert stage.papers is not None
        for note in ("one parcel", "half a year later"):
            stage.papers.signed[stage.notes.get(note, _NONE)] = -1

    def on_external(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        renderer: Renderer,
        stage: Stage,
        tables: Tables,
    ) -> None:
        """Give every sale of a group the number of its first, and tell."""
        if "one payment" not in stage.notes:
            return
        numbers = renderer.numbers
        for note in ("one parcel", "half a year later"):
            groups = stage.notes[note]
            column = {"parcel": numbers.parcel}
            for sale in groups[:, 1:].T:
                order = np.argsort(sale)
                put(column, "parcel", sale[order], take(numbers.parcel, groups[order, 0]))
            numbers.parcel = column["parcel"]
        groups = stage.notes["one payment"]
        renumber(renderer, tables, groups.ravel(), take(numbers.payment, np.repeat(groups[:, 0], 3)))
        ids = renderer.sale_ids()
        day = renderer.sales.paid // DAY
        for note in ("one payment", "one parcel"):
            for group in stage.notes[note].tolist():
                first, *others = (ids[at] for at in sorted(group, key=lambda at: (day[at], ids[at])))
                members = [("Transaction", other) for other in others]
                stage.truth.plant("document-reused", "Transaction", first, members, note=note)
        for early, _ in stage.notes["half a year later"].tolist():
            what = "waybill number used again after half a year"
            stage.truth.look_alike(what, ["document-reused"], ("Transaction", ids[early]))


class SwappedIdentities(Scheme):
    """A merchant that declares again with another identity what customs refused over the buyer, and single
    sales of others; honest refusals that are given up; numbers of one person put right."""

    number = 5

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Choose whose sales are refused, and what becomes of them."""
        truth, rule = stage.truth, "document-identity-swapped"
        sales = stage.sales
        swapped, swapping = [_NONE], -1
        if stage.lone:
            platform = swapping = stage.lone.pop()
            at = np.intersect1d(of_platform(stage, platform), plain_sales(stage))
            at = stage.claim(at[rng.random(len(at)) < 0.3])
            stage.notes["given up"] = at[::4]
            swapped.append(np.setdiff1d(at, at[::4]))
            truth.plant(rule, "Merchant", stage.code(platform), note="another identity after a refusal",
                        required=len(at) >= 8)  # fmt: skip
            truth.plant("consumer-quota-exhausted", "Platform", stage.code(platform),
                        note="refused over the limit of many people", required=False)  # fmt: skip
            self._other_orders(stage, platform)
        if stage.odd:
            platform = stage.odd.pop()
            at = np.intersect1d(of_platform(stage, platform), plain_sales(stage))
            stage.notes["put right"] = stage.claim(at[rng.random(len(at)) < 0.2])
            truth.look_alike("a corrected digit", [rule], ("Merchant", stage.code(platform)))
        some = rng.permutation(plain_sales(stage))
        # Honest merchants give a refused sale up.
        refused = stage.claim(np.sort(some[: len(sales) // 80]))
        stage.notes["given up"] = np.concatenate([stage.notes.get("given up", _NONE), refused])
        left = np.setdiff1d(some, refused)
        left = left[sales.platform[left] != swapping]  # those are told of with their merchant
        single = stage.claim(np.sort(rng.choice(left, min(len(left), 3), replace=False)))
        stage.notes["single swaps"] = single
        stage.notes["swapped"] = np.sort(np.concatenate([*swapped, single]))
        stage.notes["other person"] = rng.integers(1, len(stage.people), len(stage.notes["swapped"]))

    def _other_orders(self, stage: Stage, platform: int) -> None:
        """Let some orders repeat, for another person, the goods and the phone of a refused one."""
        sales = stage.sales
        at = np.intersect1d(of_platform(stage, platform), plain_sales(stage))
        at = at[np.diff(sales.lines)[at] == 1]
        day = sales.paid[at] // DAY
        pairs: list[tuple[int, int]] = []
        taken = np.zeros(len(at), dtype=np.bool_)
        for index in range(len(at)):
            fits = np.flatnonzero(
                ~taken & (day > sales.declared[at[index]] + 1) & (day < sales.declared[at[index]] + 20)
                & (sales.consumer[at] != sales.consumer[at[index]])
            )  # fmt: skip
            if taken[index] or not len(fits) or len(pairs) == 3:
                continue
            taken[[index, fits[0]]] = True
            pairs.append((int(at[index]), int(at[fits[0]])))
        for first, then in pairs:
            for of_line in (sales.product, sales.qty, sales.price):
                of_line[sales.lines[then]] = of_line[sales.lines[first]]
            for of_sale in (sales.goods, sales.freight, sales.discount, sales.tax, sales.recipient_phone):
                of_sale[then] = of_sale[first]
        stage.claim(np.array([one for pair in pairs for one in pair], dtype=np.int64))
        stage.notes["given up"] = np.concatenate(
            [stage.notes["given up"], np.array([first for first, _ in pairs], dtype=np.int64)]
        )

    def on_external(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        renderer: Renderer,
        stage: Stage,
        tables: Tables,  # noqa: ARG002
    ) -> None:
        """Tell of the single sales."""
        ids = renderer.sale_ids()
        for at in stage.notes["single swaps"].tolist():
            stage.truth.plant(
                "document-identity-swapped", "Transaction", ids[at], note="the same order, another person",
                required=bool(renderer.papers.has_inventory[at]),
            )  # fmt: skip

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Write what customs refused, and the versions that were refused."""
        notes, people = stage.notes, renderer.people
        _refuse(
            renderer, tables["receipts"], _within(notes["given up"], start, stop), _OVER_LIMIT, final=True
        )
        swapped = _within(notes["swapped"], start, stop)
        other = notes["other person"][np.isin(notes["swapped"], swapped)]
        who = (renderer.sales.consumer[swapped] + other) % len(people)
        right = _within(notes.get("put right", _NONE), start, stop)
        buyer = renderer.sales.consumer[right]
        for at, ids, names, why in (
            (swapped, take(people.ids, who), take(people.names, who), _OVER_LIMIT),
            (right, _slipped(take(people.ids, buyer)), take(people.names, buyer), _NOT_THE_PAYER),
        ):
            _before(renderer, tables, at, ids, names, why, start, stop)


def _within(at: Ints, start: int, stop: int) -> Ints:
    inside: Ints = at[(at >= start) & (at < stop)]
    return inside


def _slipped(numbers: pa.Array) -> pa.Array:
    """Identity numbers with one digit wrong."""
    digit = pc.utf8_slice_codeunits(numbers, 15, 16).cast(pa.int64()).to_numpy()
    return join(
        pc.utf8_slice_codeunits(numbers, 0, 15),
        pa.array((digit + 3) % 10).cast(pa.string()),
        pc.utf8_slice_codeunits(numbers, 16),
    )


def _refuse(renderer: Renderer, receipts: Table, at: Ints, why: str, *, final: bool) -> None:
    """Answer the declarations of these sales with a refusal: the last word (`final`), or one before it."""
    own = take(renderer.numbers.pre, at)
    told = pc.index_in(receipts["preNo"], value_set=own)
    of_declarations = pc.equal(receipts["kind"], "CEB622").to_numpy(zero_copy_only=False)
    late = pc.not_equal(receipts["returnStatus"], "120").to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(told.is_valid().to_numpy(zero_copy_only=False) & of_declarations & late)
    table = receipts if final else copies(receipts, rows)
    if not final:
        sale = at[pc.take(told, pa.array(rows)).to_numpy()]
        table["returnTime"] = join(
            renderer.clock.time(renderer.papers.inventory_time[sale] - 3 * _HOUR), "000"
        )
        rows = np.arange(len(rows))
    put(table, "returnStatus", rows, same("100", len(rows)))
    put(table, "returnInfo", rows, same(why, len(rows)))
    if not final:
        add(receipts, table)


_OVER_LIMIT = "[Code:1313;Desc:订购人购买超过年度限额,超过个人年度购买额度]"
_NOT_THE_PAYER = "[Code:1327;Desc:订购人与支付人不一致]"


def _before(
    renderer: Renderer,
    tables: Tables,
    at: Ints,
    ids: pa.Array,
    names: pa.Array,
    why: str,
    start: int,
    stop: int,
) -> None:
    """Let order and declaration of these first have named this buyer, and customs refuse that (`why`)."""
    papers = renderer.papers
    both = papers.has_order[at] & papers.has_inventory[at]
    at, ids, names = at[both], ids.filter(pa.array(both)), names.filter(pa.array(both))
    _refuse(renderer, tables["receipts"], at, why, final=False)
    for head, lines in (("orders", "order_items"), ("inventories", "inventory_items")):
        first, then = _times(papers, at, head)
        for kind in (head, lines):
            table = tables[kind]
            sale = sales_of(renderer, table, start, stop)
            rows = np.flatnonzero(np.isin(sale, at))
            which = np.searchsorted(at, sale[rows])
            old = copies(table, rows)
            old["appTime"] = renderer.clock.time(first[which])
            if kind == head:
                old["buyerIdNumber"], old["buyerName"] = (
                    ids.take(pa.array(which)),
                    names.take(pa.array(which)),
                )
            put(table, "appType", rows, same("2", len(rows)))
            put(table, "appTime", rows, renderer.clock.time(then[which]))
            add(table, old)


def _times(papers: Papers, at: Ints, kind: str) -> tuple[Ints, Ints]:
    """When the refused version was submitted, and the one after it; the refusal lies between."""
    declared = papers.inventory_time[at]
    if kind == "orders":
        return np.minimum(papers.order_time[at], declared - 6 * _HOUR), declared - _HOUR
    return declared - 5 * _HOUR, declared
