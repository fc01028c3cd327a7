"""What chance gives for links through different people: as many for each platform as it has, whatever the
partner.

Quasi-independence (Goodman 1968, doi:10.1080/01621459.1968.10480916): e_xy = f_x f_y for every pair but
those left out, f such that each platform keeps its number of links over the pairs that are not. The pairs
that stand out most are left out, so that rings do not raise what is expected of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProductForm:
    """Expectation of a pair as the product of its two nodes' factors (N)."""

    factor: Floats

    def pairs(self, left: Ints, right: Ints) -> Floats:
        """Expectation of each pair (left[i], right[i])."""
        return np.asarray(self.factor[left] * self.factor[right], dtype=np.float64)

    def towards(self, members: Ints) -> Floats:
        """Expectation of a group with each of the N nodes (a member's own pair with itself included)."""
        return np.asarray(self.factor[members].sum() * self.factor, dtype=np.float64)

    def block(self, rows: Ints) -> Floats:
        """Expectation of every row node with each of the N nodes (len(rows) × N)."""
        return np.outer(self.factor[rows], self.factor)


def product_form(
    left: Ints,
    right: Ints,
    links: Ints,
    size: int,
    *,
    trim: float,
    rounds: int = 200,
    tolerance: float = 1e-9,
) -> ProductForm:
    """Factors of `size` nodes from the pairs seen (left < right, links ≥ 0), without the `trim` share of the
    linked pairs that exceeds a first fit over all pairs most."""
    seen = links > 0
    left, right, count = left[seen], right[seen], links[seen].astype(np.float64)
    none = np.zeros(0, dtype=np.int64)
    first = _fit(left, right, count, size, none, none, rounds, tolerance)
    excess = count - first[left] * first[right]
    # Stable sort: pairs come sorted, so equal excess is cut the same way every time.
    out = np.zeros(len(count), dtype=bool)
    out[np.argsort(-excess, kind="stable")[: int(np.ceil(trim * len(count)))]] = True
    kept = ~out
    factor = _fit(left[kept], right[kept], count[kept], size, left[out], right[out], rounds, tolerance)
    return ProductForm(factor)


def _fit(
    left: Ints,
    right: Ints,
    count: Floats,
    size: int,
    out_left: Ints,
    out_right: Ints,
    rounds: int,
    tolerance: float,
) -> Floats:
    total = np.bincount(left, count, minlength=size) + np.bincount(right, count, minlength=size)
    if not count.size:
        return np.zeros(size)
    factor: Floats = total / np.sqrt(total.sum())
    for _ in range(rounds):
        partners = (
            factor.sum()
            - factor
            - np.bincount(out_left, factor[out_right], minlength=size)
            - np.bincount(out_right, factor[out_left], minlength=size)
        )
        # The geometric mean of old and new keeps two nodes from trading places for ever.
        new = np.sqrt(factor * np.divide(total, partners, out=np.zeros(size), where=partners > 0))
        settled = bool(np.max(np.abs(new - factor)) <= tolerance * np.max(factor))
        factor = new
        if settled:
            break
    return factor
