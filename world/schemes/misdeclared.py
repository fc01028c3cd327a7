"""Goods under a wrong code: one with lower tax, one that is on no positive list."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.goods import PRODUCTS_PER_THEME
from world.identifiers import Ints
from world.pools import THEMES
from world.render import Renderer, Table, take
from world.schemes.lines import SHOWN, lines_at, noted, of_platform, reprice, rows_of, seller, some
from world.schemes.scheme import Scheme, Stage, Tables

WINE = next(at for at, theme in enumerate(THEMES) if theme.name == "葡萄酒")
JUICE = "2106909090"  # what pays half the tax of wine
UNLISTED = (
    ("2403990090", "6901", "加热不燃烧烟草制品"),
    ("8543400010", "6902", "电子雾化器"),
    ("3004905990", "6903", "处方镇痛药片"),
)
"""Code, first digits of the bar codes, name. A product of each stands for a listed one, at its price."""


class Misdeclared(Scheme):
    """Goods under a code with lower tax or on no list; a code that pays the same is a look-alike."""

    number = 41

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Let a fake platform sell wine; say whose codes are wrong."""
        truth = stage.truth
        if stage.lone:
            platform = self._wine_shop(stage)
            at = of_platform(stage, platform)
            self._sell_wine(rng, stage, stage.claim(at))
            stage.notes["juice"] = at = stage.is_wrong("hs_code", some(rng, at, 0.6))
            truth.plant(
                "goods-misclassified",
                "Merchant",
                stage.code(platform),
                note="wine declared as other food",
                required=len(at) >= SHOWN,
            )
        if stage.odd:
            platform = stage.odd.pop()
            stage.notes["same tax"] = stage.claim(some(rng, of_platform(stage, platform), 0.4))
            silent = ("Merchant", stage.code(platform))
            truth.look_alike("a code with the same tax", ["goods-misclassified"], silent)
        stage.notes["unlisted"] = np.zeros(0, dtype=np.int64)
        if stage.lone:
            platform = stage.lone.pop()
            at = of_platform(stage, platform)
            self._unlist(stage, "Merchant", stage.code(platform), [], some(rng, at, 0.3))
        merchant = seller(stage, rng)
        if merchant is not None:
            at = stage.free()
            at = at[stage.sales.merchant[at] == merchant]
            self._unlist(stage, "Merchant", stage.cast.merchants[merchant].code, [], some(rng, at, 0.25))
        if len(stage.sales) >= 10_000:
            self._unlist_agent(rng, stage)

    def _unlist_agent(self, rng: np.random.Generator, stage: Stage) -> None:
        """An agent that is careless for all its merchants."""
        sales, cast = stage.sales, stage.cast
        agent = int(rng.integers(0, len(cast.agents)))
        at = stage.free()
        at = at[(sales.agent[at] == agent) & ~np.isin(sales.merchant[at], cast.groups["park"])]
        members = [("Merchant", cast.merchants[m].code) for m in np.unique(sales.merchant[at])]
        self._unlist(stage, "Agent", cast.agents[agent].code, members, some(rng, at, 0.1))

    def _unlist(self, stage: Stage, kind: str, code: str, members: list[tuple[str, str]], at: Ints) -> None:
        note, required = f"{len(at)} sales", len(at) >= SHOWN
        stage.truth.plant("goods-not-listed", kind, code, members, note=note, required=required)
        stage.is_wrong("other", at)
        stage.notes["unlisted"] = np.union1d(stage.notes["unlisted"], stage.claim(at))

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Change codes and, of what is on no list, the goods; customs has not billed these yet."""
        items = tables["inventory_items"]
        juice = rows_of(renderer, items, noted(stage, "juice", start, stop), start, stop)
        items["gcode"] = pc.if_else(
            pc.and_(juice, pc.starts_with(items["gcode"], "22")), JUICE, items["gcode"]
        )
        same = rows_of(renderer, items, noted(stage, "same tax", start, stop), start, stop)
        items["gcode"] = pc.replace_with_mask(items["gcode"], same, _beside(items["gcode"].filter(same)))
        at = noted(stage, "unlisted", start, stop)
        for kind, goods in enumerate(UNLISTED):
            mine = at[at % len(UNLISTED) == kind]
            for table in (tables["order_items"], items):
                first = pc.and_(rows_of(renderer, table, mine, start, stop), pc.equal(table["gnum"], "1"))
                _exchange(table, first, *goods)
        wrong = np.concatenate(
            [noted(stage, name, start, stop) for name in ("juice", "unlisted", "same tax")]
        )
        bills = take(renderer.numbers.invt, wrong)
        for bill in ("taxes", "tax_items"):
            keep = pc.invert(pc.is_in(tables[bill]["invtNo"], value_set=bills))
            tables[bill] = {name: column.filter(keep) for name, column in tables[bill].items()}

    def on_external(
        self, _rng: np.random.Generator, _renderer: Renderer, _stage: Stage, tables: Tables
    ) -> None:
        """The positive list: every code of the goods of this world, half of them by a prefix."""
        codes = sorted({code for theme in THEMES for code in theme.gcodes})
        rows = [
            (code[:8] if at % 2 else code, since, until)
            for since, until in (("2019-01-01", "2022-02-28"), ("2022-03-01", None))
            for at, code in enumerate(codes)
        ]
        rows = sorted(set(rows), key=lambda row: (row[1], row[0]))
        tables["positive_list"] = {
            "gcode": pa.array([row[0] for row in rows]),
            "tradeModes": pa.array(["9610;1210;1239"] * len(rows)),
            "validFrom": pa.array([row[1] for row in rows]),
            "validTo": pa.array([row[2] for row in rows], pa.string()),
        }

    def _wine_shop(self, stage: Stage) -> int:
        """A fake platform of wine drinkers, where there is one: shops of one taste share people."""
        shops = [platform for platform in stage.lone if stage.cast.theme[platform] == WINE]
        chosen = shops[-1] if shops else stage.lone[-1]
        stage.lone.remove(chosen)
        return chosen

    def _sell_wine(self, rng: np.random.Generator, stage: Stage, at: Ints) -> None:
        sales = stage.sales
        for i in at:
            line = np.arange(sales.lines[i], sales.lines[i + 1])
            first = int(rng.integers(0, PRODUCTS_PER_THEME))
            sales.product[line] = (
                WINE * PRODUCTS_PER_THEME + (first + 7 * np.arange(len(line))) % PRODUCTS_PER_THEME
            )
            sales.qty[line] = 1
        line = lines_at(sales, at)
        sales.price[line] = np.minimum(stage.goods.price[sales.product[line]] // 10 * 10, 100_000)
        reprice(stage, at)


def _exchange(items: Table, rows: pa.Array, code: str, digits: str, name: str) -> None:
    """Make these lines, of an order or a declaration, lines of other goods at the same price."""
    bar_codes = pc.binary_join_element_wise(
        digits, pc.utf8_slice_codeunits(items["barCode"], len(digits)), ""
    )
    said = {"gmodel": f"品名:{name}", "barCode": bar_codes, "gcode": code}
    for column, value in {**said, "itemName": name, "gname": name}.items():
        if column in items:
            items[column] = pc.if_else(rows, value, items[column])


def _beside(codes: pa.Array) -> pa.Array:
    """For each code the next one of its theme, which pays the same tax."""
    following = {
        code: theme.gcodes[(at + 1) % len(theme.gcodes)]
        for theme in THEMES
        for at, code in enumerate(theme.gcodes)
    }
    return pa.array([following.get(code, code) for code in codes.to_pylist()], pa.string())
