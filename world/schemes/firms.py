"""The register: firms under one control, firms too large for their age and capital, and who only looks so."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from world.external import iso
from world.identifiers import Ints, identity_numbers
from world.render import Renderer, Table
from world.schemes.scheme import Scheme, Stage, Tables

OWN = (
    "legalRepresentative",
    "legalRepresentativeId",
    "bankAccount",
    "telephone",
    "siteDomain",
    "registeredAddress",
)
GROUP = 6  # firms under one name
HOSTED = 0.25  # share of platforms on one host


class Register:
    """Columns of the register as lists, to be changed firm by firm."""

    def __init__(self, table: Table) -> None:
        self.columns: dict[str, list[Any]] = {name: column.to_pylist() for name, column in table.items()}
        self.place = {code: at for at, code in enumerate(self.columns["code"])}

    def share(self, codes: Sequence[str], *names: str) -> None:
        """Let all say what the first of them says."""
        first, *others = (self.place[code] for code in codes)
        for name in names:
            for at in others:
                self.columns[name][at] = self.columns[name][first]

    def say(self, code: str, **values: Any) -> None:
        """Change what one firm says."""
        for name, value in values.items():
            self.columns[name][self.place[code]] = value

    def table(self) -> Table:
        """The columns as text."""
        return {name: pa.array(column, pa.string()) for name, column in self.columns.items()}


class SharedControl(Scheme):
    """Rings and flagged firms under one control; clients of an agent, a park, a host that are not."""

    number = 43

    def on_external(
        self, rng: np.random.Generator, _renderer: Renderer, stage: Stage, tables: Tables
    ) -> None:
        """Give everybody a legal person of his own, then let some share theirs."""
        firms = tables["enterprises"]
        n = len(firms["code"])
        absent = pa.nulls(n, pa.string())
        register = Register(
            {**firms, "legalRepresentativeId": identity_numbers(rng, n), "domesticAgent": absent}
        )
        cast, truth = stage.cast, stage.truth
        failed = {one["subject"]["key"] for one in truth.planted if one["rule"] == "platform-failed-checks"}
        told = {one["subject"]["key"] for one in truth.planted}
        for number, ring in enumerate(cast.rings):
            members = [stage.code(int(p)) for p in rng.permutation(ring.platforms)]
            for place in range(0, len(members) - 1, GROUP):
                group = members[place : place + GROUP]
                if len(group) > 1:
                    register.share(group, "legalRepresentative", "legalRepresentativeId", "telephone")
                    self._tell(stage, f"ring-{number}-{place // GROUP}", group, bool(failed & set(group)))
        honest = [stage.code(int(p)) for p in rng.permutation(np.flatnonzero(cast.ring_of < 0))]
        flagged = [code for code in honest if code in failed]
        clean = [code for code in honest if code not in told]
        traders = [firm.code for firm in cast.merchants[len(cast.platforms) :]]
        for number, code in enumerate(flagged[:2]):
            if len(clean) < 8:
                break
            chain = [code, clean.pop(), traders[number]]
            register.share(chain[:2], "bankAccount", "siteDomain")
            register.share(chain[1:], "telephone", "legalRepresentative", "legalRepresentativeId")
            self._tell(stage, f"chain-{number}", chain, required=True)
        if len(clean) >= 8:
            family = [clean.pop(), clean.pop()]
            register.share(family, *OWN)
            self._spare(stage, "a family of firms without a flag", family)
        if len(flagged) > 2 and len(clean) >= 5:
            agent = cast.agents[0].code
            clients = [flagged[2], *(clean.pop() for _ in range(3))]
            register.share([agent, *clients], "registeredAddress", "telephone")
            for code in clients:
                register.say(code, domesticAgent=agent)
            self._spare(stage, "clients at their agent's address", clients)
        park = [stage.code(int(p)) for p in cast.groups["park"]]
        register.share(park, "registeredAddress", "ipAddress")
        self._spare(stage, "a park's cluster registration", park)
        hosted = [firm.code for firm in cast.platforms if rng.random() < HOSTED]
        register.share(hosted, "ipAddress")
        self._spare(stage, "a hosting company's IP address", hosted)
        tables["enterprises"] = register.table()

    def _tell(self, stage: Stage, key: str, codes: list[str], required: bool) -> None:
        members = [("Enterprise", code) for code in sorted(codes)]
        note = "one legal person" if required else "one legal person, no flag to see"
        stage.truth.plant(
            "enterprise-shared-control", "Community", key, members, note=note, required=required
        )

    def _spare(self, stage: Stage, what: str, codes: list[str]) -> None:
        members = [("Enterprise", code) for code in sorted(codes)]
        stage.truth.look_alike(what, ["enterprise-shared-control"], None, members)


class NewAndLarge(Scheme):
    """Firms that grew with age and capital, and one that sells as the largest do but is new and small."""

    number = 44

    def on_external(
        self, rng: np.random.Generator, _renderer: Renderer, stage: Stage, tables: Tables
    ) -> None:
        """Draw age and capital of platforms and merchants from what they sell; then make exceptions."""
        cast, sales = stage.cast, stage.sales
        register = Register(tables["enterprises"])
        n = len(cast.merchants)
        sold = np.bincount(sales.merchant, minlength=n)
        sold[: len(cast.platforms)] = np.bincount(sales.platform, minlength=len(cast.platforms))
        size = np.log(sold + 1.0)
        capital = np.exp(9.0 + 0.8 * size + rng.normal(0, 0.7, n))
        age = np.clip(np.exp(5.6 + 0.25 * size + rng.normal(0, 0.5, n)), 90, 9_000).astype(np.int64)
        for at, firm in enumerate(cast.merchants):
            self._say(register, firm.code, int(age[at]), int(capital[at]))
        # A handful of shops is far larger than the rest; the largest of all stays what it is.
        some = np.union1d(cast.groups["plain"], cast.groups["markets"])
        largest = some[np.argsort(-sold[some], kind="stable")][1:9]
        many = 2 if len(sales) >= 100_000 else 1
        for platform in largest[:many]:
            self._say(register, stage.code(int(platform)), 12, 20_000)
            required = len(sales) >= 5_000  # below, its peers are few and small
            stage.truth.plant(
                "enterprise-new-and-large",
                "Platform",
                stage.code(int(platform)),
                note="new",
                required=required,
            )
        for what, platform, days, money in (
            ("old large firm", largest[many], 8_800, 500_000),
            ("well-capitalised large firm", largest[many + 1], 30, 900_000_000),
        ):
            self._say(register, stage.code(int(platform)), days, money)
            stage.truth.look_alike(
                what, ["enterprise-new-and-large"], ("Platform", stage.code(int(platform)))
            )
        tables["enterprises"] = register.table()

    def _say(self, register: Register, code: str, days: int, capital: int) -> None:
        """Registered so many days before the first, with so many CNY."""
        born: Ints = np.array([-days])
        register.say(
            code,
            registeredAt=iso(born)[0].as_py(),
            registeredCapital=str(max(10_000, capital // 1_000 * 1_000)),
        )
