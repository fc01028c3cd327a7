"""Dense blocks of consumers and platforms: found as planted, none where there is none."""

import community as louvain
import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from app.detection.blocks import Block, BlockParameters, Chance, find_blocks

PARAMETERS = BlockParameters(
    resolution=5.0,
    iterations=3,
    seed=7,
    least_platforms=3,
    least_consumers=10,
    block_lift=3.0,
    block_level=0.05,
)


def market(
    seed: int,
    *,
    tail: float = 0.9,
    themes: int = 0,
    block: tuple[int, int] = (0, 0),
    share: float = 0.8,
    appetite: float = 1.0,
    people: int = 4_000,
    shops: int = 120,
) -> tuple[sparse.csr_array, np.ndarray]:
    """Who bought where (those on several shops), goods of each shop; the block comes first in both."""
    rng = np.random.default_rng(seed)
    goods = rng.integers(1, themes + 1, shops) if themes else np.zeros(shops, dtype=np.int64)
    size = rng.lognormal(0, tail, shops)
    taste = rng.integers(1, themes + 1, people) if themes else np.zeros(people, dtype=np.int64)
    many = 2 + rng.poisson(appetite * rng.lognormal(0, 0.6, people))
    identities, platforms = block
    size[:platforms] = 0.3  # fake shops have few customers besides
    likes = size * np.where(goods == taste[:, None], 40.0, 1.0)
    # The many[who] greatest are a draw without replacement, by size (Gumbel's way).
    rank = np.argsort(np.argsort(-(np.log(likes) + rng.gumbel(size=likes.shape)), axis=1), axis=1)
    matrix = (rank < many[:, None]).astype(np.float64)
    matrix[:identities, :platforms] = rng.random(block) < share
    return sparse.csr_array(matrix[matrix.sum(axis=1) > 1]), goods


def together(blocks: list[Block]) -> list[tuple[set[int], set[int]]]:
    return [(set(block.consumers.tolist()), set(block.platforms.tolist())) for block in blocks]


def test_a_planted_block_is_found_with_its_people_and_platforms() -> None:
    bought, goods = market(1, block=(60, 4))
    ((people, platforms),) = together(find_blocks(bought, goods, PARAMETERS))
    assert platforms == {0, 1, 2, 3}
    assert len(people & set(range(60))) >= 50
    assert len(people - set(range(60))) <= 2


def test_its_weightiest_people_come_first() -> None:
    bought, goods = market(1, block=(60, 4))
    (block,) = find_blocks(bought, goods, PARAMETERS)
    assert (np.diff(block.weight) <= 0).all()
    assert block.pairs == int(bought[block.consumers][:, block.platforms].sum())
    assert block.lift == block.pairs / block.expected > 3


def test_the_same_data_gives_the_same_blocks() -> None:
    bought, goods = market(2, block=(80, 6))
    first, second = (find_blocks(bought, goods, PARAMETERS) for _ in range(2))
    assert [repr(block) for block in first] == [repr(block) for block in second]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kind", [{}, {"tail": 2}, {"themes": 8}, {"themes": 24, "shops": 240, "appetite": 4}]
)
def test_where_nobody_is_together_there_is_no_block(seed: int, kind: dict[str, int]) -> None:
    """Independent, heavy-tailed and themed shopping; the loyal customers of one shop are among them."""
    bought, goods = market(seed, **kind)  # type: ignore[arg-type]
    assert find_blocks(bought, goods, PARAMETERS) == []


def test_a_theme_would_be_blocks_if_goods_were_not_known() -> None:
    bought, goods = market(0, themes=24, shops=240, appetite=4.0)
    assert find_blocks(bought, np.zeros_like(goods), PARAMETERS) != []


def test_two_platforms_are_no_block() -> None:
    bought, goods = market(3, block=(80, 2), share=1.0)
    assert find_blocks(bought, goods, PARAMETERS) == []


def test_chance_expects_as_many_pairs_as_there_are() -> None:
    bought, goods = market(4, themes=5, people=600, shops=40)
    chance = Chance(bought, goods)
    everybody, everywhere = np.arange(bought.shape[0]), np.arange(bought.shape[1])
    assert chance.of_consumers(everywhere).sum() == pytest.approx(bought.sum())
    assert chance.of_platforms(everybody).sum() == pytest.approx(bought.sum())
    some, few = everybody[::7], everywhere[::3]
    assert chance.of_consumers(few)[some].sum() == pytest.approx(chance.of_platforms(some)[few].sum())


def test_nothing_bought_is_no_block() -> None:
    empty = sparse.csr_array((0, 0), dtype=np.float64)
    assert find_blocks(empty, np.zeros(0, dtype=np.int64), PARAMETERS) == []


def test_the_reference_puts_a_block_together_as_well() -> None:
    """python-louvain on the same bipartite graph: the platforms that the block has share one community."""
    bought, goods = market(1, block=(150, 8))
    graph = nx.Graph()
    pairs = zip(*(place.tolist() for place in bought.tocoo().coords), strict=True)
    graph.add_edges_from((f"c{u}", f"p{x}") for u, x in pairs)
    label = louvain.best_partition(graph, resolution=1.0, random_state=1)
    ((_, platforms),) = together(find_blocks(bought, goods, PARAMETERS))
    assert len({label[f"p{x}"] for x in platforms}) == 1
