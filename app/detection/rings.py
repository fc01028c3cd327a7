"""Rings of platforms: from evidence to communities, and which of them a theme cannot explain."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse, special

from app.detection.communities import leiden
from app.detection.edges import Edges, Expectation, expectation, significant_edges
from app.detection.evidence import Evidence
from app.detection.merging import MergeRule, merge, observed_matrix
from app.detection.significance import benjamini_hochberg, poisson_tail
from app.detection.themes import Themes

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RingParameters:
    """Every number that decides; the rule file may give others. Their sources: docs/significance.md."""

    edge_level: float = 0.01  # false discovery rate over all pairs
    min_shared: int = 5  # pieces of evidence
    min_lift: float = 2.0
    trim: float = 0.03  # share of linked pairs left out of the links' scale
    resolution: float = 1.0
    iterations: int = 10
    seed: int = 20240101
    merge_ratio: float = 0.5
    merge_lift: float = 2.0
    merge_p: float = 1e-3
    likeness: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # bounds of classes of likeness of goods
    finding_lift: float = 3.0  # inside, adjusted for themes
    finding_level: float = 0.05  # false discovery rate over communities, each against all groups of its size


@dataclass(frozen=True)
class Community:
    """A community of platforms and how far chance, and then goods alike, explain it."""

    members: tuple[str, ...]  # codes, sorted
    edges: int  # significant ones inside
    shared: int  # evidence inside
    consumers: int  # of it people who bought on both of a pair
    links: int  # of it phones and addresses joining different people
    expected: float
    lift: float
    adjusted_expected: float  # had its pairs shared what pairs as like in goods share outside
    adjusted_lift: float
    p: float  # Poisson, against the adjusted expectation
    q: float  # over the communities of this run, each chosen from all groups of its size
    finding: bool


@dataclass(frozen=True)
class Rings:
    """Everything one run says about groups of platforms."""

    platforms: pa.Array
    edges: Edges
    communities: list[Community]  # by adjusted lift, greatest first
    candidates: int  # pairs looked at

    @property
    def findings(self) -> list[Community]:
        """Communities that a theme does not explain."""
        return [community for community in self.communities if community.finding]

    def edge_table(self) -> pa.Table:
        """One row an edge: left, right, shared, consumers, links, expected, lift, p, q."""
        return self.edges.table(self.platforms)


def find_rings(evidence: Evidence, parameters: RingParameters) -> Rings:
    """Edges, communities and their adjusted lifts; the same evidence and parameters give the same result."""
    chance = expectation(evidence, trim=parameters.trim)
    edges = significant_edges(
        evidence,
        chance,
        level=parameters.edge_level,
        min_shared=parameters.min_shared,
        min_lift=parameters.min_lift,
    )
    groups = leiden(
        edges.left,
        edges.right,
        edges.lift,
        resolution=parameters.resolution,
        iterations=parameters.iterations,
        seed=parameters.seed,
    )
    rule = MergeRule(parameters.min_shared, parameters.merge_ratio, parameters.merge_lift, parameters.merge_p)
    groups = merge(groups, evidence, chance, edges, rule)
    communities = _judged(groups, evidence, chance, edges, parameters)
    return Rings(evidence.platforms, edges, communities, evidence.candidates)


def without_strangers(group: Ints, seen: sparse.csr_array, themes: Themes, *, min_lift: float) -> Ints:
    """The group without members that goods alone explain: a ring may draw in honest shops of a theme.

    A member stays while its evidence with the others is more than `min_lift` times the expectation adjusted
    for themes, the same bound that lets a platform in; the one with the lowest lift goes first.
    """
    expected = themes.expected(group, themes.total.ratios_outside(themes.within(group)))
    observed = seen[group][:, group].toarray()
    stays = np.arange(len(group))
    while len(stays) > 1:
        lift = observed[stays][:, stays].sum(axis=1) / expected[stays][:, stays].sum(axis=1)
        if lift.min() > min_lift:
            return group[stays]
        stays = np.delete(stays, int(lift.argmin()))
    return group


def chosen_from_all(p: npt.NDArray[np.float64], sizes: list[int], platforms: int) -> npt.NDArray[np.float64]:
    """p of groups that were chosen because they stand out: Bonferroni over all groups of the same size."""
    size = np.asarray(sizes, dtype=np.float64)
    groups = (
        special.gammaln(platforms + 1) - special.gammaln(size + 1) - special.gammaln(platforms - size + 1)
    )
    return np.exp(np.minimum(np.log(np.maximum(p, 1e-300)) + groups, 0.0))


def _adjusted_lift(group: Ints, themes: Themes) -> float:
    inside = themes.within(group)
    return float(inside.observed.sum() / (inside.expected @ themes.total.ratios_outside(inside)))


def _unlike_lift(group: Ints, themes: Themes, min_shared: int) -> float:
    inside = themes.within(group)
    expected = inside.expected[0] * themes.total.ratios_outside(inside)[0]
    return float(inside.observed[0] / expected) if inside.observed[0] >= min_shared else 0.0


def rings_apart(
    groups: list[Ints], evidence: Evidence, themes: Themes, edges: Edges, parameters: RingParameters
) -> list[Ints]:
    """Each group, or where a ring stands out in it, the ring and what edges hold together of the rest.

    Where the whole group is no finding, a theme explains most of it and might explain the core as well: the
    core must then stand out over its pairs of least alike goods alone, which no theme joins.
    """
    seen = observed_matrix(evidence)
    apart: list[Ints] = []
    for group in groups:
        core = without_strangers(group, seen, themes, min_lift=parameters.merge_lift)
        whole = _adjusted_lift(group, themes) >= parameters.finding_lift
        lift = _adjusted_lift(core, themes) if whole else _unlike_lift(core, themes, parameters.min_shared)
        if len(core) == len(group) or lift < parameters.finding_lift:
            apart.append(group)
            continue
        rest = np.setdiff1d(group, core)
        apart.append(core)
        if (np.isin(edges.left, rest) & np.isin(edges.right, rest)).any():
            apart.append(rest)
    return apart


def _judged(
    groups: list[Ints], evidence: Evidence, chance: Expectation, edges: Edges, parameters: RingParameters
) -> list[Community]:
    if not groups:
        return []
    themes = Themes(evidence, chance, bounds=parameters.likeness)
    groups = rings_apart(groups, evidence, themes, edges, parameters)
    inside = [themes.within(group) for group in groups]
    ratios = [themes.total.ratios_outside(mixing) for mixing in inside]
    observed = np.array([mixing.observed.sum() for mixing in inside])
    adjusted = np.array([mixing.expected @ ratio for mixing, ratio in zip(inside, ratios, strict=True)])
    p = poisson_tail(observed, adjusted)
    q = benjamini_hochberg(chosen_from_all(p, [len(group) for group in groups], evidence.size))
    communities = []
    for index, group in enumerate(groups):
        expected, lift = float(inside[index].expected.sum()), float(observed[index] / adjusted[index])
        pairs = np.isin(evidence.left, group) & np.isin(evidence.right, group)
        communities.append(
            Community(
                members=tuple(evidence.platforms.take(pa.array(group)).to_pylist()),
                edges=int((np.isin(edges.left, group) & np.isin(edges.right, group)).sum()),
                shared=int(observed[index]),
                consumers=int(evidence.consumers[pairs].sum()),
                links=int(evidence.links[pairs].sum()),
                expected=expected,
                lift=float(observed[index]) / expected,
                adjusted_expected=float(adjusted[index]),
                adjusted_lift=lift,
                p=float(p[index]),
                q=float(q[index]),
                finding=lift >= parameters.finding_lift and float(q[index]) <= parameters.finding_level,
            )
        )
    return sorted(communities, key=lambda community: (-community.adjusted_lift, community.members))
