"""The people of a world: identities, names, families, phones, homes and the hubs parcels are fetched from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from world.identifiers import Ints, digits, identity_numbers, join, phones
from world.pools import COMPOUNDS, DISTRICTS, GIVEN, HUB_FORMS, ROADS, SURNAMES, THEMES

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """`n` consumers; phones and addresses are pools of text that consumers and sales point into."""

    ids: pa.Array
    names: pa.Array
    phone: Ints
    second_phone: Ints
    address: Ints
    hub: Ints
    theme: Ints
    weight: Floats
    phones: pa.Array
    addresses: pa.Array
    address_district: Ints
    hubs: int
    spare_phones: Ints
    spare_addresses: Ints

    def __len__(self) -> int:
        return len(self.ids)


def make_people(
    rng: np.random.Generator, n: int, *, sigma: float, spare_phones: int, spare_addresses: int
) -> People:
    """Make n consumers in families whose activity follows a lognormal with `sigma`.

    Spare phones and addresses belong to nobody: rings use them.
    """
    # Families: a quarter of the people live with others; two in five of those share one phone.
    size = rng.choice([1, 2, 3, 4], size=n, p=[0.87, 0.06, 0.04, 0.03])
    home = np.repeat(np.arange(n), size)[:n].astype(np.int64)
    home = np.unique(home, return_inverse=True)[1].astype(np.int64)
    homes = int(home.max()) + 1
    first_of_home = np.searchsorted(home, np.arange(homes))
    shares = rng.random(homes) < 0.4
    own = np.arange(n, dtype=np.int64)
    phone = np.where(shares[home], first_of_home[home], own)
    second = np.where(rng.random(n) < 0.07, n + own, phone)
    phone_pool = phones(rng, 2 * n + spare_phones)

    hubs = max(12, n // 400)
    total = homes + hubs + spare_addresses
    district = rng.integers(0, len(DISTRICTS), total)
    hub_weight = rng.lognormal(0, 1, hubs)
    return People(
        ids=identity_numbers(rng, n),
        names=person_names(rng, n),
        phone=phone,
        second_phone=second,
        address=home,
        hub=homes + rng.choice(hubs, n, p=hub_weight / hub_weight.sum()),
        theme=rng.integers(0, len(THEMES), n),
        weight=rng.lognormal(0, sigma, n),
        phones=phone_pool,
        addresses=_addresses(rng, district, homes, hubs),
        address_district=district,
        hubs=hubs,
        spare_phones=2 * n + np.arange(spare_phones, dtype=np.int64),
        spare_addresses=homes + hubs + np.arange(spare_addresses, dtype=np.int64),
    )


def person_names(rng: np.random.Generator, n: int) -> pa.Array:
    """Family name by a heavy-tailed frequency, one or two given characters."""
    common = 1 / (np.arange(len(SURNAMES)) + 6.0)
    surname = pa.array(list(SURNAMES)).take(pa.array(rng.choice(len(SURNAMES), n, p=common / common.sum())))
    given = pa.array(list(GIVEN))
    one = given.take(pa.array(rng.integers(0, len(GIVEN), n)))
    maybe = pa.array([*GIVEN, *[""] * 40]).take(pa.array(rng.integers(0, len(GIVEN) + 40, n)))
    return join(surname, one, maybe)


def _addresses(rng: np.random.Generator, district: Ints, homes: int, hubs: int) -> pa.Array:
    n = len(district)
    place = pa.array([name for _, name in DISTRICTS]).take(pa.array(district))
    road = pa.array(ROADS).take(pa.array(rng.integers(0, len(ROADS), n)))
    number = pa.array(rng.integers(1, 900, n)).cast(pa.string())
    compound = pa.array(COMPOUNDS).take(pa.array(rng.integers(0, len(COMPOUNDS), n)))
    street = join(place, road, number, "号", compound)
    floor = rng.integers(1, 31, n)
    unit = join(
        pa.array(rng.integers(1, 25, n)).cast(pa.string()), "栋",
        pa.array(rng.integers(1, 5, n)).cast(pa.string()), "单元",
        pa.array(floor).cast(pa.string()), digits(rng.integers(1, 9, n), 2), "室",
    )  # fmt: skip
    home = join(street, unit)
    forms = [form.format("") for form in HUB_FORMS]
    hub = join(street, pa.array(forms).take(pa.array(rng.integers(0, len(forms), n))))
    return pa.concat_arrays([home.slice(0, homes), hub.slice(homes, hubs), home.slice(homes + hubs)])
