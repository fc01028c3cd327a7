"""Groups of platforms: Leiden over the significant edges, then a merge of what it cut in two."""

from collections.abc import Iterable

import graspologic_native
import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def leiden(
    left: Ints, right: Ints, weight: Floats, *, resolution: float, iterations: int, seed: int
) -> list[Ints]:
    """Communities of two or more nodes, each sorted, ordered by their smallest node.

    Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z. Same edges, same communities: rows are
    sorted, weights rounded to 6 decimals, the seed is given. Every edge appears once, in any order.
    """
    if not len(left):
        return []
    nodes, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    half = sparse.csr_array(
        (np.round(weight, 6), (ends[: len(left)], ends[len(left) :])), shape=(len(nodes), len(nodes))
    )
    graph = sparse.csr_array(half + half.T)
    graph.sort_indices()
    _, found = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        len(nodes),
        resolution=resolution,
        iterations=iterations,
        seed=seed,
    )
    label = np.fromiter((found[node] for node in range(len(nodes))), dtype=np.int64, count=len(nodes))
    by_label = np.argsort(label, kind="stable")
    return _ordered(np.split(nodes[by_label], np.flatnonzero(np.diff(label[by_label])) + 1))


def _ordered(groups: Iterable[Ints]) -> list[Ints]:
    kept = (np.sort(group).astype(np.int64) for group in groups if len(group) > 1)
    return sorted(kept, key=lambda group: int(group[0]))
