"""Settlement: payments that the authority refutes, and accounts that payments of many platforms end in."""

from typing import Any

import numpy as np
import pyarrow as pa

from world.events import Event
from world.external import iso
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, append, money, take
from world.sales import DAY
from world.schemes.scheme import Scheme, Stage, Tables

REFUTED = ("no_fund_flow", "not_found", "amount_mismatch", "payer_mismatch")
ASKED = 10  # replies about a platform that was looked at closely
SHARING = 8  # platforms of a ring, from which an account that they share must stand out


class RefutedPayments(Scheme):
    """A platform whose payments mostly have no fund flow; one with a mistyped number and numbers that the
    authority does not know. Rings answer for the payments that world.external has the authority refute."""

    number = 50

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Take the platforms."""
        self.forged = [stage.lone.pop()] if stage.lone else []
        self.honest = [stage.odd.pop()] if stage.odd else []

    def on_external(self, rng: np.random.Generator, renderer: Renderer, stage: Stage, tables: Tables) -> None:
        """Add the replies, and tell what all of them show."""
        for platform in self.forged:
            at = _asked(rng, renderer, platform, ASKED)
            results = [*REFUTED[:2] * 4, *("genuine",) * 2][: len(at)]
            _reply(renderer, tables, at, results, 30)
            stage.truth.plant(
                "payment-refuted",
                "Platform",
                stage.code(platform),
                note="payments without a flow of funds",
                required=len(at) >= 4,
            )
        for platform in self.honest:
            at = _asked(rng, renderer, platform, ASKED)
            results = ["not_found", "wrong_number", "wrong_number", *("genuine",) * ASKED][: len(at)]
            _reply(renderer, tables, at, results, 30)
            # Of some it was asked again, with the number as it should have been.
            again = at[3:6]
            _reply(renderer, tables, again, ["not_found"] * len(again), 20)
            stage.truth.look_alike(
                "a mistyped number, and numbers sent wrong",
                ["payment-refuted"],
                ("Platform", stage.code(platform)),
            )
        for wallet in stage.cast.companies[: stage.cast.wallets]:
            stage.truth.look_alike(
                "a wallet in whose name platforms forge", ["payment-refuted"], ("PaymentCompany", wallet.code)
            )
        _tell_rings(stage, tables["payment_verifications"])


class PayeeAccounts(Scheme):
    """One account behind the platforms of a ring, for what they do not settle with their own company; and
    accounts that stand behind many platforms in honesty."""

    number = 51

    def on_papers(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Choose the payments of which there are 179 data with the shared account."""
        cast, sales = stage.cast, stage.sales
        assert stage.papers is not None
        assert stage.events is not None
        self.shared = np.zeros(0, dtype=np.int64)
        if not cast.rings:
            return
        ring = cast.rings[0]
        ready = stage.papers.has_payment & (stage.events.event == Event.NONE) & (sales.group < 0)
        ready &= (sales.company < cast.wallets) & (stage.papers.paid < END - 20 * DAY)
        chosen = [np.flatnonzero(ready & (sales.platform == platform))[:4] for platform in ring.platforms]
        members = [int(p) for p, at in zip(ring.platforms, chosen, strict=True) if len(at)]
        self.shared = np.sort(np.concatenate(chosen))
        self.payee = int(ring.platforms[0])
        stage.truth.plant(
            "payment-payee-shared",
            "BankAccount",
            "shared by ring 0",
            [("Platform", stage.code(platform)) for platform in members],
            note="what a ring does not settle with its own company",
            required=len(members) >= SHARING,
        )
        self._tell_honest(stage)

    def _tell_honest(self, stage: Stage) -> None:
        silent = ["payment-payee-shared"]
        for name in ("aggregator", "niche", "park"):
            shops = [("Platform", stage.code(int(p))) for p in stage.cast.groups[name]]
            stage.truth.look_alike(f"settlement account of the company of: {name}", silent, None, shops)
        markets = [("Platform", stage.code(int(p))) for p in stage.cast.groups["markets"]]
        stage.truth.look_alike("a trader's own account on several markets", silent, None, markets)

    def on_tables(self, renderer: Renderer, _stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Give payments their payee: the shared account, or that of the company which settles for shops."""
        cast = renderer.cast
        at = self.shared[(self.shared >= start) & (self.shared < stop)]
        have = set(tables["raw_payments"]["payTransactionId"].to_pylist())
        fresh = at[[number not in have for number in take(renderer.numbers.payment, at).to_pylist()]]
        _add_raw(renderer, tables, fresh)
        raw = tables["raw_payments"]
        accounts, codes, names = (raw[c].to_pylist() for c in ("recpAccount", "recpCode", "recpName"))
        numbers, companies = raw["payTransactionId"].to_pylist(), raw["payCode"].to_pylist()
        shared = set(take(renderer.numbers.payment, at).to_pylist())
        settling = {cast.companies[cast.firms[name]].code: name for name in ("aggregator", "niche", "park")}
        settling = settling if cast.rings else {}
        for row, (number, company) in enumerate(zip(numbers, companies, strict=True)):
            if number in shared:
                firm = cast.platforms[self.payee]
                accounts[row], codes[row], names[row] = _account(90), firm.code, firm.name
            elif company in settling:
                name = settling[company]
                accounts[row] = _account(len(name))
                if name == "aggregator":  # the 179 data say whose it is
                    codes[row], names[row] = company, cast.companies[cast.firms[name]].name
        for column, values in (("recpAccount", accounts), ("recpCode", codes), ("recpName", names)):
            raw[column] = pa.array(values, pa.string())

    def on_external(
        self, _rng: np.random.Generator, _renderer: Renderer, stage: Stage, tables: Tables
    ) -> None:
        """The register knows the account of the park's company."""
        if not stage.cast.rings:
            return
        firm = stage.cast.companies[stage.cast.firms["park"]].code
        register = tables["enterprises"]
        accounts = [
            _account(len("park")) if code == firm else account
            for code, account in zip(
                register["code"].to_pylist(), register["bankAccount"].to_pylist(), strict=True
            )
        ]
        register["bankAccount"] = pa.array(accounts, pa.string())


def _account(number: int) -> str:
    return f"6214{number:015d}"


def _asked(rng: np.random.Generator, renderer: Renderer, platform: int, many: int) -> Ints:
    """Some sales of a platform with a payment that nothing is unusual about."""
    ready = renderer.papers.has_payment & (renderer.events.event == Event.NONE) & (renderer.sales.group < 0)
    ready &= (renderer.sales.platform == platform) & (renderer.papers.paid < END - 40 * DAY)
    at = np.flatnonzero(ready)
    return np.sort(rng.choice(at, min(many, len(at)), replace=False))


def _reply(renderer: Renderer, tables: Tables, at: Ints, results: list[str], after: int) -> None:
    """Add one reply a sale, so many days after it was paid."""
    table = tables["payment_verifications"]
    before = len(table["verificationId"])
    genuine = np.array([result == "genuine" for result in results], dtype=np.bool_)
    paid = money(renderer.papers.amount_paid[at])
    rows: Table = {
        "verificationId": join("RV", digits(np.arange(before, before + len(at)), 7)),
        "payCode": take(renderer.pools.code["company"], renderer.sales.company[at]),
        "payTransactionId": take(renderer.numbers.payment, at),
        "ebpCode": take(renderer.pools.code["platform"], renderer.sales.platform[at]),
        "orderNo": take(renderer.numbers.order, at),
        "repliedAt": iso(renderer.sales.paid[at] // DAY + after, 36_000 + at % 20_000),
        "result": pa.array(results, pa.string()),
        "settledAmount": take(paid, np.where(genuine, np.arange(len(at)), -1)),
    }
    append(table, rows)


def _add_raw(renderer: Renderer, tables: Tables, at: Ints) -> None:
    """179 data of payments that cover one sale each."""
    company = renderer.sales.company[at]
    number, code = take(renderer.numbers.payment, at), take(renderer.pools.code["company"], company)
    platform = take(renderer.pools.code["platform"], renderer.sales.platform[at])
    absent = pa.nulls(len(at), pa.string())
    paid: Table = {
        "payTransactionId": number,
        "payCode": code,
        "totalAmount": money(renderer.papers.amount_paid[at]),
        "currency": pa.repeat(pa.scalar("142"), len(at)),
        "tradingTime": renderer.clock.time(renderer.papers.paid[at]),
        "verDept": pa.array(["1", "2", "2", "3"]).take(pa.array(company % 4)),
        "payType": pa.repeat(pa.scalar("1"), len(at)),
        "ebpCode": platform,
        **dict.fromkeys(("recpAccount", "recpCode", "recpName"), absent),
    }
    append(tables["raw_payments"], paid)
    goods = take(renderer.goods.name, renderer.sales.product[renderer.sales.lines[at]])
    order: Table = {
        "payTransactionId": number,
        "payCode": code,
        "orderNo": take(renderer.numbers.order, at),
        "ebpCode": platform,
        "gname": goods,
    }
    append(tables["raw_payment_orders"], order)


def _tell_rings(stage: Stage, replies: Table) -> None:
    """What the replies show of rings: platforms with two refuted payments, and their companies."""
    cast, sales = stage.cast, stage.sales
    told: dict[tuple[str, str], list[bool]] = {}
    rows: list[Any] = [replies[name].to_pylist() for name in ("ebpCode", "payCode", "result")]
    for platform, company, result in zip(*rows, strict=True):
        if result != "wrong_number":
            told.setdefault((platform, company), []).append(result != "genuine")
    for number, ring in enumerate(cast.rings):
        company = cast.companies[ring.company].code
        mine: list[bool] = []
        for platform in ring.platforms:
            code = stage.code(int(platform))
            said = [one for (p, _), results in told.items() if p == code for one in results]
            mine += told.get((code, company), [])
            if sum(said) >= 2:
                stage.truth.plant(
                    "payment-refuted",
                    "Platform",
                    code,
                    note=f"ring {number}",
                    required=sum(said) >= 3 and 2 * sum(said) >= len(said),
                )
        if sum(mine) < 2:
            continue
        asked = np.array([(stage.code(int(p)), company) in told for p in ring.platforms])
        settled = sales.company == ring.company
        covered = np.isin(sales.platform[settled], ring.platforms[asked]).mean()
        stage.truth.plant(
            "payment-refuted",
            "PaymentCompany",
            company,
            note=f"ring {number}",
            required=bool(sum(mine) >= 5 and 2 * sum(mine) >= len(mine) and covered >= 0.5),
        )
