"""Rings of platforms: found with their members, and nothing found where there is none."""

import dataclasses

import community as louvain
import networkx as nx
import numpy as np
import pytest
from ring_worlds import World, code, jaccard, make_world

from app.detection.communities import leiden
from app.detection.edges import expectation, significant_edges
from app.detection.evidence import Evidence, platform_pairs
from app.detection.merging import observed_matrix
from app.detection.rings import (
    RingParameters,
    Rings,
    chosen_from_all,
    find_rings,
    rings_apart,
    without_strangers,
)
from app.detection.themes import Themes

HONEST = {
    "independent": {},
    "heavy-tailed": {"tail": 2.0},
    "themed": {"themes": 8},
    "narrow themes": {"themes": 16, "tail": 1.2},
}


def evidence_of(world: World) -> Evidence:
    return platform_pairs(world.connect(), since=None, until=None, hub_quantile=0.999, hub_floor=5)


def rings_of(world: World) -> Rings:
    return find_rings(evidence_of(world), RingParameters())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", HONEST)
def test_a_world_without_rings_has_no_finding(kind: str, seed: int) -> None:
    rings = rings_of(make_world(seed=seed, **HONEST[kind]))  # type: ignore[arg-type]
    assert rings.findings == []
    if "theme" not in kind:
        assert len(rings.edges) == 0
        assert rings.communities == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "world",
    [{"rings": (12,)}, {"rings": (12, 7)}, {"rings": (12, 7), "themes": 6}, {"rings": (15, 8), "tail": 1.4}],
    ids=["one", "two", "themed", "heavy-tailed"],
)
def test_planted_rings_are_found_with_their_members(world: dict[str, object], seed: int) -> None:
    made = make_world(seed=seed, **world)  # type: ignore[arg-type]
    found = [set(community.members) for community in rings_of(made).findings]
    for ring in made.rings:
        assert max(jaccard(ring, members) for members in found) >= 0.9
    assert len(found) == len(made.rings)


def test_a_world_whose_only_significant_edges_are_one_clique_keeps_it_whole() -> None:
    made = make_world(seed=11, platforms=80, rings=(10,), ring_sales=300, camouflage=0.1)
    rings = rings_of(made)
    assert set(rings.edge_table()["left"].to_pylist()) <= made.rings[0]
    assert [set(community.members) for community in rings.communities] == made.rings


def test_numbers_of_a_community_add_up() -> None:
    rings = rings_of(make_world(seed=1, rings=(12, 7), themes=6))
    for community in rings.communities:
        assert community.shared == community.consumers + community.links
        assert community.lift == pytest.approx(community.shared / community.expected)
        assert community.adjusted_lift == pytest.approx(community.shared / community.adjusted_expected)
        assert community.finding == (community.adjusted_lift >= 3.0 and community.q <= 0.05)
        assert community.p <= community.q
    assert rings.candidates == 150 * 149 // 2


def test_two_shops_that_stand_out_among_all_pairs_are_no_ring() -> None:
    """p = 0.01 for a pair named beforehand is nothing for the best of 11,175 pairs."""
    one_pair = chosen_from_all(np.array([0.01, 1e-12]), [2, 2], 150)
    assert one_pair[0] == 1.0
    assert one_pair[1] == pytest.approx(1e-12 * 150 * 149 / 2)


def test_the_same_evidence_gives_the_same_result_in_whatever_order_it_came() -> None:
    made = make_world(seed=5, rings=(12, 7), themes=6)
    order = np.random.default_rng(0).permutation(made.sales.num_rows)
    one, other = rings_of(made), rings_of(World(made.sales.take(order)))
    assert one.communities == other.communities
    assert one.edge_table().equals(other.edge_table())


@pytest.mark.parametrize("sales", [0, 1, 40])
def test_too_little_to_judge_is_no_edge(sales: int) -> None:
    made = make_world(seed=2, sales=max(sales, 1))
    made = dataclasses.replace(made, sales=made.sales.slice(0, sales))
    assert rings_of(made).communities == []


def test_two_halves_that_share_little_between_them_stay_two() -> None:
    made = make_world(seed=9, rings=(8, 8), ring_sales=200)
    assert {frozenset(community.members) for community in rings_of(made).findings} == set(
        map(frozenset, made.rings)
    )


