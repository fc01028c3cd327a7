"""Documents pushed in bulk: accounts, payments and senders of fake platforms and rings; who looks alike."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.identifiers import Ints, digits, join
from world.render import Renderer, same, take
from world.sales import DAY
from world.schemes.rows import put, sales_of
from world.schemes.scheme import Scheme, Stage, Tables

_ENOUGH = 40
"""Forged payments from which a ring's platform must be found: fewer need not fill the hours of a day."""


def of_platform(stage: Stage, platform: int) -> Ints:
    """Free sales of a platform."""
    free = stage.free()
    own: Ints = free[stage.sales.platform[free] == platform]
    return own


def sender_id(code: str) -> str:
    """Id of an enterprise's own sender."""
    return f"DXPENT00{code} {code}"


class Accounts(Scheme):
    """A fake platform that makes an account for every order of its few stolen identities; guest checkout of
    one builder's shops; people with a second account."""

    number = 1

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Deal the sales of a fake platform to a quarter as many people."""
        sales, people = stage.sales, stage.people
        stage.cast.gateway[stage.lone] = -1  # fake platforms are none of the builder's shops
        guests = np.flatnonzero((stage.cast.gateway == 0) & (stage.cast.ring_of < 0))
        if stage.lone:
            platform = stage.lone.pop()
            at = stage.claim(of_platform(stage, platform))
            who = rng.choice(len(people), max(1, len(at) // 4), replace=False)
            who = who[rng.integers(0, len(who), len(at))]
            sales.consumer[at] = sales.payer[at] = sales.recipient[at] = who
            sales.buyer_phone[at] = sales.recipient_phone[at] = people.phone[who]
            sales.address[at] = people.address[who]
            stage.notes["fresh accounts"] = stage.is_wrong("identity", at)
            stage.truth.plant(
                "platform-accounts", "Platform", stage.code(platform), note="an account for every order"
            )
        stage.notes["guests"] = guests
        for platform in guests.tolist():
            stage.truth.look_alike(
                "guest checkout of one builder's shops",
                ["platform-accounts"],
                ("Platform", stage.code(platform)),
            )

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Write other accounts."""
        orders, sales = tables["orders"], renderer.sales
        at = sales_of(renderer, orders, start, stop)
        fresh = np.isin(at, stage.notes.get("fresh accounts", np.zeros(0, dtype=np.int64)))
        guest = np.isin(sales.platform[at], stage.notes["guests"]) & (at * 7_919 % 10 < 7)
        second = ~fresh & ~guest & (at * 31 % 53 == 5)
        for rows, letter, number in (
            (np.flatnonzero(fresh | guest), "n", at),
            (np.flatnonzero(second), "v", sales.consumer[at] * 7 + sales.platform[at] * 15_485_863),
        ):
            put(orders, "buyerRegNo", rows, join(letter, digits(number[rows], 10)))


