"""Payment companies and the platforms that depend on them."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.detection.significance import benjamini_hochberg, counts_against_peers, holm, hypergeometric_tail


@dataclass(frozen=True)
class CaptiveParameters:
    """Every number that decides; the rule file may give others. Their sources: docs/significance.md."""

    min_transactions: int = 20  # of a platform in the window
    min_share: float = 0.5  # of them settled by the company
    min_flagged: int = 3  # captives with the flag
    level: float = 0.05  # false discovery rate over companies


@dataclass(frozen=True)
class WatchParameters:
    """As `CaptiveParameters`; beyond `wallet_reach` of the platforms a company is everybody's wallet."""

    min_transactions: int = 20
    min_share: float = 0.5
    wallet_reach: float = 0.25
    min_peers: int = 5  # with fewer companies there is nobody to compare with
    level: float = 0.05


@dataclass(frozen=True)
class KindTest:
    """One kind of base flag: among `population` judgeable platforms `marked` have it; of the company's
    `judgeable` captives `flagged` have it."""

    kind: str
    population: int
    marked: int
    judgeable: int
    flagged: int
    expected: float
    p: float  # hypergeometric P(X ≥ flagged); 1 below the least number of flagged captives
    adjusted: float  # Holm, over the kinds


@dataclass(frozen=True)
class CompanyTest:
    """A payment company with captives; p and q are None where no kind has enough judgeable captives."""

    company: str
    captives: tuple[str, ...]  # platforms, sorted
    kinds: tuple[KindTest, ...]  # by adjusted p, smallest first
    p: float | None
    q: float | None
    significant: bool


@dataclass(frozen=True)
class WatchTest:
    """A company's captives against its peers'; p and q are None for wallets and where peers are too few."""

    company: str
    captives: tuple[str, ...]
    wallet: bool
    peers: int
    peer_mean: float
    peer_variance: float
    p: float | None
    q: float | None
    significant: bool


def captive_platforms(settlements: pa.Table, *, min_transactions: int, min_share: float) -> pa.Table:
    """Which platform is captive to which company: platform, company, transactions (all of the platform),
    share.

    `settlements`: platform, company (after aliases; null where no payment is known), transactions (of the
    window). One row a platform with at least `min_transactions` of which one company settles at least
    `min_share`; sorted by platform. Where two companies settle half each, the platform is captive to both.
    """
    totals = settlements.group_by("platform").aggregate([("transactions", "sum")])
    totals = totals.filter(pc.greater_equal(totals["transactions_sum"], min_transactions))
    rows = settlements.filter(pc.is_valid(settlements["company"])).join(totals, "platform", join_type="inner")
    share = pc.divide(
        pc.cast(rows["transactions"], pa.float64()), pc.cast(rows["transactions_sum"], pa.float64())
    )
    captive = pa.table(
        {
            "platform": rows["platform"],
            "company": rows["company"],
            "transactions": rows["transactions_sum"],
            "share": share,
        }
    )
    return captive.filter(pc.greater_equal(share, min_share)).sort_by(
        [("platform", "ascending"), ("company", "ascending")]
    )


def captive_companies(
    settlements: pa.Table, flags: pa.Table, parameters: CaptiveParameters, *, without: Collection[str] = ()
) -> list[CompanyTest]:
    """Companies whose captives have base flags more often than judgeable platforms have, sorted by company.

    `settlements` as in `captive_platforms`. `flags`: platform, kind, flagged (bool), one row a platform that
    could be judged for that kind, flagged or not: platforms that were never looked at must not be in it.
    Platforms in `without` (a community at hand) take no part. q is over all companies that could have been
    found: those with `min_flagged` judgeable captives.
    """
    outside = pa.array(sorted(without), pa.string())
    settlements = settlements.filter(pc.invert(pc.is_in(settlements["platform"], value_set=outside)))
    flags = flags.filter(pc.invert(pc.is_in(flags["platform"], value_set=outside)))
    captives = _by_company(
        captive_platforms(
            settlements, min_transactions=parameters.min_transactions, min_share=parameters.min_share
        )
    )
    judged = _judged(flags)
    tests = [_kind_tests(members, judged, parameters.min_flagged) for members in captives.values()]
    asked = [any(kind.judgeable >= parameters.min_flagged for kind in test) for test in tests]
    smallest = [min((kind.adjusted for kind in test), default=1.0) for test in tests]
    q = iter(benjamini_hochberg([p for p, judgeable in zip(smallest, asked, strict=True) if judgeable]))
    results = []
    for company, test, judgeable, p in zip(captives, tests, asked, smallest, strict=True):
        value = float(next(q)) if judgeable else None
        results.append(
            CompanyTest(
                company=company,
                captives=captives[company],
                kinds=test,
                p=p if judgeable else None,
                q=value,
                significant=value is not None and value <= parameters.level,
            )
        )
    return results


