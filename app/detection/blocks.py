"""Dense blocks of consumers and platforms: people who are together on the same platforms beyond chance.

Bipartite Leiden proposes blocks; each is then brought to where no consumer and no platform gains by joining
or leaving, and judged against all blocks of its size. Sources: docs/significance.md, "Dense blocks".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import graspologic_native
import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from app.detection.significance import benjamini_hochberg

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BlockParameters:
    """Every number that decides; they come from the rule's file."""

    resolution: float
    iterations: int
    seed: int
    least_platforms: int  # of a block
    least_consumers: int  # of a block
    block_lift: float  # pairs inside over those expected
    block_level: float  # false discovery rate over blocks, each against all blocks of its size


@dataclass(frozen=True)
class Block:
    """One block: positions of its consumers (greatest gain first) and platforms (sorted)."""

    consumers: Ints
    platforms: Ints
    weight: Floats  # log-likelihood ratio of each consumer
    pairs: int  # consumers on platforms, inside
    expected: float
    p: float
    q: float

    @property
    def lift(self) -> float:
        """Pairs inside over those expected."""
        return self.pairs / self.expected


class Chance:
    """What chance and a taste for goods give: the configuration model, times how much consumers of a taste
    and shops of a class of goods go together.

    `bought` (consumers × platforms) holds ones; `goods` (platforms) is the class of each platform, 0 for a
    general shop. A consumer has the taste of the class of which he uses most shops, at least two, else 0. For
    u of taste h and x of class g: e_ux = d_u d_x r_hg / M, r_hg such that all of h and g together are
    expected as often as seen (a block model with known groups, corrected for degrees: Karrer & Newman 2011,
    doi:10.1103/PhysRevE.83.016107).
    """

    def __init__(self, bought: sparse.csr_array, goods: Ints) -> None:
        self._classes = int(goods.max()) + 1 if len(goods) else 1
        of_class = sparse.csr_array(
            (np.ones(len(goods)), (np.arange(len(goods)), goods)), shape=(len(goods), self._classes)
        )
        uses = sparse.csr_array(bought @ of_class)
        self._goods, self._taste = goods, _taste(uses)
        self._buys = np.asarray(bought.sum(axis=1), dtype=np.float64).ravel()
        self._sells = np.asarray(bought.sum(axis=0), dtype=np.float64).ravel()
        of_taste = sparse.csr_array(
            (np.ones(len(self._taste)), (self._taste, np.arange(len(self._taste)))),
            shape=(self._classes, len(self._taste)),
        )
        seen = (of_taste @ uses).toarray()
        both = np.outer(seen.sum(axis=1), seen.sum(axis=0))
        self._together = np.divide(seen, both, out=np.zeros_like(seen), where=both > 0)

    def of_consumers(self, platforms: Ints) -> Floats:
        """Expected number of these platforms that each consumer uses."""
        sells = np.bincount(self._goods[platforms], self._sells[platforms], minlength=self._classes)
        return np.asarray(self._buys * (self._together @ sells)[self._taste], dtype=np.float64)

    def of_platforms(self, consumers: Ints) -> Floats:
        """Expected number of these consumers on each platform."""
        buys = np.bincount(self._taste[consumers], self._buys[consumers], minlength=self._classes)
        return np.asarray(self._sells * (buys @ self._together)[self._goods], dtype=np.float64)


def _taste(uses: sparse.csr_array) -> Ints:
    """Class of goods (1, 2, …) that each row uses most, at least twice, of several the smallest; else 0."""
    counts = uses.tocoo()
    of_goods = (counts.col > 0) & (counts.data >= 2)
    row, goods, often = counts.row[of_goods], counts.col[of_goods], counts.data[of_goods]
    order = np.lexsort((-goods, often, row))
    taste = np.zeros(uses.shape[0], dtype=np.int64)
    taste[row[order]] = goods[order]  # of several the last stays
    return taste


def find_blocks(bought: sparse.csr_array, goods: Ints, parameters: BlockParameters) -> list[Block]:
    """Significant blocks, strongest first; no two share half of their platforms and consumers.

    `bought` (consumers × platforms) holds ones, rows and columns in an order that does not depend on chance.
    """
    chance = Chance(bought, goods)
    columns = sparse.csc_array(bought)
    found: dict[tuple[bytes, bytes], Block] = {}
    for platforms in _proposals(bought, parameters):
        block = _settle(bought, columns, chance, platforms, parameters)
        if block is not None:
            found.setdefault((block.consumers.tobytes(), block.platforms.tobytes()), block)
    blocks = [one for one in found.values() if one.lift >= parameters.block_lift]
    q = benjamini_hochberg([block.p for block in blocks])
    judged = [
        Block(**{**block.__dict__, "q": float(value)})
        for block, value in zip(blocks, q.tolist(), strict=True)
        if value <= parameters.block_level
    ]
    judged.sort(key=lambda block: (block.p, -block.pairs, block.platforms.tolist()))
    return _apart(judged)


