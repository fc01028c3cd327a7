"""What chance would give: the bipartite configuration model, solved over classes of equal degree.

Of all bipartite graphs whose nodes have, on average, the degrees seen, the most random one joins u and x
independently with p = x_u y_x / (1 + x_u y_x) (Park & Newman 2004, doi:10.1103/PhysRevE.70.066117;
Saracco et al. 2015, doi:10.1038/srep10595). Unlike n_x·n_y it never lets a platform have a consumer twice.
Nodes of one degree have one parameter, so a million consumers are some dozens of unknowns.

Degrees that hold on average let somebody with one platform be on two. Each consumer's expectations are
therefore scaled to the k(k-1)/2 pairs that k platforms make: all pairs are expected as often as seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from loaders.errors import CluegraphError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DegreeForm:
    """Expected number of neighbours that two nodes of one side share, known by the classes of the two nodes.

    `node_class` (N) gives the class of each node, `matrix` (classes × classes) the expectation of a pair of
    them.
    """

    node_class: Ints
    matrix: Floats

    def pairs(self, left: Ints, right: Ints) -> Floats:
        """Expectation of each pair (left[i], right[i])."""
        return np.asarray(self.matrix[self.node_class[left], self.node_class[right]], dtype=np.float64)

    def towards(self, members: Ints) -> Floats:
        """Expectation of a group with each of the N nodes (a member's own pair with itself included)."""
        counts = np.bincount(self.node_class[members], minlength=len(self.matrix)).astype(np.float64)
        return np.asarray((counts @ self.matrix)[self.node_class], dtype=np.float64)

    def block(self, rows: Ints) -> Floats:
        """Expectation of every row node with each of the N nodes (len(rows) × N)."""
        return np.asarray(self.matrix[self.node_class[rows]][:, self.node_class], dtype=np.float64)


def degree_form(degrees: Ints, others: Ints, *, tolerance: float = 1e-9, iterations: int = 200) -> DegreeForm:
    """Expected common neighbours of the nodes with `degrees`, whose neighbours on the other side have the
    degrees `others`.

    Both sum to the number of edges; a degree of 0 is allowed and expects nothing. `tolerance` is the
    greatest relative error of any degree. Raises CluegraphError where the solution does not get there.
    """
    values, node_class = np.unique(degrees, return_inverse=True)
    matrix = np.zeros((len(values), len(values)))
    own, own_count = np.unique(degrees[degrees > 0], return_counts=True)
    other, other_count = np.unique(others[others > 0], return_counts=True)
    if len(own):
        joined = link_probabilities(
            own, own_count, other, other_count, tolerance=tolerance, iterations=iterations
        )
        seen = np.flatnonzero(values > 0)
        # What a consumer of degree k makes, k(k-1), over what the average over degrees gives him.
        spread = np.square(other) - own_count @ np.square(joined)
        pairs = other * (other - 1)
        exact = np.divide(pairs, spread, out=np.zeros(len(other)), where=pairs > 0)
        matrix[np.ix_(seen, seen)] = (joined * (other_count * exact)) @ joined.T
    return DegreeForm(node_class.astype(np.int64).ravel(), matrix)


def link_probabilities(
    rows: Ints, row_count: Ints, columns: Ints, column_count: Ints, *, tolerance: float, iterations: int
) -> Floats:
    """Probability that a node of row class r is joined to one of column class s (R × S).

    `rows` and `columns` are the degrees of the classes (all > 0), the counts how many nodes each has.
    Newton's method on the concave log-likelihood; the diagonal block of the larger side is eliminated, so a
    step costs min(R, S)³.
    """
    if len(rows) > len(columns):
        return link_probabilities(
            columns, column_count, rows, row_count, tolerance=tolerance, iterations=iterations
        ).T
    k, n = rows.astype(np.float64), row_count.astype(np.float64)
    d, m = columns.astype(np.float64), column_count.astype(np.float64)
    edges = float(k @ n)
    a, b = np.log(k / np.sqrt(edges)), np.log(d / np.sqrt(edges))
    likelihood = _likelihood(a, b, k, n, d, m)
    for _ in range(iterations):
        p = special.expit(a[:, None] + b)
        miss_a, miss_b = k - p @ m, d - n @ p
        if max(np.max(np.abs(miss_a) / k), np.max(np.abs(miss_b) / d)) < tolerance:
            return np.asarray(p, dtype=np.float64)
        step_a, step_b = _newton_step(p, n, m, n * miss_a, m * miss_b)
        size = min(1.0, 4.0 / max(np.max(np.abs(step_a)), np.max(np.abs(step_b))))
        for _halving in range(40):
            tried = _likelihood(a + size * step_a, b + size * step_b, k, n, d, m)
            if tried >= likelihood - 1e-12 * abs(likelihood):
                break
            size /= 2
        a, b, likelihood = a + size * step_a, b + size * step_b, tried
    raise CluegraphError(
        f"The expected sharing of {int(n.sum())} and {int(m.sum())} nodes did not settle "
        f"within {iterations} steps; allow more iterations or a wider tolerance."
    )


def _newton_step(p: Floats, n: Floats, m: Floats, grad_a: Floats, grad_b: Floats) -> tuple[Floats, Floats]:
    weight = (n[:, None] * m) * p * (1.0 - p)
    diag_a, diag_b = weight.sum(axis=1), np.maximum(weight.sum(axis=0), 1e-300)
    folded = weight / diag_b
    schur = np.diag(diag_a) - folded @ weight.T
    # Adding a constant to all a and taking it from all b changes nothing: ones fix that freedom.
    schur += diag_a.mean() / len(n)
    schur[np.diag_indices_from(schur)] += 1e-12 * diag_a.max()
    step_a = linalg.solve(schur, grad_a - folded @ grad_b, assume_a="sym", check_finite=False)
    return step_a, (grad_b - weight.T @ step_a) / diag_b


def _likelihood(a: Floats, b: Floats, k: Floats, n: Floats, d: Floats, m: Floats) -> float:
    together = np.logaddexp(0.0, a[:, None] + b)
    return float((n * k) @ a + (m * d) @ b - n @ together @ m)