def flags_by_chance(platforms: tuple[str, ...], flags: pa.Table) -> float:
    """How likely some platforms would have as many base flags as they have if they were any of those judged.

    `flags` as in `captive_companies`. The smallest probability over the kinds, by Holm; 1 where none of the
    platforms is flagged.
    """
    return min((test.adjusted for test in _kind_tests(platforms, _judged(flags), 1)), default=1.0)


def watched_companies(settlements: pa.Table, parameters: WatchParameters) -> list[WatchTest]:
    """Companies with more captives than their peers (payment companies with a captive, wallets apart),
    sorted by company.

    A wallet is a company that settles something on more than `wallet_reach` of the platforms with enough
    transactions.
    """
    captives = _by_company(
        captive_platforms(
            settlements, min_transactions=parameters.min_transactions, min_share=parameters.min_share
        )
    )
    wallets = _wallets(settlements, parameters)
    peers = [company for company in captives if company not in wallets]
    p, mean, variance = counts_against_peers([len(captives[company]) for company in peers])
    enough = len(peers) >= parameters.min_peers
    q = dict(zip(peers, benjamini_hochberg(p).tolist(), strict=True)) if enough else {}
    p_of = dict(zip(peers, p.tolist(), strict=True)) if enough else {}
    return [
        WatchTest(
            company=company,
            captives=members,
            wallet=company in wallets,
            peers=len(peers),
            peer_mean=mean,
            peer_variance=variance,
            p=p_of.get(company),
            q=q.get(company),
            significant=q.get(company, 1.0) <= parameters.level,
        )
        for company, members in captives.items()
    ]


def _by_company(captive: pa.Table) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    for company, platform in zip(
        captive["company"].to_pylist(), captive["platform"].to_pylist(), strict=True
    ):
        members.setdefault(company, []).append(platform)
    return {company: tuple(sorted(members[company])) for company in sorted(members)}


def _judged(flags: pa.Table) -> dict[str, dict[str, bool]]:
    judged: dict[str, dict[str, bool]] = {}
    for row in flags.to_pylist():
        judged.setdefault(row["kind"], {})[row["platform"]] = row["flagged"]
    return judged


def _kind_tests(
    captives: tuple[str, ...], judged: dict[str, dict[str, bool]], min_flagged: int
) -> tuple[KindTest, ...]:
    kinds = sorted(judged)
    if not kinds:
        return ()
    population = np.array([len(judged[kind]) for kind in kinds])
    marked = np.array([sum(judged[kind].values()) for kind in kinds])
    drawn = np.array([sum(platform in judged[kind] for platform in captives) for kind in kinds])
    found = np.array([sum(judged[kind].get(platform, False) for platform in captives) for kind in kinds])
    p = np.where(found >= min_flagged, hypergeometric_tail(found, population, marked, drawn), 1.0)
    # A kind that cannot show the flags that a finding needs is no test and corrects no other (Tarone 1990).
    able = np.minimum(drawn, marked) >= min_flagged
    adjusted = np.ones(len(kinds))
    adjusted[able] = holm(p[able])
    tests = [
        KindTest(kind, int(n), int(f), int(k), int(x), float(k * f / n), float(raw), float(corrected))
        for kind, n, f, k, x, raw, corrected in zip(
            kinds, population, marked, drawn, found, p, adjusted, strict=True
        )
    ]
    return tuple(sorted(tests, key=lambda test: (test.adjusted, test.p, test.kind)))


def _wallets(settlements: pa.Table, parameters: WatchParameters) -> set[str]:
    totals = settlements.group_by("platform").aggregate([("transactions", "sum")])
    large = totals.filter(pc.greater_equal(totals["transactions_sum"], parameters.min_transactions))[
        "platform"
    ]
    rows = settlements.filter(pc.is_in(settlements["platform"], value_set=large.combine_chunks()))
    rows = rows.filter(pc.is_valid(rows["company"]))
    reach = rows.group_by("company").aggregate([("platform", "count_distinct")])
    limit = parameters.wallet_reach * max(len(large), 1)
    return set(reach.filter(pc.greater(reach["platform_count_distinct"], limit))["company"].to_pylist())
