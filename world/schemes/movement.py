"""How parcels move: never signed for, signed for at once, made-up waybills, goods that never arrive."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.cast import DAYS
from world.documents import SITES
from world.events import OPENED, SETTLED, Event
from world.identifiers import Ints
from world.papers import END
from world.render import Renderer, take, thousandths
from world.sales import DAY
from world.schemes.scheme import Scheme, Stage, Tables

OLD = (DAYS - 40) * DAY  # sales from before should long have been delivered
SHOWN = 15  # parcels that make it certain that a rule has enough to see
_NONE = np.zeros(0, dtype=np.int64)


def _plain(stage: Stage, at: Ints) -> Ints:
    """Those of these sales whose documents show nothing else."""
    assert stage.events is not None
    plain: Ints = at[(stage.events.event[at] == Event.NONE) & (stage.sales.group[at] < 0)]
    return plain


def _signed(stage: Stage, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Plain sales of those wanted that were signed for, and are old enough to be judged."""
    assert stage.papers is not None
    old = (stage.sales.paid < OLD) & (stage.papers.signed >= 0) & stage.papers.has_waybill
    return _plain(stage, np.flatnonzero(wanted & old))


def carriers_by_use(stage: Stage) -> Ints:
    """Carriers that carry anything, the least used first."""
    use = np.bincount(stage.sales.carrier, minlength=len(stage.cast.carriers))
    order = np.argsort(use, kind="stable")
    return order[use[order] > 0]


class UnsignedParcels(Scheme):
    """A platform whose parcels are mostly never signed for, the forged sales of the last ring likewise, and a
    carrier that loses a third of its statuses, whosever the parcels are."""

    number = 10

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Take the platform, whose goods do not exist: NeverArrived plants on it as well."""
        self.forged = [stage.lone.pop()] if stage.lone else []
        stage.notes["goods that do not exist"] = np.array(self.forged, dtype=np.int64)

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Take signatures away."""
        sales, cast = stage.sales, stage.cast
        for platform in self.forged:
            self._take(rng, stage, ("Platform", stage.code(platform)), sales.platform == platform, 0.6)
        ring = len(cast.rings) - 1
        for platform in cast.rings[ring].platforms.tolist() if ring >= 0 else ():
            forged = (sales.platform == platform) & (sales.ring == ring)
            self._take(rng, stage, ("Platform", stage.code(platform)), forged, 0.7, f"ring {ring}")
        carrier = int(carriers_by_use(stage)[0])
        subject = ("LogisticsCompany", cast.carriers[carrier].code)
        self._take(rng, stage, subject, sales.carrier == carrier, 0.35, "loses statuses")

    def _take(
        self,
        rng: np.random.Generator,
        stage: Stage,
        subject: tuple[str, str],
        of: np.ndarray[tuple[int], np.dtype[np.bool_]],
        share: float,
        note: str = "parcels that do not exist",
    ) -> None:
        assert stage.papers is not None
        at = _signed(stage, of)
        at = at[rng.random(len(at)) < share]
        stage.papers.signed[at] = -1
        # What the carrier that loses statuses carried is its doing as much as theirs.
        own = at if subject[0] != "Platform" else at[stage.sales.carrier[at] != carriers_by_use(stage)[0]]
        note = f"{note}: {len(at)} never signed for"
        stage.truth.plant("waybill-not-signed", *subject, note=note, required=len(own) >= SHOWN)


