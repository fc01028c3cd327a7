"""Themes: shops for the same goods honestly share customers.

What that alone explains is taken off a community's lift.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.detection.edges import Expectation
from app.detection.evidence import Evidence

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNLIKE, LIKE, UNKNOWN = range(3)
_BLOCK = 1024  # rows at a time: bounds memory, changes no result


@dataclass(frozen=True)
class Mixing:
    """Evidence and expectation summed over pairs of unlike, like and unknown goods (arrays of 3)."""

    observed: Floats
    expected: Floats

    def ratios_outside(self, inside: "Mixing") -> Floats:
        """How many times the expectation each kind of pair shares elsewhere.

        One piece of evidence as expected is added to each side: where hardly any pair is outside, nothing is
        learned there and the ratio stays near 1.
        """
        observed = self.observed - inside.observed
        expected = np.maximum(self.expected - inside.expected, 0.0)
        return np.asarray((observed + 1.0) / (expected + 1.0), dtype=np.float64)


class Themes:
    """Which pairs of platforms sell like goods: cosine of their shares of chapters ≥ `like`."""

    def __init__(self, evidence: Evidence, chance: Expectation, *, like: float) -> None:
        self._evidence, self._chance, self._like = evidence, chance, like
        length = np.linalg.norm(evidence.goods, axis=1, keepdims=True)
        self._known = length.ravel() > 0
        self._profile = evidence.goods / np.where(length > 0, length, 1.0)
        self._kind_of_pair = self._kinds(evidence.left, evidence.right)
        self.total = self._everywhere()

    def within(self, members: Ints) -> Mixing:
        """Mixing over the pairs inside a group."""
        first, second = np.triu_indices(len(members), 1)
        left, right = members[first], members[second]
        expected = np.bincount(self._kinds(left, right), self._chance.pairs(left, right), minlength=3)
        member = np.zeros(self._evidence.size, dtype=bool)
        member[members] = True
        both = member[self._evidence.left] & member[self._evidence.right]
        observed = np.bincount(self._kind_of_pair[both], self._evidence.observed[both], minlength=3)
        return Mixing(observed.astype(np.float64), expected.astype(np.float64))

    def _kinds(self, left: Ints, right: Ints) -> Ints:
        cosine = np.einsum("ij,ij->i", self._profile[left], self._profile[right])
        known = self._known[left] & self._known[right]
        return np.where(known, np.where(cosine >= self._like, LIKE, UNLIKE), UNKNOWN).astype(np.int64)

    def _everywhere(self) -> Mixing:
        evidence = self._evidence
        observed = np.bincount(self._kind_of_pair, evidence.observed, minlength=3)
        expected = np.zeros(3)
        for start in range(0, evidence.size, _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, evidence.size), dtype=np.int64)
            chance = np.triu(self._chance.block(rows), start + 1)
            like = self._profile[rows] @ self._profile.T >= self._like
            known = self._known[rows][:, None] & self._known
            expected += [chance[known & ~like].sum(), chance[known & like].sum(), chance[~known].sum()]
        return Mixing(observed.astype(np.float64), expected)
