"""Edges: pairs of platforms that share more than chance gives, tested over all pairs at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.detection.configuration import DegreeForm, degree_form
from app.detection.evidence import Evidence
from app.detection.links import ProductForm, product_form
from app.detection.significance import benjamini_hochberg, poisson_tail

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Expectation:
    """What chance gives each pair: shared consumers plus links through different people."""

    consumers: DegreeForm
    links: ProductForm

    def pairs(self, left: Ints, right: Ints) -> Floats:
        """Expected evidence of each pair."""
        return self.consumers.pairs(left, right) + self.links.pairs(left, right)

    def towards(self, members: Ints) -> Floats:
        """Expected evidence of a group with each platform (N), a member's own pair with itself included."""
        return self.consumers.towards(members) + self.links.towards(members)

    def inside(self, members: Ints) -> float:
        """Expected evidence over all pairs within a group."""
        return float(self.towards(members)[members].sum() - self.pairs(members, members).sum()) / 2.0

    def block(self, rows: Ints) -> Floats:
        """Expected evidence of some platforms with every platform (len(rows) × N)."""
        return self.consumers.block(rows) + self.links.block(rows)


@dataclass(frozen=True)
class Edges:
    """The significant pairs, sorted by (left, right); numbers of platforms as in the Evidence."""

    left: Ints
    right: Ints
    consumers: Ints
    links: Ints
    expected: Floats
    p: Floats
    q: Floats

    @property
    def shared(self) -> Ints:
        """All evidence of each edge."""
        return self.consumers + self.links

    @property
    def lift(self) -> Floats:
        """Evidence over expectation."""
        return self.shared / self.expected

    def __len__(self) -> int:
        return len(self.left)

    def table(self, platforms: pa.Array) -> pa.Table:
        """One row an edge: left, right (codes), shared, consumers, links, expected, lift, p, q."""
        return pa.table(
            {
                "left": platforms.take(pa.array(self.left)),
                "right": platforms.take(pa.array(self.right)),
                "shared": self.shared,
                "consumers": self.consumers,
                "links": self.links,
                "expected": self.expected,
                "lift": self.lift,
                "p": self.p,
                "q": self.q,
            }
        )


def expectation(evidence: Evidence, *, trim: float) -> Expectation:
    """What chance gives a pair: consumers by the configuration model, links by `product_form`."""
    consumers = degree_form(evidence.platform_consumers, evidence.consumer_platforms)
    links = product_form(evidence.left, evidence.right, evidence.links, evidence.size, trim=trim)
    return Expectation(consumers, links)


def significant_edges(
    evidence: Evidence, chance: Expectation, *, level: float, min_shared: int, min_lift: float
) -> Edges:
    """Pairs with at least `min_shared` pieces of evidence, `min_lift` times what chance gives, significant
    at the false discovery rate `level` over all N(N-1)/2 pairs, those never seen together included."""
    expected = chance.pairs(evidence.left, evidence.right)
    observed = evidence.observed
    p = poisson_tail(observed, expected)
    q = benjamini_hochberg(p, candidates=evidence.candidates)
    kept = np.flatnonzero((q <= level) & (observed >= min_shared) & (observed >= min_lift * expected))
    return Edges(
        evidence.left[kept],
        evidence.right[kept],
        evidence.consumers[kept],
        evidence.links[kept],
        expected[kept],
        p[kept],
        q[kept],
    )