def test_honest_shops_of_a_theme_do_not_stay_in_a_ring_that_drew_them_in() -> None:
    """The group given has six honest shops more than the ring, all for the goods of its first member."""
    made = make_world(seed=4, rings=(9,), themes=8)
    evidence = evidence_of(made)
    chance = expectation(evidence, trim=0.03)
    themes = Themes(evidence, chance, bounds=RingParameters().likeness)
    goods = evidence.goods[0].toarray().argmax(axis=1)
    alike = np.flatnonzero(goods == goods[0])
    group = np.concatenate([np.arange(9), alike[alike >= 9][:6]])
    kept = without_strangers(group, observed_matrix(evidence), themes, min_lift=2.0)
    assert kept.tolist() == list(range(9))


@pytest.mark.parametrize("seed", range(4))
def test_a_ring_that_a_theme_has_swallowed_is_set_apart(seed: int) -> None:
    """Given the ring and all shops of one theme as one group, the ring comes out, the theme stays."""
    made = make_world(seed=seed, rings=(7,), themes=8)
    evidence = evidence_of(made)
    chance, parameters = expectation(evidence, trim=0.03), RingParameters()
    edges = significant_edges(evidence, chance, level=0.01, min_shared=5, min_lift=2.0)
    themes = Themes(evidence, chance, bounds=parameters.likeness)
    goods = evidence.goods[0].toarray().argmax(axis=1)
    theme = np.flatnonzero(goods == goods[0])
    swallowed = np.union1d(np.arange(7), theme)
    apart = rings_apart([swallowed, theme[theme >= 7]], evidence, themes, edges, parameters)
    assert [group.tolist() for group in apart] == [
        list(range(7)),
        np.setdiff1d(swallowed, np.arange(7)).tolist(),
        theme[theme >= 7].tolist(),
    ]


def random_graph(seed: int, groups: int, size: int) -> nx.Graph:
    """Weighted groups with noise between them."""
    rng = np.random.default_rng(seed)
    graph = nx.Graph()
    graph.add_nodes_from(range(groups * size))
    for i in range(groups * size):
        for j in range(i):
            if rng.random() < (0.7 if i // size == j // size else 0.01):
                graph.add_edge(j, i, weight=float(np.round(rng.lognormal(1, 0.4), 6)))
    return graph


def partition(groups: list[np.ndarray], nodes: int) -> dict[int, int]:
    label = dict(enumerate(range(nodes)))
    for number, group in enumerate(groups):
        label |= {int(node): nodes + number for node in group}
    return label


@pytest.mark.parametrize("seed", range(4))
def test_leiden_equals_the_reference_on_small_graphs(seed: int) -> None:
    """python-louvain on the same graph: the same members where groups are plain, modularity never below."""
    graph = random_graph(seed, groups=5, size=12)
    left, right, weight = zip(*((i, j, d["weight"]) for i, j, d in graph.edges(data=True)), strict=True)
    groups = leiden(np.array(left), np.array(right), np.array(weight), resolution=1.0, iterations=10, seed=1)
    reference = louvain.best_partition(graph, weight="weight", random_state=1)
    ours = partition(groups, len(graph))
    assert louvain.modularity(ours, graph) >= 0.999 * louvain.modularity(reference, graph)
    members = {
        frozenset(node for node in reference if reference[node] == label) for label in set(reference.values())
    }
    assert {frozenset(map(int, group)) for group in groups} == {group for group in members if len(group) > 1}


def test_leiden_of_nothing_and_of_the_same_edges_turned_round() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert leiden(none, none, np.zeros(0), resolution=1.0, iterations=3, seed=1) == []
    left, right, weight = np.array([3, 7, 3, 20]), np.array([7, 9, 9, 21]), np.ones(4)
    one = leiden(left, right, weight, resolution=1.0, iterations=3, seed=1)
    other = leiden(right[::-1], left[::-1], weight, resolution=1.0, iterations=3, seed=1)
    assert [group.tolist() for group in one] == [group.tolist() for group in other] == [[3, 7, 9], [20, 21]]


def test_ring_platforms_are_the_first_codes_of_a_world() -> None:
    """What the other tests lean on."""
    assert make_world(seed=0, rings=(2, 1)).rings == [{code(0), code(1)}, {code(2)}]
