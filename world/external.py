"""External regulatory data of a world: checks, replies, reports, inspections, register, sites."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from world.cast import DAYS, FIRST_DAY, Cast
from world.checks import CHECKS, Checks
from world.events import Event
from world.identifiers import Ints, digits, join, phones, social_credit_codes
from world.papers import END
from world.people import person_names
from world.pools import DISTRICTS, ROADS
from world.render import Renderer, Table, money, same, take
from world.sales import DAY

VISITS_PER_ORDER = 40  # of which one order comes, on average


def iso(day: Ints, second: Ints | None = None) -> pa.Array:
    """Days since the first as ISO dates, or times of day with them."""
    dates: npt.NDArray[np.datetime64] = FIRST_DAY + day.astype("timedelta64[D]")
    if second is None:
        return pa.array(np.datetime_as_string(dates))
    return pa.array(np.datetime_as_string(dates.astype("datetime64[s]") + second.astype("timedelta64[s]")))


def make_external(rng: np.random.Generator, r: Renderer, checks: Checks) -> dict[str, Table]:
    """Every external table of the world: kind → columns."""
    return {
        "platform_verifications": _platform_verifications(rng, r, checks),
        "payment_verifications": _payment_verifications(rng, r),
        "consumer_reports": _consumer_reports(rng, r),
        "inspections": _inspections(rng, r),
        "enterprises": _enterprises(rng, r.cast),
        "business_sites": _business_sites(r.cast),
        "payment_aliases": _payment_aliases(r.cast),
    }


def _platform_verifications(rng: np.random.Generator, r: Renderer, checks: Checks) -> Table:
    rows = sorted(checks.rows, key=lambda row: (row[1], row[0], row[2]))
    n = len(rows)
    platform, day, check = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    traffic = check == CHECKS.index("traffic_match")
    result = pa.array([row[3] for row in rows])
    failed = np.array([row[3] == "fail" for row in rows])
    rng.integers(2_000, 90_000, n)  # drawn once, and still: what is drawn after it stays as it was
    expected = VISITS_PER_ORDER * cleared_orders(r, platform, day)
    observed = np.where(failed, expected // 60, (expected * rng.uniform(0.8, 3, n)).astype(np.int64))
    return {
        "verificationId": join("PV", digits(np.arange(n), 7)),
        "ebpCode": take(r.pools.code["platform"], platform),
        "checkedAt": iso(day, 36_000 + np.arange(n) % 20_000),
        "check": pa.array(CHECKS).take(pa.array(check)),
        "result": result,
        "selection": pa.array([row[4] for row in rows]),
        "observed": pa.array(observed, mask=~traffic).cast(pa.string()),
        "expected": pa.array(expected, mask=~traffic).cast(pa.string()),
        "inspector": join("检查员", digits(np.arange(n) // 7 % 40, 2)),
    }


def cleared_orders(r: Renderer, platform: Ints, day: Ints) -> Ints:
    """Orders paid on each platform in the 30 days up to each day, and declared: nearly all of them clear."""
    declared = np.flatnonzero(r.papers.has_inventory)
    key = r.sales.platform[declared] * (2 * END) + r.sales.paid[declared]
    key.sort()
    until = platform * (2 * END) + np.maximum(day + 1, 0) * DAY
    since = platform * (2 * END) + np.maximum(day - 29, 0) * DAY
    found: Ints = np.searchsorted(key, until) - np.searchsorted(key, since)
    return found


def _payment_verifications(rng: np.random.Generator, r: Renderer) -> Table:
    """Replies: forged payments mostly have no fund flow; honest ones are genuine but for a slip or two."""
    sales, ok = (
        r.sales,
        r.papers.has_payment & (r.events.event == Event.NONE) & (r.papers.paid < END - 40 * DAY),
    )
    forged = np.flatnonzero(ok & (sales.ring >= 0) & (r.cast.ring_of[sales.platform] >= 0))
    honest = np.flatnonzero(ok & (sales.ring < 0) & (sales.group < 0))
    forged = np.sort(rng.choice(forged, min(len(forged), max(12, len(forged) // 60)), replace=False))
    honest = np.sort(rng.choice(honest, min(len(honest), max(30, len(honest) // 400)), replace=False))
    at = np.concatenate([forged, honest])
    bad = rng.choice(
        ["no_fund_flow", "not_found", "payer_mismatch", "genuine"], len(forged), p=[0.5, 0.2, 0.1, 0.2]
    )
    good = rng.choice(["genuine", "wrong_number", "amount_mismatch"], len(honest), p=[0.97, 0.02, 0.01])
    result = np.concatenate([bad, good])
    return {
        "verificationId": join("RV", digits(np.arange(len(at)), 7)),
        "payCode": take(r.pools.code["company"], sales.company[at]),
        "payTransactionId": take(r.numbers.payment, at),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "orderNo": take(r.numbers.order, at),
        "repliedAt": iso(sales.paid[at] // DAY + 30, 36_000 + at % 20_000),
        "result": pa.array(result.tolist(), pa.string()),
        "settledAmount": take(
            money(r.papers.amount_paid[at]), np.where(result == "genuine", np.arange(len(at)), -1)
        ),
    }


def _consumer_reports(rng: np.random.Generator, r: Renderer) -> Table:
    """Some whose identity was misused find out; a few honest buyers report too."""
    sales, seen = r.sales, r.papers.has_inventory & (r.papers.paid < END - 30 * DAY)
    victims = np.flatnonzero(seen & (sales.ring >= 0) & (r.cast.ring_of[sales.platform] >= 0))
    others = np.flatnonzero(seen & (sales.ring < 0))
    victims = np.sort(rng.choice(victims, len(victims) // 80, replace=False))
    others = np.sort(rng.choice(others, max(10, len(others) // 2_500), replace=False))
    at = np.concatenate([victims, others])
    kind = np.concatenate(
        [
            rng.choice(["not_my_order", "quota_used"], len(victims), p=[0.7, 0.3]),
            rng.choice(["not_delivered", "other", "not_my_order"], len(others), p=[0.6, 0.25, 0.15]),
        ]
    )
    return {
        "reportId": join("CR", digits(np.arange(len(at)), 7)),
        "reportedAt": iso(sales.paid[at] // DAY + 20, 40_000 + at % 30_000),
        "buyerIdNumber": take(r.people.ids, sales.consumer[at]),
        "buyerIdType": same("1", len(at)),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "orderNo": take(r.numbers.order, at),
        "kind": pa.array(kind.tolist(), pa.string()),
    }


def _inspections(rng: np.random.Generator, r: Renderer) -> Table:
    """One parcel in a hundred, mostly at random; discrepancies where goods or values were misdeclared."""
    sales, event = r.sales, r.events.event
    at = np.flatnonzero(r.papers.has_inventory & (r.papers.inventory_time < END - 3 * DAY))
    at = at[rng.random(len(at)) < 0.01]
    wrong = np.isin(
        event[at], (Event.DECLARED_VALUE, Event.ITEM_SWAPPED, Event.ITEM_QUANTITY, Event.ITEM_COUNT)
    )
    found = np.where(wrong, rng.random(len(at)) < 0.8, rng.random(len(at)) < 0.015)
    what = np.where(
        event[at] == Event.DECLARED_VALUE,
        "value",
        np.where(event[at] == Event.ITEM_SWAPPED, "name", "quantity"),
    )
    how = rng.choice(["machine", "physical", "manual_review"], len(at), p=[0.6, 0.3, 0.1])
    why = rng.choice(["random", "class_rate", "system"], len(at), p=[0.7, 0.2, 0.1])
    return {
        "inspectionId": join("IN", digits(np.arange(len(at)), 7)),
        "invtNo": take(r.numbers.invt, at),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "orderNo": take(r.numbers.order, at),
        "inspectedAt": iso(sales.declared[at] + 1, 36_000 + at % 20_000),
        "kind": pa.array(how.tolist()),
        "selection": pa.array(why.tolist()),
        "result": pa.array(np.where(found, "discrepancy", "ok").tolist(), pa.string()),
        "discrepancy": pa.array(what.tolist(), pa.string(), mask=~found),
    }  # fmt: skip


def _enterprises(rng: np.random.Generator, cast: Cast) -> Table:
    """The register: everybody with their own control data; who shares it is the theme of other rules."""
    roles = (
        [(f, "platform;merchant") for f in cast.platforms],
        [(f, "merchant") for f in cast.merchants[len(cast.platforms) :]],
        [(f, "payment") for f in cast.companies],
        [(f, "logistics") for f in cast.carriers],
        [(f, "agent") for f in cast.agents],
        [(f, "warehouse") for f in cast.warehouses],
        [(f, "agent") for f in cast.gateways],
    )
    firms = [pair for group in roles for pair in group]
    n, platforms = len(firms), len(cast.platforms)
    place = np.arange(n)
    is_platform = place < platforms
    payment = np.array(["payment" in role for _, role in firms])
    overseas = np.concatenate([cast.overseas, np.zeros(n - platforms, dtype=bool)])
    district = pa.array([name for _, name in DISTRICTS]).take(pa.array(rng.integers(0, len(DISTRICTS), n)))
    road = pa.array(ROADS).take(pa.array(rng.integers(0, len(ROADS), n)))
    born = rng.integers(200, 4_000, n)
    authenticated = np.where(cast.authenticated, "yes", "no").tolist() + [None] * (n - platforms)
    return {
        "code": pa.array([firm.code for firm, _ in firms]),
        "name": pa.array([firm.name for firm, _ in firms]),
        "roles": pa.array([role for _, role in firms]),
        "uscc": pa.array(social_credit_codes(rng, n)),
        "legalRepresentative": person_names(rng, n),
        "registeredAddress": join(
            district,
            road,
            pa.array(rng.integers(1, 900, n)).cast(pa.string()),
            "号",
            pa.array(place % 30 + 1).cast(pa.string()),
            "楼",
        ),
        "telephone": phones(rng, n, start=50_000_000),
        "bankAccount": join("6222", digits(place * 7_919_333 + 10_000_000, 15)),
        "siteDomain": pa.array(
            [f"shop{i:05d}.example" if i < platforms else None for i in range(n)], pa.string()
        ),
        "ipAddress": pa.array(
            [f"203.0.113.{i * 7 % 254 + 1}" if i < platforms else None for i in range(n)], pa.string()
        ),
        "icpLicence": take(
            join("粤ICP备", digits(place + 20_250_000, 8), "号"), np.where(is_platform & ~overseas, place, -1)
        ),
        "paymentLicence": take(join("Z2025", digits(place, 6)), np.where(payment, place, -1)),
        "jurisdiction": pa.array(np.where(overseas, "HK", "CN").tolist()),
        "identityAuthenticated": pa.array(authenticated, pa.string()),
        "registeredAt": iso(-born),
        "registeredCapital": pa.array(np.round(rng.lognormal(15, 1.2, n), -4).astype(np.int64)).cast(
            pa.string()
        ),
        "creditClass": pa.array(rng.choice(["高级认证", "其他"], n, p=[0.1, 0.9]).tolist()),
        "asOf": same("2025-01-01", n),
    }


def _business_sites(cast: Cast) -> Table:
    codes: list[str] = []
    for firm in cast.warehouses:
        codes += [
            f"{firm.code[:4]}-{firm.code}",
            f"{firm.code[:4]}-{firm.code[:4]}01",
            f"{firm.code[:4]}-{firm.code[:4]}02",
        ]
    codes = sorted(set(codes))
    n = len(codes)
    return {
        "siteCode": pa.array(codes),
        "name": pa.array([f"监管作业场所{i + 1}" for i in range(n)]),
        "class": pa.array([("A", "B", "C")[i % 3] for i in range(n)]),
        "machineCapacity": pa.array([str(2_000 + 500 * (i % 5)) for i in range(n)]),
        "physicalCapacity": pa.array([str(100 + 50 * (i % 4)) for i in range(n)]),
        "validFrom": same("2025-01-01", n),
    }


def _payment_aliases(cast: Cast) -> Table:
    old, new = cast.alias or (0, 0)
    rows = 1 if cast.alias else 0
    return {
        "payCode": pa.array([cast.companies[old].code][:rows]),
        "sameAs": pa.array([cast.companies[new].code][:rows]),
        "validFrom": pa.array([str(FIRST_DAY + DAYS // 2 - 10)][:rows]),
        "note": pa.array(["吸收合并"][:rows]),
    }