class Bulk(Scheme):
    """Payments made by a machine: minutes full of them, at any hour, under running numbers; and a shop of
    live-stream drops and of balances paid at midnight."""

    number = 2

    def on_sales(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        stage: Stage,
    ) -> None:
        """Choose a fake platform, the platforms of the last of several rings, and an honest shop of drops."""
        cast, sales, truth = stage.cast, stage.sales, stage.truth
        made = [np.zeros(0, dtype=np.int64)]
        if stage.lone:
            platform = stage.lone.pop()
            made.append(stage.claim(of_platform(stage, platform)))
            truth.plant("platform-bulk-documents", "Platform", stage.code(platform), note="lone")
        if len(cast.rings) > 1:
            ring = len(cast.rings) - 1
            forged = (sales.ring == ring) & ~stage.claimed
            for platform in cast.rings[ring].platforms.tolist():
                at = np.flatnonzero(forged & (sales.platform == platform))
                made.append(at)
                truth.plant(
                    "platform-bulk-documents", "Platform", stage.code(platform), note=f"ring {ring}",
                    required=len(at) >= _ENOUGH,
                )  # fmt: skip
            company = cast.companies[cast.rings[ring].company].code
            truth.plant(
                "platform-bulk-documents",
                "Sender",
                sender_id(company),
                note=f"of ring {ring}",
                required=False,
            )
        stage.notes["bulk"] = np.sort(np.concatenate(made))
        if stage.odd:
            platform = stage.odd.pop()
            stage.notes["drops"] = stage.claim(of_platform(stage, platform))
            truth.look_alike(
                "live-stream drops and balances at midnight",
                ["platform-bulk-documents"],
                ("Platform", stage.code(platform)),
            )

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Set when payments were made: earlier on the same days, or on the day of a drop."""
        papers = stage.papers
        assert papers is not None
        sales, bulk = stage.sales, stage.notes["bulk"]
        bulk = bulk[papers.paid[bulk] == sales.paid[bulk]]  # a payment that came late stays late
        for platform in np.unique(sales.platform[bulk]):
            at = bulk[sales.platform[bulk] == platform]
            begun = np.cumsum(rng.random(len(at)) < 0.1)  # about ten of them at a time
            _, first, of_batch = np.unique(begun, return_index=True, return_inverse=True)
            minute = papers.paid[at[first]] // DAY * DAY + rng.integers(0, DAY // 60, len(first)) * 60
            alone = rng.random(len(at)) < 0.35
            papers.paid[at] = np.where(
                alone,
                papers.paid[at] // DAY * DAY + rng.integers(0, DAY, len(at)),
                minute[of_batch] + rng.integers(0, 60, len(at)),
            )
        drops = stage.notes.get("drops", np.zeros(0, dtype=np.int64))
        batch = np.arange(len(drops)) // 14
        begins = papers.paid[drops[batch * 14]] // DAY * DAY if len(drops) else drops
        begins += np.where(batch % 3 == 0, 0, 20 * 3_600)
        waits = rng.random(len(drops)) < 0.5
        papers.paid[drops] = np.where(waits, papers.paid[drops], begins + rng.integers(0, 100, len(drops)))

    def on_external(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        renderer: Renderer,
        stage: Stage,
        tables: Tables,
    ) -> None:
        """Number the payments one after the other, in the order in which they were made."""
        sales, papers, at = renderer.sales, renderer.papers, stage.notes["bulk"]
        order = np.lexsort((at, papers.paid[at], sales.platform[at]))
        numbers = join("8800", digits(4_200_000_000_000_000 + np.arange(len(at)), 18))
        renumber(renderer, tables, at[order], numbers)


def renumber(renderer: Renderer, external: Tables, at: Ints, numbers: pa.Array) -> None:
    """Give the payments of these sales other numbers, also where replies speak of them."""
    replies, old = external["payment_verifications"], renderer.numbers.payment.take(pa.array(at))
    asked = pc.index_in(replies["payTransactionId"], value_set=old)
    replies["payTransactionId"] = pc.coalesce(numbers.take(asked), replies["payTransactionId"])
    column = {"payment": renderer.numbers.payment}
    order = np.argsort(at)
    put(column, "payment", at[order], numbers.take(pa.array(order)))
    renderer.numbers.payment = column["payment"]


class Senders(Scheme):
    """A fake platform that pushes order, payment and waybill itself, an agent that pushes all of a ring's;
    a company and a carrier that have handed their documents to a gateway, and gateways of orders."""

    number = 3

    def on_sales(
        self,
        rng: np.random.Generator,  # noqa: ARG002
        stage: Stage,
    ) -> None:
        """Choose who pushes what."""
        cast, sales, truth = stage.cast, stage.sales, stage.truth
        rule = "document-one-sender"
        if stage.lone:
            platform = stage.lone.pop()
            cast.gateway[platform] = -1
            stage.notes["self-pushed"] = stage.claim(of_platform(stage, platform))
            truth.plant(rule, "Platform", stage.code(platform), note="pushes all three documents")
        if cast.rings:
            members = cast.rings[0].platforms
            stage.notes["pushed by agent"] = np.flatnonzero(
                (sales.ring == 0) & np.isin(sales.platform, members) & ~stage.claimed
            )
            shops = [("Platform", stage.code(platform)) for platform in members.tolist()]
            agent = cast.agents[_agent(stage)].code
            truth.plant(rule, "Sender", sender_id(agent), shops, note="pushes the documents of ring 0")
            for kind, code in shops:
                truth.plant(rule, kind, code, note="member of ring 0", required=False)
        for gateway in cast.gateways:
            truth.look_alike("gateway", [rule], ("Sender", sender_id(gateway.code)))

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Write other senders."""
        sales, cast, code = renderer.sales, renderer.cast, renderer.pools.code
        none = np.zeros(0, dtype=np.int64)
        for kind in ("orders", "payments", "waybills"):
            table = tables[kind]
            at = sales_of(renderer, table, start, stop)
            handed = {
                "orders": np.zeros(len(at), dtype=np.bool_),
                "payments": sales.company[at] == cast.firms["niche"],
                "waybills": sales.carrier[at] == 0,
            }[kind]
            for hit, who in (
                (handed, take(code["gateway"], np.ones_like(at))),
                (
                    np.isin(at, stage.notes.get("self-pushed", none)),
                    take(code["platform"], sales.platform[at]),
                ),
                (
                    np.isin(at, stage.notes.get("pushed by agent", none)),
                    same(cast.agents[_agent(stage)].code, len(at)),
                ),
            ):
                rows = np.flatnonzero(hit)
                some = who.take(pa.array(rows))
                put(table, "copCode", rows, some)
                put(table, "dxpId", rows, join("DXPENT00", some))


def _agent(stage: Stage) -> int:
    """The agent that also pushes what it should not."""
    return len(stage.cast.agents) // 2
