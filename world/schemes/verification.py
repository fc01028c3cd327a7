"""Source control and the consumers' end: low traffic, reports of misuse, identity numbers that are none."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.cast import DAYS, FIRST_DAY
from world.events import SETTLED
from world.external import VISITS_PER_ORDER, cleared_orders, iso
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, append, same, take
from world.sales import DAY
from world.schemes.scheme import Scheme, Stage, Tables

SEEN = 20  # sales that make it certain that a rule had enough to see
_MISUSE = ("not_my_order", "quota_used")


def _some(stage: Stage, of: list[int]) -> list[int]:
    """One platform for a small world, two for a large one; none where the deck is empty."""
    most = 2 if len(stage.sales) >= 100_000 else 1
    return [of.pop() for _ in range(min(most, len(of)))]


class Traffic(Scheme):
    """Platforms that nearly nobody visits while their orders clear by the dozen.

    The visits are written down without a verdict: what they mean, the orders say.
    """

    number = 60

    def on_external(self, rng: np.random.Generator, renderer: Renderer, stage: Stage, tables: Tables) -> None:
        """Add a look at the traffic of fake platforms, and one without a number at an honest one."""
        table = tables["platform_verifications"]
        forged, blind = _some(stage, stage.lone), _some(stage, stage.odd)
        platform = np.array([*forged, *blind], dtype=np.int64)
        # After every other check, so that nothing later clears them.
        day = rng.integers(DAYS - 5, DAYS - 1, len(platform))
        expected = VISITS_PER_ORDER * cleared_orders(renderer, platform, day)
        numbered = np.arange(len(platform)) < len(forged)
        rows: Table = {
            "verificationId": join("PT", digits(np.arange(len(platform)), 7)),
            "ebpCode": take(renderer.pools.code["platform"], platform),
            "checkedAt": iso(day, 60_000 + np.arange(len(platform))),
            "check": same("traffic_match", len(platform)),
            "result": same("unknown", len(platform)),
            "selection": same("suspicion", len(platform)),
            "observed": pa.array(expected // 80, mask=~numbered).cast(pa.string()),
            "expected": pa.array(expected, mask=~numbered).cast(pa.string()),
            "inspector": same("检查员00", len(platform)),
        }
        append(table, rows)
        # Nobody wrote down what was seen at the others either.
        traffic = pc.equal(table["check"], "traffic_match")
        codes = pa.array([stage.code(one) for one in blind], pa.string())
        unseen = pc.and_(traffic, pc.is_in(table["ebpCode"], value_set=codes))
        for name in ("observed", "expected"):
            table[name] = pc.if_else(unseen, pa.scalar(None, pa.string()), table[name])
        for one in blind:
            stage.truth.look_alike("no visits on record", ["platform-traffic"], ("Platform", stage.code(one)))


def tell_traffic(renderer: Renderer, stage: Stage, table: Table) -> None:
    """Whoever was seen last with far too few visits is planted, whether anybody meant it or not."""
    rows = pa.table(table).filter(pc.equal(table["check"], "traffic_match"))
    rows = rows.filter(pc.or_(pc.is_valid(rows["observed"]), pc.equal(rows["result"], "pass")))
    last = {row["ebpCode"]: row for row in rows.sort_by("checkedAt").to_pylist()}
    position = {firm.code: at for at, firm in enumerate(stage.cast.platforms)}
    for code, row in sorted(last.items()):
        if row["observed"] is None:
            continue
        day = int(np.datetime64(row["checkedAt"][:10]).astype(np.int64) - FIRST_DAY.astype(np.int64))
        platform = position[code]
        orders = int(cleared_orders(renderer, np.array([platform]), np.array([day]))[0])
        if orders < 2 or int(row["observed"]) > 2 * orders:
            continue
        ring = int(stage.cast.ring_of[platform])
        note = f"{row['observed']} visits, {orders} orders" + (f", ring {ring}" if ring >= 0 else "")
        stage.truth.plant("platform-traffic", "Platform", code, note=note, required=orders >= 8)


class Reports(Scheme):
    """People who find sales in their name that were not theirs: many on a fake platform, else one."""

    number = 61

    def on_external(self, rng: np.random.Generator, renderer: Renderer, stage: Stage, tables: Tables) -> None:
        """Add reports; tell of every platform that has several."""
        sales, table = stage.sales, tables["consumer_reports"]
        seen = renderer.papers.has_inventory & (renderer.papers.paid < END - 30 * DAY)
        at, kinds = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype="<U13")]
        for platform in _some(stage, stage.lone):
            mine = rng.permutation(np.flatnonzero(seen & (sales.platform == platform)))
            some = np.sort(mine[: max(5, len(mine) // 12)])
            at.append(some)
            kinds.append(rng.choice(_MISUSE, len(some), p=[0.7, 0.3]))
        for platform in _some(stage, stage.odd):
            some = rng.permutation(np.flatnonzero(seen & (sales.platform == platform)))[:7]
            at.append(some)
            kinds.append(np.array([_MISUSE[0], *["not_delivered"] * 6][: len(some)]))
            stage.truth.look_alike(
                "one report, and parcels that did not come",
                ["consumer-reports"],
                ("Platform", stage.code(platform)),
            )
        one, kind = np.concatenate(at), np.concatenate(kinds)
        rows: Table = {
            "reportId": join("CV", digits(np.arange(len(one)), 7)),
            "reportedAt": iso(sales.paid[one] // DAY + 20, 40_000 + one % 30_000),
            "buyerIdNumber": take(stage.people.ids, sales.consumer[one]),
            "buyerIdType": same("1", len(one)),
            "ebpCode": take(renderer.pools.code["platform"], sales.platform[one]),
            "orderNo": take(renderer.numbers.order, one),
            "kind": pa.array(kind.tolist(), pa.string()),
        }
        append(table, rows)
        self._tell(stage, table)

    def _tell(self, stage: Stage, table: Table) -> None:
        """Platforms where several people report: several among few honest reports are no chance."""
        people: dict[str, set[str]] = {}
        for row in pa.table(table).to_pylist():
            if row["kind"] in _MISUSE:
                people.setdefault(row["ebpCode"], set()).add(row["buyerIdNumber"])
        volume = np.bincount(stage.sales.platform, minlength=len(stage.cast.platforms))
        for platform, firm in enumerate(stage.cast.platforms):
            count, sold = len(people.get(firm.code, ())), int(volume[platform])
            ring = int(stage.cast.ring_of[platform])
            forged = ring >= 0 or count >= 5
            if forged and count >= 2 and sold >= SEEN:
                note = f"{count} people of {sold} sales" + (f", ring {ring}" if ring >= 0 else "")
                shown = count >= 4 and count >= 0.01 * sold
                stage.truth.plant("consumer-reports", "Platform", firm.code, note=note, required=shown)


class InvalidIdentities(Scheme):
    """Orders in the name of numbers that were made up: a wrong check digit, no such day, a digit too few."""

    number = 62

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Choose the sales: a third of a fake platform's, and one of an honest platform."""
        sales, chosen = stage.sales, [np.zeros(0, dtype=np.int64)]
        for platform in _some(stage, stage.lone):
            mine = stage.free()
            mine = rng.permutation(mine[(sales.platform[mine] == platform) & (sales.paid[mine] < SETTLED)])
            some = mine[: max(4, len(mine) // 3)]
            chosen.append(stage.is_wrong("identity", stage.claim(np.sort(some))))
            people = len(np.unique(sales.consumer[some]))
            bought = len(np.unique(sales.consumer[sales.platform == platform]))
            stage.truth.plant(
                "consumer-invalid-identity",
                "Platform",
                stage.code(platform),
                note=f"about {people} of {bought} numbers",
                required=people >= 4 and bought >= SEEN,
            )
        for platform in _some(stage, stage.odd):
            mine = stage.free()
            mine = rng.permutation(mine[sales.platform[mine] == platform])[:1]
            chosen.append(stage.claim(mine))
            stage.truth.look_alike(
                "one mistyped identity number",
                ["consumer-invalid-identity"],
                ("Platform", stage.code(platform)),
            )
        at = np.sort(np.concatenate(chosen))
        stage.notes["invalid identity"] = at
        stage.notes["invalid identity how"] = rng.integers(0, 3, len(at))

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Every document of these sales names the made-up number."""
        at, how = stage.notes["invalid identity"], stage.notes["invalid identity how"]
        within = (at >= start) & (at < stop)
        at, how = at[within], how[within]
        right = take(renderer.people.ids, stage.sales.consumer[at])
        wrong = _spoiled(right, how)
        ids = join(
            take(renderer.pools.code["platform"], stage.sales.platform[at]),
            "|",
            take(renderer.numbers.order, at),
        )
        for kind, column in _NUMBERS.items():
            table = tables[kind]
            sale = join(table["ebpCode"], "|", table["orderNo"])
            place = pc.index_in(sale, value_set=ids)
            same_person = pc.equal(table[column], right.take(place))
            table[column] = pc.if_else(pc.fill_null(same_person, False), wrong.take(place), table[column])


_NUMBERS = {
    "orders": "buyerIdNumber",
    "payments": "payerIdNumber",
    "inventories": "buyerIdNumber",
    "cancels": "buyerIdNumber",
    "refunds": "buyerIdNumber",
}
"""Where each document names the buyer's number."""


def _spoiled(numbers: pa.Array, how: Ints) -> pa.Array:
    """Numbers of which no two are the same, spoiled: 0 the check digit, 1 the date of birth, 2 the length."""
    out = []
    for number, way in zip(numbers.to_pylist(), how.tolist(), strict=True):
        digit = "7" if number[-1] != "7" else "3"
        out.append((number[:-1] + digit, number[:10] + "0230" + number[14:], number[:-1])[way])
    return pa.array(out, pa.string())