def _proposals(bought: sparse.csr_array, parameters: BlockParameters) -> list[Ints]:
    """Platforms of each community of the bipartite graph, where there are several."""
    consumers, platforms = bought.shape
    if not bought.nnz:
        return []
    graph = sparse.csr_array(sparse.block_array([[None, bought], [bought.T, None]], format="csr"))
    graph.sort_indices()
    _, community = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        graph.shape[0],
        resolution=parameters.resolution,
        iterations=parameters.iterations,
        seed=parameters.seed,
    )
    groups: dict[int, list[int]] = {}
    for platform in range(platforms):
        label = community.get(consumers + platform)
        if label is not None:
            groups.setdefault(label, []).append(platform)
    return [np.array(group, dtype=np.int64) for group in groups.values() if len(group) > 1]


def _settle(
    bought: sparse.csr_array,
    columns: sparse.csc_array,
    chance: Chance,
    platforms: Ints,
    parameters: BlockParameters,
    rounds: int = 30,
) -> Block | None:
    """The block that these platforms lead to: who gains more than its choice costs is in, and nobody else."""
    people, shops = bought.shape
    consumers = np.zeros(0, dtype=np.int64)
    for _ in range(rounds):
        seen = np.asarray(columns[:, platforms].sum(axis=1), dtype=np.float64).ravel()
        gain = _gain(seen, chance.of_consumers(platforms))
        joined = _worth(np.where(seen >= 2, gain, 0.0), people, len(consumers))
        if len(joined) < parameters.least_consumers:
            return None
        seen = np.asarray(bought[joined].sum(axis=0), dtype=np.float64).ravel()
        chosen = _worth(_gain(seen, chance.of_platforms(joined)), shops, len(platforms))
        if len(chosen) < parameters.least_platforms:
            return None
        if np.array_equal(chosen, platforms) and np.array_equal(joined, consumers):
            break
        consumers, platforms = joined, chosen
    return _block(columns, chance, consumers, platforms)


def _gain(seen: Floats, expected: Floats) -> Floats:
    """Poisson log-likelihood ratio of what was seen, 0 where it is not above the expectation."""
    above = seen > expected
    ratio = np.divide(seen, expected, out=np.ones(len(seen)), where=above & (expected > 0))
    return np.asarray(np.where(above, seen * np.log(ratio) - (seen - expected), 0.0), dtype=np.float64)


def _worth(gain: Floats, of: int, size: int) -> Ints:
    """Nodes that gain more than one more choice among `of` costs a group of this size, ln(of / size)."""
    cost = np.log(of / size) if size else 0.0
    kept = np.flatnonzero(gain > cost)
    if size:
        return kept
    # A group without a size: the smaller it turns out, the more each choice costs.
    order = np.argsort(-gain[kept], kind="stable")
    costs = np.log(of / np.arange(1, len(kept) + 1))
    balance = np.cumsum(gain[kept][order] - costs)
    return np.sort(kept[order[: int(np.argmax(balance)) + 1]]) if len(kept) else kept


def _block(columns: sparse.csc_array, chance: Chance, consumers: Ints, platforms: Ints) -> Block:
    people, shops = columns.shape
    seen = np.asarray(columns[:, platforms].sum(axis=1), dtype=np.float64).ravel()[consumers]
    usual = chance.of_consumers(platforms)[consumers]
    weight = _gain(seen, usual)
    order = np.lexsort((consumers, -weight))
    pairs, expected = float(seen.sum()), float(usual.sum())
    ratio = pairs * np.log(pairs / expected) - (pairs - expected)
    # Chernoff's bound of a Poisson tail, times all blocks of as many consumers and platforms.
    p = np.exp(min(_choices(people, len(consumers)) + _choices(shops, len(platforms)) - ratio, 0.0))
    return Block(consumers[order], platforms, weight[order], int(pairs), expected, float(p), 1.0)


def _choices(of: int, size: int) -> float:
    """Logarithm of the number of groups of a size."""
    return float(special.gammaln(of + 1) - special.gammaln(size + 1) - special.gammaln(of - size + 1))


def _apart(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without those that tell again of a stronger one."""
    kept: list[Block] = []
    for block in blocks:
        if not any(
            len(np.intersect1d(block.platforms, other.platforms)) * 2 >= len(block.platforms)
            and len(np.intersect1d(block.consumers, other.consumers)) * 2 >= len(block.consumers)
            for other in kept
        ):
            kept.append(block)
    return kept
