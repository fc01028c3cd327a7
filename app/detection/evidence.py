"""Evidence that two platforms share more people than chance would give them.

A consumer who buys on both platforms counts once. A phone or an address counts once for the pair if it links
*different* people: it was used on both, and nobody who holds it bought on both himself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NOBODY = pa.schema([("kind", pa.string()), ("identifier", pa.string())])


@dataclass(frozen=True)
class Evidence:
    """What ties the platforms of one window together; platforms are numbered 0..N-1 by code.

    `left < right` (int64, length P, sorted) are the pairs seen together at all; `consumers` and `links` are
    their counts. Degrees are those of the graph of platforms and their consumers.
    """

    platforms: pa.Array  # text, N, sorted
    left: Ints
    right: Ints
    consumers: Ints  # P, people who bought on both
    links: Ints  # P, phones and addresses that join different people
    platform_consumers: Ints  # N, people on each platform
    consumer_platforms: Ints  # platforms of each consumer
    goods: tuple[
        sparse.csr_array, ...
    ]  # N × codes, coarse to fine: how often a platform sells goods of the code

    @property
    def observed(self) -> Ints:
        """Everything that ties each pair, P."""
        return self.consumers + self.links

    @property
    def size(self) -> int:
        """N, the number of platforms."""
        return len(self.platforms)

    @property
    def candidates(self) -> int:
        """Pairs that were looked at: all of them, seen together or not."""
        return self.size * (self.size - 1) // 2


def platform_pairs(
    con: duckdb.DuckDBPyConnection,
    *,
    since: date | None,
    until: date | None,
    hub_quantile: float,
    hub_floor: int,
    goods_digits: int = 6,
    joins_nobody: pa.Table | None = None,
) -> Evidence:
    """Evidence from the sales whose last document is of (since, until]; None leaves that end open.

    `con` has the ledger's views `transactions` and `inventory_items`; goods are told apart by chapters
    and by the first `goods_digits` digits of their codes. A phone or address joins nobody when more
    people use it than `hub_quantile` of its kind have (and more than `hub_floor`, so that a family is
    never a hub), or when `joins_nobody` (kind: phone | address, identifier) names it.
    """
    window = {"since": since, "until": until}
    buyers = _rows(con, "evidence_buyers.sql", window)
    goods = [
        _rows(con, "evidence_chapters.sql", window),
        _rows(con, "evidence_headings.sql", {"digits": goods_digits}),
    ]
    con.register("joins_nobody", joins_nobody if joins_nobody is not None else NOBODY.empty_table())
    try:
        uses = _rows(
            con, "evidence_links.sql", {**window, "hub_quantile": hub_quantile, "hub_floor": hub_floor}
        )
    finally:
        con.unregister("joins_nobody")
    return evidence_of(buyers, uses, goods)


def evidence_of(buyers: pa.Table, uses: pa.Table, goods: Sequence[pa.Table]) -> Evidence:
    """Evidence from who buys where.

    `buyers`: platform, consumer (distinct). `uses`: circle, consumer, platform (distinct; only circles of
    several people). `goods`: platform, code, sales, a table for each
    depth of code. Every platform that counts is in `buyers`.
    """
    platforms = pc.unique(buyers["platform"])
    platforms = platforms.take(pc.sort_indices(platforms))
    consumers = pc.unique(buyers["consumer"])
    size = len(platforms)
    bought = _incidence(
        _codes(buyers["consumer"], consumers), _codes(buyers["platform"], platforms), (len(consumers), size)
    )
    by_consumer = _upper(bought.T @ bought)

    circles = pc.unique(uses["circle"])
    circle, consumer = _codes(uses["circle"], circles), _codes(uses["consumer"], consumers)
    used = _incidence(circle, _codes(uses["platform"], platforms), (len(circles), size))
    by_link = _upper(used.T @ used) - _same_people(bought, used, circle, consumer)

    together = sparse.coo_array(sparse.triu(by_consumer + by_link, 1))
    together.sum_duplicates()
    order = np.lexsort((together.col, together.row))
    left, right = together.row[order].astype(np.int64), together.col[order].astype(np.int64)
    keep = together.data[order] > 0
    left, right = left[keep], right[keep]
    return Evidence(
        platforms=platforms,
        left=left,
        right=right,
        consumers=_at(by_consumer, left, right),
        links=_at(by_link, left, right),
        platform_consumers=_degrees(bought, 0),
        consumer_platforms=_degrees(bought, 1),
        goods=tuple(_goods(level, platforms) for level in goods),
    )


def _same_people(
    bought: sparse.csr_array, used: sparse.csr_array, circle: Ints, consumer: Ints
) -> sparse.csr_array:
    """N × N: circles that were used on both platforms, but by somebody who bought on both himself."""
    size = bought.shape[1]
    pairs = _distinct(circle * np.int64(bought.shape[0]) + consumer)
    circle, consumer = np.divmod(pairs, np.int64(bought.shape[0]))
    own = sparse.csr_array(bought[consumer].multiply(used[circle]))
    own.sort_indices()
    row, left, right = _pairs_within_rows(own)
    keys = _distinct((circle[row] * size + left) * size + right)
    row, column = np.divmod(keys % (size * size), size)
    count = sparse.coo_array((np.ones(len(keys), dtype=np.int64), (row, column)), shape=(size, size))
    return sparse.csr_array(count)


def _pairs_within_rows(matrix: sparse.csr_array) -> tuple[Ints, Ints, Ints]:
    """Every pair of columns that a row of the matrix holds: (row, smaller column, greater column)."""
    position = np.arange(matrix.nnz, dtype=np.int64)
    lengths = np.diff(matrix.indptr)
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), lengths)
    after = np.repeat(matrix.indptr[1:], lengths) - position - 1  # entries of the same row that follow
    first = np.repeat(position, after)
    offset = np.arange(len(first), dtype=np.int64) - np.repeat(np.cumsum(after) - after, after)
    columns = matrix.indices.astype(np.int64)
    return row[first], columns[first], columns[first + 1 + offset]


def _distinct(keys: Ints) -> Ints:
    """Sorted distinct values; on millions of keys a sort beats the hash table of np.unique several times."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def _rows(con: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]) -> pa.Table:
    sql = files("app.detection").joinpath(name).read_text(encoding="utf-8")
    return con.sql(sql, params=parameters).to_arrow_table()


def _codes(column: pa.ChunkedArray, names: pa.Array) -> Ints:
    return np.asarray(pc.index_in(column, value_set=names).to_numpy(), dtype=np.int64)


def _incidence(row: Ints, column: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    matrix = sparse.csr_array((np.ones(len(row), dtype=np.int64), (row, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _upper(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(sparse.triu(matrix, 1))


def _at(matrix: sparse.csr_array, left: Ints, right: Ints) -> Ints:
    if not len(left):
        return np.zeros(0, dtype=np.int64)
    return np.asarray(matrix[left, right], dtype=np.int64).ravel()


def _degrees(matrix: sparse.csr_array, axis: int) -> Ints:
    return np.asarray(matrix.sum(axis=axis), dtype=np.int64).ravel()


def _goods(goods: pa.Table, platforms: pa.Array) -> sparse.csr_array:
    goods = goods.filter(pc.is_in(goods["platform"], value_set=platforms))
    codes = pc.unique(goods["code"])
    codes = codes.take(pc.sort_indices(codes))
    counts = sparse.coo_array(
        (
            goods["sales"].to_numpy().astype(np.float64),
            (_codes(goods["platform"], platforms), _codes(goods["code"], codes)),
        ),
        shape=(len(platforms), len(codes)),
    )
    return sparse.csr_array(counts)
