"""Documents as text: columns named like the elements of the standard, in the standard's order."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from world.cast import DAYS, FIRST_DAY, Cast, Firm
from world.events import Event, Events
from world.goods import Goods
from world.identifiers import Ints, digits, join
from world.papers import Papers
from world.people import People
from world.pools import DISTRICTS
from world.sales import DAY, Sales

Table = dict[str, pa.Array]


def take(pool: pa.Array, at: Ints) -> pa.Array:
    """Rows of a pool; a negative position is null."""
    return pool.take(pa.array(at, mask=at < 0))


def money(fen: Ints) -> pa.Array:
    """Fen as CNY text with two decimals."""
    return join(pa.array(fen // 100).cast(pa.string()), ".", digits(fen % 100, 2))


def thousandths(values: Ints) -> pa.Array:
    """Whole thousandths as text with three decimals."""
    return join(pa.array(values // 1_000).cast(pa.string()), ".", digits(values % 1_000, 3))


class Clock:
    """Seconds since the first day as text, by looking up days and times of day."""

    def __init__(self) -> None:
        days = [str(d).replace("-", "") for d in FIRST_DAY + np.arange(-60, DAYS + 60)]
        self._days = pa.array(days)
        second = np.arange(DAY)
        self._times = digits(second // 3_600 * 10_000 + second // 60 % 60 * 100 + second % 60, 6)

    def date(self, day: Ints) -> pa.Array:
        """YYYYMMDD."""
        return self._days.take(pa.array(day + 60))

    def time(self, seconds: Ints) -> pa.Array:
        """YYYYMMDDhhmmss."""
        return join(self.date(seconds // DAY), self._times.take(pa.array(seconds % DAY)))


@dataclass(frozen=True)
class Pools:
    """Codes and names of enterprises as Arrow pools, by role."""

    code: dict[str, pa.Array]
    name: dict[str, pa.Array]

    @staticmethod
    def of(cast: Cast) -> "Pools":
        """Pools of every role of the cast."""
        roles: dict[str, list[Firm]] = {
            "platform": cast.platforms,
            "merchant": cast.merchants,
            "company": cast.companies,
            "agent": cast.agents,
            "warehouse": cast.warehouses,
            "carrier": cast.carriers,
            "gateway": cast.gateways,
        }
        return Pools(
            {role: pa.array([f.code for f in firms]) for role, firms in roles.items()},
            {role: pa.array([f.name for f in firms]) for role, firms in roles.items()},
        )


def names_of(cast: Cast) -> dict[str, str]:
    """Name of every enterprise by its code."""
    pools = Pools.of(cast)
    return {
        code: name
        for role in pools.code
        for code, name in zip(pools.code[role].to_pylist(), pools.name[role].to_pylist(), strict=True)
    }


@dataclass
class Numbers:
    """Numbers of all documents of all sales."""

    order: pa.Array
    payment: pa.Array
    parcel: pa.Array
    cop: pa.Array
    pre: pa.Array
    invt: pa.Array
    customs: pa.Array


class Renderer:
    """Gives the tables of a slice of sales."""

    def __init__(
        self, cast: Cast, people: People, goods: Goods, sales: Sales, events: Events, papers: Papers
    ) -> None:
        self.cast, self.people, self.goods = cast, people, goods
        self.sales, self.events, self.papers = sales, events, papers
        self.pools, self.clock = Pools.of(cast), Clock()
        self.numbers = self._number()

    def _number(self) -> Numbers:
        sales, clock = self.sales, self.clock
        n = len(sales)
        serial = (np.arange(n, dtype=np.int64) * 6_700_417 + 1_234_567) % 100_000_000
        day = sales.paid // DAY
        date = clock.date(day)
        letters = pa.array(
            [chr(65 + i // 26 % 26) + chr(65 + i % 26) for i in range(len(self.cast.platforms))]
        )
        order = join(take(letters, sales.platform), date, digits(serial, 8))
        short = np.isin(sales.platform, self.cast.short_numbers)
        # Shops that number their orders anew every day: the same number turns up on other platforms too.
        key = sales.platform * (DAYS + 1) + day
        by_key = np.argsort(key, kind="stable")
        run = np.concatenate([[True], np.diff(key[by_key]) != 0])
        start = np.maximum.accumulate(np.where(run, np.arange(n), 0))
        count = np.empty(n, dtype=np.int64)
        count[by_key] = np.arange(n) - start
        order = pc.if_else(pa.array(short), join(date, "-", digits(count + 1, 5)), order)
        payer = np.where(sales.group >= 0, sales.group, np.arange(n))
        payment = join(date, digits(payer * 48_271 % 10_000_000_000 + 4_200_000_000_000_000, 16))
        marks = pa.array(["YT", "ST", "ZT", "JD", "SF", "EM", "DB", "HT", "TT", "QF", "UC", "KY", "BS", "AN"])
        customs = pa.array([firm.code[:4] for firm in self.cast.warehouses])
        customs = take(customs, sales.warehouse)
        declared = clock.date(sales.declared)
        return Numbers(
            order=order,
            payment=payment,
            parcel=join(take(marks, sales.carrier), digits(serial + 770_000_000_000, 12)),
            cop=join("C", declared, digits(serial, 9)),
            pre=join("B", declared, digits(serial, 9)),
            invt=join(customs, "2025I", digits(np.arange(n) + 100_000_000, 9)),
            customs=customs,
        )

    def sale_ids(self) -> list[str]:
        """ebpCode|orderNo of every sale."""
        ids: list[str] = join(
            take(self.pools.code["platform"], self.sales.platform), "|", self.numbers.order
        ).to_pylist()
        return ids

    def firm(self, role: str, prefix: str, at: Ints) -> Table:
        """Code and name columns of an enterprise."""
        return {
            f"{prefix}Code": take(self.pools.code[role], at),
            f"{prefix}Name": take(self.pools.name[role], at),
        }

    def sender(self, role: str, at: Ints, gateway: Ints | None = None) -> Table:
        """copCode and dxpId of who transmits: the enterprise itself, or a gateway where it uses one."""
        code = take(self.pools.code[role], at)
        if gateway is not None:
            code = pc.if_else(pa.array(gateway >= 0), take(self.pools.code["gateway"], gateway), code)
        return {"copCode": code, "dxpId": join("DXPENT00", code)}

    def phone(self, at: Ints) -> pa.Array:
        """Phone text of pool positions."""
        return take(self.people.phones, at)

    def parcel_phone(self, at: Ints, phone: Ints) -> pa.Array:
        """Consignee's phone; some parcels carry a virtual number with an extension instead."""
        private = self.papers.private_number[at]
        virtual = join("170", digits(at * 31 + 30_000_000, 8), "-", digits(at % 10_000, 4))
        return pc.if_else(pa.array(private), virtual, self.phone(phone))

    def versions(self, at: Ints, time: Ints, changed: bool = False) -> tuple[Ints, Ints, Ints]:
        """Rows of documents: sale, appType, appTime; withdrawn ones and, if `changed`, changed ones twice."""
        event = self.events.event[at]
        withdrawn = at[event == Event.WITHDRAWN]
        rows, kind, when = [at], [np.ones(len(at), dtype=np.int64)], [time[at]]
        if changed:
            again = at[event == Event.CHANGED]
            rows.append(again)
            kind.append(np.full(len(again), 2))
            when.append(time[again] + 7_200)
        rows.append(withdrawn)
        kind.append(np.full(len(withdrawn), 3))
        when.append(time[withdrawn] + DAY)
        sale, app, seconds = np.concatenate(rows), np.concatenate(kind), np.concatenate(when)
        order = np.lexsort((app, sale))
        return sale[order], app[order], seconds[order]

    def head(self, app: Ints, seconds: Ints) -> Table:
        """appType, appTime, appStatus."""
        return {
            "appType": pa.array(app).cast(pa.string()),
            "appTime": self.clock.time(seconds),
            "appStatus": same("2", len(app)),
        }

    def district(self, address: Ints) -> pa.Array:
        """Six-digit district of addresses."""
        codes = pa.array([code for code, _ in DISTRICTS])
        return take(codes, self.people.address_district[address])


