"""The goods of a world: products of each theme with tax code, bar code, unit, price and weight."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from world.identifiers import Ints, digits, join
from world.pools import BRANDS, COUNTRIES, THEMES

PRODUCTS_PER_THEME = 40


@dataclass(frozen=True)
class Goods:
    """Products, `PRODUCTS_PER_THEME` a theme, in theme order. Price in fen (1/100 CNY), weight in grams."""

    item_no: pa.Array
    name: pa.Array
    model: pa.Array
    gcode: pa.Array
    bar_code: pa.Array
    unit: pa.Array
    unit1: pa.Array
    country: pa.Array
    price: Ints
    weight: Ints
    rate_bp: Ints


def make_goods(rng: np.random.Generator) -> Goods:
    """Make the catalogue: brands of invented names over the goods of each theme."""
    n = len(THEMES) * PRODUCTS_PER_THEME
    theme = np.repeat(np.arange(len(THEMES)), PRODUCTS_PER_THEME)
    pick = np.arange(n) % PRODUCTS_PER_THEME
    brand = [BRANDS[(int(t) * 5 + int(p)) % len(BRANDS)] for t, p in zip(theme, pick, strict=True)]
    noun = [THEMES[t].goods[p % len(THEMES[t].goods)] for t, p in zip(theme, pick, strict=True)]
    gcode = [THEMES[t].gcodes[p % len(THEMES[t].gcodes)] for t, p in zip(theme, pick, strict=True)]
    size = rng.choice([50, 100, 200, 250, 400, 500, 800, 900], n)
    usual = np.array([THEMES[t].price for t in theme])
    price = np.clip(usual * rng.lognormal(0, 0.45, n), 9, 4_500)
    weight = np.array([THEMES[t].weight for t in theme]) * rng.lognormal(0, 0.3, n)
    name = join(pa.array(brand), pa.array(noun), pa.array(size).cast(pa.string()), "号")
    return Goods(
        item_no=join("SKU", digits(np.arange(n) * 37 + 100_000, 6)),
        name=name,
        model=join(
            "品名:", pa.array(noun), "|品牌:", pa.array(brand), "|规格:", pa.array(size).cast(pa.string())
        ),
        gcode=pa.array(gcode),
        bar_code=join("69", digits(np.arange(n) * 7_919 + 12_345, 11)),
        unit=pa.array([THEMES[t].unit for t in theme]),
        unit1=pa.array([THEMES[t].unit1 for t in theme]),
        country=pa.array(COUNTRIES).take(pa.array(rng.integers(0, len(COUNTRIES), n))),
        price=(np.round(price) * 100 - 10).astype(np.int64),
        weight=np.maximum(30, np.round(weight * 1000)).astype(np.int64),
        rate_bp=np.array([THEMES[t].rate_bp for t in theme], dtype=np.int64),
    )
