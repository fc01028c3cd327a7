"""Themes: shops for the same goods honestly share customers.

How many more depends on how narrow the goods are: people who buy wine choose among the few shops for wine.
Likeness of two platforms is Σ_h a_h b_h / m_h over codes h of declared goods, with shares a and b in their
goods and m in all goods: 1 for two general shops, 1/m for two shops of one code, 0 for shops with nothing in
common. It is taken over chapters and over finer codes, and the greater counts: shops of one theme may differ
in their lines, and one chapter may hold several themes. What pairs of equal likeness share elsewhere is what
goods alone explain.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from app.detection.edges import Expectation
from app.detection.evidence import Evidence

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_BLOCK, _PAIRS = 1024, 500_000  # rows and pairs at a time: they bound memory and change no result


@dataclass(frozen=True)
class Mixing:
    """Evidence and expectation by class of likeness of the pairs, least alike first; last: unknown goods."""

    observed: Floats
    expected: Floats

    def ratios_outside(self, inside: "Mixing") -> Floats:
        """How many times the expectation pairs of each class share elsewhere.

        Pairs that are more alike share at least as much as pairs that are less alike, and a class hardly seen
        outside says little: one piece of evidence as in the class below is added to each.
        """
        observed = self.observed - inside.observed
        expected = np.maximum(self.expected - inside.expected, 0.0)
        ratios = (observed + 1.0) / (expected + 1.0)
        below = float(ratios[0])
        for likeness in range(1, len(ratios) - 1):
            below = max(below, float((observed[likeness] + below) / (expected[likeness] + 1.0)))
            ratios[likeness] = below
        return np.asarray(ratios, dtype=np.float64)


class Themes:
    """Mixing by likeness of goods; `bounds` are the likenesses at which a new class begins, ascending."""

    def __init__(self, evidence: Evidence, chance: Expectation, *, bounds: tuple[float, ...]) -> None:
        self._evidence, self._chance, self._bounds = evidence, chance, np.asarray(bounds)
        self._profiles = [_profile(counts) for counts in evidence.goods]
        self._known = sum((counts.sum(axis=1) for counts in evidence.goods), np.zeros(evidence.size)) > 0
        self._class_of_pair = self.classes(evidence.left, evidence.right)
        self.total = self._everywhere()

    def within(self, members: Ints) -> Mixing:
        """Mixing over the pairs inside a group."""
        first, second = np.triu_indices(len(members), 1)
        left, right = members[first], members[second]
        member = np.zeros(self._evidence.size, dtype=bool)
        member[members] = True
        both = member[self._evidence.left] & member[self._evidence.right]
        return Mixing(
            self._sums(self._class_of_pair[both], self._evidence.observed[both].astype(np.float64)),
            self._sums(self.classes(left, right), self._chance.pairs(left, right)),
        )

    def expected(self, members: Ints, ratios: Floats) -> Floats:
        """Adjusted expectation of each pair of a group (members × members, diagonal 0)."""
        first, second = np.triu_indices(len(members), 1)
        left, right = members[first], members[second]
        matrix = np.zeros((len(members), len(members)))
        matrix[first, second] = self._chance.pairs(left, right) * ratios[self.classes(left, right)]
        return matrix + matrix.T

    def _sums(self, classes: Ints, values: Floats) -> Floats:
        return np.bincount(classes, values, minlength=len(self._bounds) + 2).astype(np.float64)

    def classes(self, left: Ints, right: Ints) -> Ints:
        """Class of likeness of each pair."""
        likeness = np.zeros(len(left))
        for profile in self._profiles:
            # Row by row product, a slice at a time: pairs may be many.
            for start in range(0, len(left), _PAIRS):
                part = slice(start, start + _PAIRS)
                product = profile[left[part]].multiply(profile[right[part]]).sum(axis=1)
                likeness[part] = np.maximum(likeness[part], product)
        return self._classified(likeness, self._known[left] & self._known[right])

    def _classified(self, likeness: Floats, known: npt.NDArray[np.bool_]) -> Ints:
        # Rounded, so that the order in which a product was summed cannot move a pair across a bound.
        classes = np.searchsorted(self._bounds, np.round(likeness, 9), side="right")
        return np.where(known, classes, len(self._bounds) + 1).astype(np.int64)

    def _everywhere(self) -> Mixing:
        evidence = self._evidence
        expected = self._sums(np.zeros(0, dtype=np.int64), np.zeros(0))
        for start in range(0, evidence.size, _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, evidence.size), dtype=np.int64)
            later = np.arange(evidence.size) > rows[:, None]
            likeness = np.zeros((len(rows), evidence.size))
            for profile in self._profiles:
                likeness = np.maximum(likeness, (profile[rows] @ profile.T).toarray())
            known = (self._known[rows][:, None] & self._known)[later]
            expected += self._sums(self._classified(likeness[later], known), self._chance.block(rows)[later])
        return Mixing(self._sums(self._class_of_pair, evidence.observed.astype(np.float64)), expected)


def _profile(counts: sparse.csr_array) -> sparse.csr_array:
    """Shares of goods, each side carrying half of 1/m, so that likeness is a plain product of rows."""
    sales = counts.sum(axis=1)
    market = counts.sum(axis=0) / max(float(sales.sum()), 1.0)
    weight = 1.0 / np.sqrt(np.where(market > 0, market, 1.0))
    scaled = sparse.diags_array(1.0 / np.maximum(sales, 1.0)) @ counts @ sparse.diags_array(weight)
    return sparse.csr_array(scaled)