class SignedAtOnce(Scheme):
    """A platform whose parcels are signed for by the dozen, every few weeks in one minute.

    In honesty: a shop whose parcels all go to one station, and a carrier that tells what it delivered once a
    week, and weighs in whole kilograms.
    """

    number = 11

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Take the platforms; the fake one has one carrier, the shop's customers one station."""
        sales = stage.sales
        self.forged = [stage.lone.pop()] if stage.lone else []
        stage.notes["made-up waybills"] = np.array(self.forged, dtype=np.int64)
        self.station = [stage.odd.pop()] if stage.odd else []
        for platform in self.forged:
            at = np.flatnonzero((sales.platform == platform) & ~stage.claimed)
            sales.carrier[at] = carriers_by_use(stage)[-1]
        for platform in self.station:
            at = np.flatnonzero(sales.platform == platform)
            sales.address[at] = stage.people.hub[sales.consumer[at[:1]]]

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Let many sign in one minute."""
        sales, papers, truth = stage.sales, stage.papers, stage.truth
        assert papers is not None
        for platform in self.forged:
            at = _signed(stage, sales.platform == platform)
            at = at[rng.random(len(at)) < 0.9]
            _gather(rng, stage, at, every=max(7, 16 * DAYS // max(len(at), 1)), spread=60)
            _, of_round, size = np.unique(papers.signed[at] // DAY, return_inverse=True, return_counts=True)
            together = int((size[of_round] >= 12).sum())
            truth.plant(
                "waybill-mass-signed",
                "Platform",
                stage.code(platform),
                note=f"{together} of {len(at)} parcels by the dozen in a minute",
                required=together >= 2 * SHOWN,
            )
        for platform in self.station:
            _gather(rng, stage, _signed(stage, sales.platform == platform), every=14, spread=60)
            truth.look_alike(
                "a station that signs for many parcels",
                ["waybill-mass-signed"],
                ("Platform", stage.code(platform)),
            )
        self.batches = int(carriers_by_use(stage)[1])
        _gather(rng, stage, _signed(stage, sales.carrier == self.batches), every=7, spread=1)
        truth.look_alike(
            "a carrier that tells what it delivered once a week, and rounds weights",
            ["waybill-mass-signed", "waybill-uniform"],
            ("LogisticsCompany", stage.cast.carriers[self.batches].code),
        )

    def on_tables(self, _renderer: Renderer, stage: Stage, tables: Tables, _start: int, _stop: int) -> None:
        """Round the weights of the carrier that does not weigh to the gram."""
        table = tables["waybills"]
        its = pc.equal(table["logisticsCode"], stage.cast.carriers[self.batches].code)
        whole = pc.ceil(table["weight"].cast(pa.float64())).cast(pa.int64()).cast(pa.string())
        table["weight"] = pc.if_else(its, whole, table["weight"])


def _gather(rng: np.random.Generator, stage: Stage, at: Ints, *, every: int, spread: int) -> None:
    """Put off signatures to the end of so many days, all within `spread` seconds."""
    assert stage.papers is not None
    signed = stage.papers.signed
    end = (signed[at] // DAY // every + 1) * every * DAY + 37_800
    stage.papers.signed[at] = np.where(end < END, end + rng.integers(0, spread, len(at)), signed[at])


class MadeUpWaybills(Scheme):
    """One weight on the waybills of the platform whose parcels are signed for at once, which are older than
    the payments."""

    number = 12

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Take the platform."""
        self.forged = stage.notes["made-up waybills"].tolist()
        self.at = _NONE

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Choose the parcels, and submit their waybills before anybody paid."""
        sales = stage.sales
        for platform in self.forged:
            at = _plain(stage, np.flatnonzero((sales.platform == platform) & (sales.paid > OPENED)))
            self.at = at[rng.random(len(at)) < 0.8]
            sales.sent[self.at] = sales.paid[self.at] - rng.integers(3 * 3_600, 60 * 3_600, len(self.at))
            stage.truth.plant(
                "waybill-uniform",
                "Platform",
                stage.code(platform),
                note=f"{len(self.at)} parcels of one weight, with waybills from before the payment",
                required=len(self.at) >= 3 * SHOWN,
            )

    def on_tables(self, renderer: Renderer, _stage: Stage, tables: Tables, _start: int, _stop: int) -> None:
        """Give them one weight."""
        table = tables["waybills"]
        its = pc.is_in(table["logisticsNo"], value_set=take(renderer.numbers.parcel, self.at))
        table["weight"] = pc.if_else(its, thousandths(np.array([520]))[0], table["weight"])


class NeverArrived(Scheme):
    """Directly mailed parcels without a store receipt: half of those of goods that do not exist, and two in
    five of one place of clearance, whosever they are."""

    number = 13

    def on_sales(self, _rng: np.random.Generator, stage: Stage) -> None:
        """Take the platform, which mails directly."""
        self.forged = stage.notes["goods that do not exist"].tolist()
        stage.cast.bonded[self.forged] = False

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """Choose the parcels, and tell."""
        sales, papers, truth = stage.sales, stage.papers, stage.truth
        assert papers is not None
        direct = ~stage.cast.bonded[sales.platform] & papers.has_inventory & papers.has_waybill
        chosen = [_NONE]
        for platform in self.forged:
            at = _plain(stage, np.flatnonzero(direct & (sales.platform == platform) & (sales.paid < SETTLED)))
            chosen.append(at[rng.random(len(at)) < 0.5])
            truth.plant(
                "declared-not-arrived",
                "Merchant",
                stage.cast.merchants[platform].code,
                note=f"{len(chosen[-1])} of {len(at)} never arrived",
                required=len(chosen[-1]) >= SHOWN,
            )
        customs = np.array([firm.code[:4] for firm in stage.cast.warehouses])[sales.warehouse]
        number = np.array(SITES)[sales.agent % 2]
        site = np.char.add(np.char.add(np.char.add(customs, "-"), customs), number)
        usual = direct & ~np.isin(sales.platform, self.forged)
        names, count = np.unique(site[usual], return_counts=True)
        enough = names[(count >= 8 * SHOWN) & ~np.isin(names, site[np.isin(sales.platform, self.forged)])]
        if len(names) >= 6 and len(enough):
            least = enough[np.argmin(count[np.isin(names, enough)])]
            at = _plain(stage, np.flatnonzero(usual & (site == least) & (sales.paid < SETTLED)))
            chosen.append(at[rng.random(len(at)) < 0.4])
            note = f"{len(chosen[-1])} of {len(at)} never arrived"
            truth.plant("declared-not-arrived", "BusinessSite", str(least), note=note)
        self.at = np.sort(np.concatenate(chosen))

    def on_tables(self, renderer: Renderer, _stage: Stage, tables: Tables, _start: int, _stop: int) -> None:
        """Take their lines out of the store receipts, whose other lines are numbered anew."""
        table = pa.table(tables["deliveries"])
        lost = pc.is_in(table["logisticsNo"], value_set=take(renderer.numbers.parcel, self.at))
        table = table.filter(pc.invert(lost)).combine_chunks()
        own = table["copNo"].to_numpy(zero_copy_only=False)
        place = np.arange(len(own))
        first = np.concatenate([[True], own[1:] != own[:-1]])[: len(own)]
        gnum = place - np.maximum.accumulate(np.where(first, place, 0)) + 1
        columns = {name: table[name].combine_chunks() for name in table.column_names}
        tables["deliveries"] = columns | {"gnum": pa.array(gnum).cast(pa.string())}
