"""Whether payments keep the hours that people keep."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.detection.significance import Floats, benjamini_hochberg

HOURS = 24


def without_rhythm(
    occasions: Mapping[str, Sequence[int]], *, minimum: int, minimum_peers: int
) -> dict[str, tuple[float, float]]:
    """Subject → (evidence for people's hours, q), of subjects with at least `minimum` occasions.

    `occasions` are counts by hour of the day (24 each). The hours of all together are people's hours. Two
    accounts of a subject's occasions are compared: they keep those hours, or they come at any hour alike. The
    evidence is the mean log-likelihood ratio of an occasion, above 0 where people's hours explain it better.
    Under people's hours the likelihood ratio falls to p or below with probability p at most (Markov), so it
    is a p-value without further assumptions; and hours of its own (an evening's live stream, office hours)
    are no sign: only what comes while people sleep speaks for a machine. q is Benjamini-Hochberg over all
    that are judged. Empty where fewer than `minimum_peers` can be judged.
    """
    judged = sorted(name for name, counts in occasions.items() if sum(counts) >= minimum)
    if not judged or len(judged) < minimum_peers:
        return {}
    counts = np.array([occasions[name] for name in judged], dtype=np.float64)
    total = counts @ _scores(counts)
    q = benjamini_hochberg(np.exp(np.minimum(total, 0.0)))
    evidence = total / counts.sum(axis=1)
    return dict(zip(judged, zip(evidence.tolist(), q.tolist(), strict=True), strict=True))


def _scores(counts: Floats) -> Floats:
    """log(24 p) of each hour, p its share of all occasions.

    A subject counts by the root of its size, so that one large machine does not make night into day.
    """
    pooled = (counts / np.sqrt(counts.sum(axis=1, keepdims=True))).sum(axis=0) + 0.5
    return np.asarray(np.log(pooled / pooled.sum() * HOURS), dtype=np.float64)
