"""The share of something among all of a population, from replies that were sampled by strata."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from scipy import special


@dataclass(frozen=True)
class Stratum:
    """Payments of one stratum, and what is known of them: answered in substance, refuted."""

    population: int
    answered: int = 0
    refuted: int = 0


@dataclass(frozen=True)
class Estimate:
    """Share of refuted payments among those of the strata with an answer.

    `covered`: share of the population in these strata; `worth`: how many independent replies the sample is
    worth (inf for a whole that was answered). `low`, `high` are 0 and 1 without any answer.
    """

    share: float | None
    low: float
    high: float
    covered: float
    worth: float

    def tail(self, usual: float) -> float:
        """P(as much refuted or more) if the share were the usual one: the binomial tail, of counts that need
        not be whole."""
        if not self.share:
            return 1.0
        if self.worth == inf:
            return float(self.share <= usual)
        found = self.share * self.worth
        return float(special.betainc(found, self.worth - found + 1.0, usual))


def estimate(strata: Sequence[Stratum], *, level: float) -> Estimate:
    """The share of refuted payments, each stratum weighed by its payments.

    The interval is the exact one of as many independent replies as the sample is worth (Korn & Graubard 1998,
    Survey Methodology 24, 193-201): n' = p (1 − p) / variance. Strata where all replies agree vary as with
    half a reply more to either side, so that few replies never look certain; a stratum asked about and
    answered as a whole does not vary.
    """
    known = [one for one in strata if one.answered]
    total = sum(one.population for one in strata)
    covered = sum(one.population for one in known)
    if not covered:
        return Estimate(None, 0.0, 1.0, 0.0, 0.0)
    share, smoothed, variance = 0.0, 0.0, 0.0
    for one in known:
        weight = one.population / covered
        own = (one.refuted + 0.5) / (one.answered + 1.0)
        share += weight * one.refuted / one.answered
        smoothed += weight * own
        variance += weight**2 * (1.0 - one.answered / one.population) * own * (1.0 - own) / one.answered
    worth = smoothed * (1.0 - smoothed) / variance if variance > 0 else inf
    if worth == inf:
        return Estimate(share, share, share, covered / total, inf)
    tail = (1.0 - level) / 2.0
    found = share * worth
    low = float(special.betaincinv(found, worth - found + 1.0, tail)) if found > 0 else 0.0
    high = float(special.betaincinv(found + 1.0, worth - found, 1.0 - tail)) if found < worth else 1.0
    return Estimate(share, low, high, covered / total, worth)
