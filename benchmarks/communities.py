"""Communities against python-louvain on one graph, in one run: seconds and modularity of both."""

import time

import community
import networkx as nx
import numpy as np

from app.detection.communities import leiden

BLOCKS = 200
SEED = 11


def compare(nodes: int, edges: int) -> dict[str, float]:
    """A graph of `nodes` in 200 blocks, 3 of 4 edges inside one; seconds and modularity of both on it."""
    rng = np.random.default_rng(SEED)
    block = rng.integers(0, BLOCKS, nodes)
    inside = [np.flatnonzero(block == b) for b in range(BLOCKS)]
    of_edge = rng.integers(0, BLOCKS, edges)
    left = np.array([rng.choice(inside[b]) for b in of_edge])
    right = np.array([rng.choice(inside[b]) if rng.random() < 0.75 else rng.integers(nodes) for b in of_edge])
    pairs = np.unique(np.sort(np.stack([left, right], 1)[left != right], axis=1), axis=0)
    weight = rng.integers(1, 20, len(pairs)).astype(np.float64)

    begun = time.perf_counter()
    groups = leiden(pairs[:, 0], pairs[:, 1], weight, resolution=1.0, iterations=3, seed=SEED)
    ours = time.perf_counter() - begun

    graph = nx.Graph()
    graph.add_weighted_edges_from(
        zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), weight.tolist(), strict=True)
    )
    begun = time.perf_counter()
    partition = community.best_partition(graph, random_state=SEED)
    theirs = time.perf_counter() - begun

    label = {int(node): number for number, group in enumerate(groups) for node in group}
    label |= {node: len(groups) + at for at, node in enumerate(node for node in graph if node not in label)}
    return {
        "edges": float(len(pairs)),
        "seconds": ours,
        "louvain_seconds": theirs,
        "times": theirs / ours,
        "modularity": community.modularity(label, graph),
        "louvain_modularity": community.modularity(partition, graph),
    }
