"""Shares of subjects against their peers, each subject on its own: no sale belongs to two of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.detection.peers import fit_peers
from app.detection.significance import benjamini_hochberg, jeffreys


@dataclass(frozen=True)
class Standing:
    """One subject's share against what its peers show."""

    judgeable: int
    differing: int
    low: float  # lower end of the 95 % interval of its share (Jeffreys)
    peers_share: float
    p: float
    q: float  # Benjamini-Hochberg over all subjects judged

    @property
    def share(self) -> float:
        """Differing of judgeable."""
        return self.differing / self.judgeable


def standings(
    counts: Mapping[str, tuple[int, int]], *, minimum: int, minimum_peers: int
) -> dict[str, Standing]:
    """Each subject with at least `minimum` judgeable against all (subject → judgeable, differing).

    Peers are a beta-binomial, fitted without those that stand out (`fit_peers`); whoever has something
    judgeable is a peer. Empty where fewer than `minimum_peers` subjects can be judged.
    """
    judged = sorted(name for name, (judgeable, _) in counts.items() if judgeable >= minimum)
    if not judged or len(judged) < minimum_peers:
        return {}
    every = np.array([counts[name] for name in sorted(counts)], dtype=np.int64)
    peers = fit_peers(every[:, 1], every[:, 0])
    n, x = np.array([counts[name] for name in judged], dtype=np.int64).T
    p = peers.tail(x, n)
    low, _ = jeffreys(x, n, level=0.95)
    columns = zip(
        judged, n.tolist(), x.tolist(), low.tolist(), p.tolist(), benjamini_hochberg(p), strict=True
    )
    return {
        name: Standing(judgeable, differing, lower, peers.share, chance, float(q))
        for name, judgeable, differing, lower, chance, q in columns
    }
