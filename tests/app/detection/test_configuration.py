"""What chance would give: against direct solutions, permutations and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from app.detection.configuration import degree_form, link_probabilities
from app.detection.links import product_form


def brute_force(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The model solved node by node, without classes, by a general optimiser."""
    size = len(rows)

    def loss(x: np.ndarray) -> float:
        a, b = x[:size], x[size:]
        return float(np.logaddexp(0, a[:, None] + b).sum() - rows @ a - columns @ b)

    def slope(x: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-(x[:size, None] + x[size:])))
        return np.concatenate([p.sum(axis=1) - rows, p.sum(axis=0) - columns])

    x = optimize.minimize(
        loss, np.zeros(size + len(columns)), jac=slope, method="BFGS", options={"gtol": 1e-9}
    ).x
    return 1 / (1 + np.exp(-(x[:size, None] + x[size:])))


@pytest.mark.parametrize("seed", range(5))
def test_expectation_equals_the_model_solved_node_by_node(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = rng.random((30, 8)) < rng.uniform(0.1, 0.6, (30, 1)) * rng.uniform(0.3, 1, 8)
    consumers, platforms = graph.sum(axis=1), graph.sum(axis=0)
    p = brute_force(consumers[consumers > 0], platforms)
    form = degree_form(platforms, consumers)
    left, right = np.triu_indices(8, 1)
    k = consumers[consumers > 0]
    exact = k * (k - 1) / np.maximum(k**2 - (p**2).sum(axis=1), 1e-12)
    np.testing.assert_allclose(form.pairs(left, right), (p.T * exact @ p)[left, right], rtol=1e-4)
    assert form.pairs(left, right).sum() == pytest.approx((k * (k - 1)).sum() / 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 40), st.floats(0.02, 0.98))
def test_every_degree_is_kept(seed: int, width: int, height: int, density: float) -> None:
    """Also for full rows and columns, where a parameter goes to infinity."""
    graph = np.random.default_rng(seed).random((height, width)) < density
    rows, columns = graph.sum(axis=1), graph.sum(axis=0)
    own, count = np.unique(rows[rows > 0], return_counts=True)
    other, others = np.unique(columns[columns > 0], return_counts=True)
    if not len(own):
        return
    p = link_probabilities(own, count, other, others, tolerance=1e-9, iterations=200)
    np.testing.assert_allclose(p @ others, own, rtol=1e-6)
    np.testing.assert_allclose(count @ p, other, rtol=1e-6)
    assert np.all((p >= 0) & (p <= 1))


def test_large_platforms_are_not_expected_to_share_more_people_than_they_have() -> None:
    """Ten people in a hundred are everywhere: n_x·n_y·<k(k-1)>/<k>²C expects 225 of 90 to be shared."""
    consumers = np.array([20] * 10 + [2] * 90)
    platforms = np.array([90, 90, *[10] * 20])
    assert platforms.sum() == consumers.sum()
    product = 90 * 90 * (consumers * (consumers - 1)).sum() / consumers.sum() ** 2
    expected = degree_form(platforms, consumers).pairs(np.array([0]), np.array([1]))[0]
    assert expected < 90 < product


def test_expectation_of_the_projection_is_the_mean_over_random_graphs_of_the_same_degrees() -> None:
    """Curveball trades keep every degree exactly; their mean is what the model approximates."""
    rng = np.random.default_rng(7)
    size = rng.lognormal(0, 1, 25)
    graph = rng.random((600, 25)) < np.minimum(
        0.9, rng.lognormal(-2.2, 0.5, 600)[:, None] * size / size.mean()
    )
    form = degree_form(graph.sum(axis=0), graph.sum(axis=1))
    rows = [set(np.flatnonzero(row)) for row in graph]
    mean, rounds = np.zeros((25, 25)), 60
    for _ in range(rounds):
        for i, j in rng.integers(0, 600, (2_000, 2)):
            if i != j:
                both, either = rows[i] & rows[j], list(rows[i] ^ rows[j])
                rng.shuffle(either)
                cut = len(rows[i]) - len(both)
                rows[i], rows[j] = both | set(either[:cut]), both | set(either[cut:])
        now = np.zeros((600, 25))
        for row, platforms in enumerate(rows):
            now[row, list(platforms)] = 1
        mean += now.T @ now / rounds
    left, right = np.triu_indices(25, 1)
    expected, seen = form.pairs(left, right), mean[left, right]
    large = seen > 5
    np.testing.assert_allclose(expected[large], seen[large], rtol=0.25)
    assert expected.sum() == pytest.approx(seen.sum(), rel=1e-6)


def test_sums_over_groups_equal_sums_over_pairs() -> None:
    form = degree_form(np.array([5, 3, 5, 2, 1]), np.array([2] * 8))
    members = np.array([0, 3, 4])
    one_by_one = [sum(form.pairs(np.array([m]), np.array([n]))[0] for m in members) for n in range(5)]
    np.testing.assert_allclose(form.towards(members), one_by_one)
    np.testing.assert_allclose(form.block(members).sum(axis=0), one_by_one)


def test_links_keep_each_platform_and_leave_out_what_stands_out() -> None:
    """Links of Poisson counts with given factors; ten pairs carry far more, and the fit does not follow."""
    rng = np.random.default_rng(5)
    factor = rng.lognormal(0.3, 0.5, 40)
    left, right = np.triu_indices(40, 1)
    count = rng.poisson(factor[left] * factor[right])
    planted = (left < 5) & (right < 5)
    count[planted] = np.maximum(count[planted], 1) * 10
    form = product_form(left, right, count, 40, trim=0.03)
    np.testing.assert_allclose(form.factor[5:], factor[5:], rtol=0.5)
    np.testing.assert_allclose(form.factor[:5], factor[:5], rtol=0.45)
    followed = product_form(left, right, count, 40, trim=0.0)
    assert (
        followed.pairs(left[planted], right[planted]).sum()
        > 1.5 * form.pairs(left[planted], right[planted]).sum()
    )


def test_no_links_expect_none() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert product_form(nothing, nothing, nothing, 4, trim=0.03).factor.tolist() == [0, 0, 0, 0]
    assert degree_form(np.array([0, 0]), nothing).pairs(np.array([0]), np.array([1])).tolist() == [0]
