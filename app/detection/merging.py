"""Merge: a community that Leiden cut in two, or a quiet member that it left out, comes together again."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from app.detection.edges import Edges, Expectation
from app.detection.evidence import Evidence
from app.detection.significance import poisson_tail

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


Move = tuple[float, int, int, int | None, int]
"""−score, smaller and greater key, the group that takes in (None: two single platforms), what it takes in."""


@dataclass(frozen=True)
class MergeRule:
    """When two units join: r = pooled lift between / geometric mean of the lifts inside ≥ `min_ratio`,
    pooled lift > `min_lift`, Poisson p < `max_p`, on at least `min_shared` pieces of evidence (as an edge:
    where a platform with three consumers meets every community, p alone finds company for it)."""

    min_shared: int
    min_ratio: float
    min_lift: float
    max_p: float


def observed_matrix(evidence: Evidence) -> sparse.csr_array:
    """The evidence as a symmetric N × N matrix."""
    half = sparse.coo_array(
        (evidence.observed.astype(np.float64), (evidence.left, evidence.right)),
        shape=(evidence.size, evidence.size),
    )
    return sparse.csr_array(half + half.T)


def merge(
    groups: list[Ints], evidence: Evidence, chance: Expectation, edges: Edges, rule: MergeRule
) -> list[Ints]:
    """Join what belongs together, the best pair first, until no pair qualifies.

    A pair is two groups, or a group and a single platform (which has no lift inside: the group's alone
    counts), or two single platforms with a significant edge (r = 1). Order: (o ln(o/e) − (o − e)) · min(r, 1)
    descending, ties by the smallest platforms. Takes and gives groups as `leiden` gives them.
    """
    grouped = np.zeros(evidence.size, dtype=bool)
    for group in groups:
        grouped[group] = True
    lone = [
        (int(i), int(j)) for i, j in zip(edges.left, edges.right, strict=True) if not grouped[[i, j]].any()
    ]
    state = _Units(groups, len(groups) + len(lone), evidence, chance, rule)
    gain = _gain(edges.shared.astype(np.float64), edges.expected)
    gains = {(int(i), int(j)): float(g) for i, j, g in zip(edges.left, edges.right, gain, strict=True)}
    while True:
        moves = state.best()
        lone = [pair for pair in lone if (state.group[list(pair)] < 0).all()]
        moves += [(-gains[pair], *pair, None, pair[1]) for pair in lone]
        if not moves:
            return sorted((m for m in state.members if len(m)), key=lambda m: int(m[0]))
        _, first, _, row, unit = min(moves, key=lambda move: move[:3])
        if row is None:
            state.start(np.array([first, unit], dtype=np.int64))
        else:
            state.absorb(row, unit)


class _Units:
    """Groups are units 0..R-1 (`members` empty where unused), platform i is unit R+i while it is single."""

    def __init__(
        self, groups: list[Ints], rows: int, evidence: Evidence, chance: Expectation, rule: MergeRule
    ) -> None:
        self.seen, self.chance, self.rule = observed_matrix(evidence), chance, rule
        size = evidence.size
        # Over a group's platforms one person counts several times: fewer people than an edge needs
        # prove nothing.
        self.judgeable = evidence.platform_consumers >= rule.min_shared
        self.members: list[Ints] = [np.zeros(0, dtype=np.int64) for _ in range(rows)]
        self.group = np.full(size, -1, dtype=np.int64)  # of each platform; -1: single
        self.observed = np.zeros((rows, size))  # of each group with each platform
        self.expected = np.zeros((rows, size))
        self.lift = np.zeros(rows)  # inside each group; 0 where unused
        self.score = np.full((rows, rows + size), -np.inf)
        for row, group in enumerate(groups):
            self._fill(row, group)
        for row in range(len(groups)):
            self._rescore(row)

    def best(self) -> list[Move]:
        """Every move of the greatest score."""
        top = self.score.max(initial=-np.inf)
        if top == -np.inf:
            return []
        moves: list[Move] = []
        for row, unit in np.argwhere(self.score == top):
            keys = sorted((self._key(int(row)), self._key(int(unit))))
            moves.append((-float(top), keys[0], keys[1], int(row), int(unit)))
        return moves

    def start(self, pair: Ints) -> None:
        """Two single platforms become a group."""
        row = next(row for row, members in enumerate(self.members) if not len(members))
        self._drop(pair + len(self.members))
        self._fill(row, pair)
        self._rescore(row)

    def absorb(self, row: int, unit: int) -> None:
        """Group `row` takes in another group or a single platform."""
        rows = len(self.members)
        taken = self.members[unit] if unit < rows else np.array([unit - rows], dtype=np.int64)
        self._drop(np.array([unit]))
        if unit < rows:
            self.members[unit], self.lift[unit] = self.members[unit][:0], 0.0
            self.score[unit] = -np.inf
        self._fill(row, np.sort(np.concatenate([self.members[row], taken])))
        self._rescore(row)

    def _key(self, unit: int) -> int:
        rows = len(self.members)
        return unit - rows if unit >= rows else int(self.members[unit][0])

    def _drop(self, units: Ints) -> None:
        self.score[:, units] = -np.inf

    def _fill(self, row: int, members: Ints) -> None:
        self.members[row] = members
        self.group[members] = row
        self.observed[row] = self.seen[members].sum(axis=0)
        self.expected[row] = self.chance.towards(members)
        self.lift[row] = self.observed[row][members].sum() / 2.0 / self.chance.inside(members)

    def _rescore(self, row: int) -> None:
        rows, grouped = len(self.members), self.group >= 0
        observed, expected = (
            np.concatenate([np.bincount(self.group[grouped], values[grouped], minlength=rows), values])
            for values in (self.observed[row], self.expected[row])
        )
        own = self.lift[row]
        inside = np.concatenate([np.sqrt(own * self.lift), np.full(len(grouped), own)])
        open_ = np.concatenate([self.lift > 0, ~grouped & self.judgeable])
        open_[row] = False
        scores = np.full(len(open_), -np.inf)
        lift = np.divide(observed, expected, out=np.zeros_like(observed), where=expected > 0)
        ratio = np.divide(lift, inside, out=np.zeros_like(lift), where=inside > 0)
        enough = observed >= self.rule.min_shared
        asked = np.flatnonzero(open_ & enough & (lift > self.rule.min_lift) & (ratio >= self.rule.min_ratio))
        asked = asked[poisson_tail(observed[asked], expected[asked]) < self.rule.max_p]
        scores[asked] = _gain(observed[asked], expected[asked]) * np.minimum(ratio[asked], 1.0)
        self.score[row] = scores
        self.score[:, row] = scores[:rows]


def _gain(observed: Floats, expected: Floats) -> Floats:
    """Log-likelihood ratio of a Poisson count at its own rate against the expected one."""
    surprise = special.xlogy(observed, observed / expected)
    return np.asarray(surprise - (observed - expected), dtype=np.float64)
