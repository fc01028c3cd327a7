"""What comes back, and what inspections find: quota freed and used again, discrepancies at random."""

import numpy as np
import pyarrow as pa

from world.events import OPENED, Event
from world.external import iso
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, append, same, take
from world.sales import DAY
from world.schemes.scheme import Scheme, Stage, Tables

SHOWN = 15
OLD = END - 40 * DAY  # sales from before have had time to come back and to be inspected
SALE_DAYS = (166, 173)  # 18 June and what is declared in the days after
WHY = ["random"] * 2 + ["clue"] * 12
_NONE = np.zeros(0, dtype=np.int64)


class FreedQuota(Scheme):
    """A platform on which the same people buy three times in some days, and cancel two of these.

    In honesty: a shop a fifth of whose goods come back, and returns of everybody after a sale day.
    """

    number = 14

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Let every three sales that follow each other be one person's."""
        sales, people = stage.sales, stage.people
        self.forged = [stage.lone.pop()] if stage.lone else []
        self.often = [stage.odd.pop()] if stage.odd else []
        self.cancelled = _NONE
        for platform in self.forged:
            at = stage.free()
            at = at[(sales.platform[at] == platform) & (sales.paid[at] > OPENED) & (sales.paid[at] < OLD)]
            at = stage.claim(at[: len(at) * 2 // 3 // 3 * 3])
            person = sales.consumer[at].reshape(-1, 3)[:, :1].repeat(3, axis=1).ravel()
            sales.consumer[at] = sales.payer[at] = sales.recipient[at] = person
            sales.buyer_phone[at] = sales.recipient_phone[at] = people.phone[person]
            sales.address[at] = people.address[person]
            self.cancelled = at[np.arange(len(at)) % 3 < 2]
            stage.truth.plant(
                "returns-abuse",
                "Platform",
                stage.code(platform),
                note=f"{len(self.cancelled)} cancelled, the quota used again",
                required=len(self.cancelled) >= 2 * SHOWN,
            )

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Take sales back."""
        sales, events = stage.sales, stage.events
        assert events is not None
        events.event[self.cancelled] = Event.CANCELLED
        free = stage.free()
        free = free[(events.event[free] == Event.NONE) & (sales.paid[free] < OLD)]
        season = (sales.declared[free] >= SALE_DAYS[0]) & (sales.declared[free] <= SALE_DAYS[1])
        back = season & (rng.random(len(free)) < 0.05)
        for platform in self.often:
            back |= (sales.platform[free] == platform) & (rng.random(len(free)) < 0.2)
            stage.truth.look_alike(
                "a shop whose goods often come back", ["returns-abuse"], ("Platform", stage.code(platform))
            )
        events.event[free[back]] = Event.REFUNDED


class RandomInspections(Scheme):
    """A platform at which two of five random inspections find something.

    In honesty: a platform that was looked at for a reason, again and again, and twice at random.
    """

    number = 15

    def on_external(self, rng: np.random.Generator, renderer: Renderer, stage: Stage, tables: Tables) -> None:
        """Add the inspections."""
        for platform in [stage.lone.pop()] if stage.lone else []:
            at = _inspectable(rng, renderer, platform, 30)
            found = np.arange(len(at)) % 5 < 2
            _inspect(renderer, tables, at, found, ["random"] * len(at))
            stage.truth.plant(
                "inspection-yield",
                "Platform",
                stage.code(platform),
                note=f"{found.sum()} discrepancies in {len(at)} random inspections",
                required=len(at) >= SHOWN and stage.truth.orders >= 10_000,
            )
        for platform in [stage.odd.pop()] if stage.odd else []:
            at = _inspectable(rng, renderer, platform, 14)
            found = (np.arange(len(at)) > 0) & (np.arange(len(at)) < 9)
            _inspect(renderer, tables, at, found, WHY[: len(at)])
            stage.truth.look_alike(
                "inspected for a reason", ["inspection-yield"], ("Platform", stage.code(platform))
            )
        _tell_misdeclared(renderer, stage, tables["inspections"])


def _tell_misdeclared(r: Renderer, stage: Stage, inspections: Table) -> None:
    """Whoever misdeclares goods (document rules) shows it at random inspections too: true, not required."""
    assert stage.events is not None
    place = {sale: at for at, sale in enumerate(r.sale_ids())}
    rows = pa.table(inspections).select(["ebpCode", "orderNo", "selection", "result"]).to_pylist()
    shown = np.array(
        [
            place[f"{row['ebpCode']}|{row['orderNo']}"]
            for row in rows
            if row["selection"] == "random" and row["result"] != "ok"
        ],
        dtype=np.int64,
    )
    shown = shown[stage.events.planted[shown] == 1]
    cast, sales = stage.cast, stage.sales
    for kind, firms, subject in (
        ("Platform", cast.platforms, sales.platform),
        ("Merchant", cast.merchants, sales.merchant),
        ("Agent", cast.agents, sales.agent),
    ):
        count = np.bincount(subject[shown], minlength=len(firms))
        for firm in np.flatnonzero(count >= 2).tolist():
            note = f"misdeclares goods: {count[firm]} discrepancies"
            stage.truth.plant("inspection-yield", kind, firms[firm].code, note=note, required=False)


def _inspectable(rng: np.random.Generator, r: Renderer, platform: int, most: int) -> Ints:
    """Up to so many declared sales of a platform, early enough for an inspection."""
    at = np.flatnonzero((r.sales.platform == platform) & r.papers.has_inventory & (r.papers.paid < OLD))
    return np.sort(rng.permutation(at)[:most])


def _inspect(
    r: Renderer, tables: Tables, at: Ints, found: np.ndarray[tuple[int], np.dtype[np.bool_]], why: list[str]
) -> None:
    n = len(at)
    rows: Table = {
        "inspectionId": join("IR", digits(at, 9)),
        "invtNo": take(r.numbers.invt, at),
        "ebpCode": take(r.pools.code["platform"], r.sales.platform[at]),
        "orderNo": take(r.numbers.order, at),
        "inspectedAt": iso(r.sales.declared[at] + 1, 30_000 + at % 20_000),
        "kind": same("physical", n),
        "selection": pa.array(why, pa.string()),
        "result": pa.array(np.where(found, "discrepancy", "ok").tolist(), pa.string()),
        "discrepancy": pa.array(["quantity"] * n, pa.string(), mask=~found),
    }
    append(tables["inspections"], rows)