def append(table: Table, rows: Table) -> None:
    """Add rows to a table, in place; columns that they do not have are empty."""
    count = len(next(iter(rows.values())))
    for name, column in table.items():
        added = rows.get(name, pa.nulls(count, pa.string()))
        table[name] = pa.concat_arrays([column.cast(pa.string()), added.cast(pa.string())])


def same(value: str, n: int) -> pa.Array:
    """One text n times."""
    return pa.repeat(pa.scalar(value), n)


def lines_of(sales: Sales, at: Ints) -> tuple[Ints, Ints, Ints]:
    """All lines of these sales: position in `at`, line, gnum."""
    count = np.diff(sales.lines)[at]
    row = np.repeat(np.arange(len(at)), count)
    gnum = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, sales.lines[at][row] + gnum, gnum + 1


def declared_lines(r: Renderer, at: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """All lines of these declarations: position in `at`, gnum, product, quantity, price (1/1,000 CNY)."""
    sales, papers = r.sales, r.papers
    row, line, gnum = lines_of(sales, at)
    qty, price = papers.invoice_qty[line], papers.invoice_price[line]
    product = papers.invoice_product[line]
    # A line that the order does not have: an addition at no price.
    more = np.flatnonzero(papers.extra_line[at])
    count = np.diff(sales.lines)[at[more]]
    row, gnum = np.concatenate([row, more]), np.concatenate([gnum, count + 1])
    product = np.concatenate([product, (sales.product[sales.lines[at[more]]] + 1) % len(r.goods.item_no)])
    qty, price = np.concatenate([qty, np.ones_like(more)]), np.concatenate([price, np.zeros_like(more)])
    order = np.lexsort((gnum, row))
    return row[order], gnum[order], product[order], qty[order], price[order]


def where(flags: npt.NDArray[np.bool_], start: int, stop: int) -> Ints:
    """Positions of set flags within a slice."""
    return np.flatnonzero(flags[start:stop]) + start
