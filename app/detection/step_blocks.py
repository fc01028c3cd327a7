"""Dense blocks of consumers and platforms: communities of kind `identities`."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from app.casebook.registry import Registered
from app.detection.blocks import Block, BlockParameters, find_blocks
from app.detection.captives import flags_by_chance
from app.detection.step_payments import chosen, flag_table
from app.detection.steps import Context, Rows, Step, names_of_fields

KIND = "identities"
RULE = "ring-identities"

Ints = npt.NDArray[np.int64]


def identity_blocks(context: Context) -> Rows:
    """Communities of consumers and platforms; of the consumers the weightiest are linked, all are counted."""
    parameters = context.parameters[RULE]
    rows = Rows()
    bought, consumers, platforms, goods = incidence(
        context.tallies.table("bought_on"), context.tallies.table("platform_goods")
    )
    for platform, people in zip(platforms.to_pylist(), np.diff(bought.tocsc().indptr).tolist(), strict=True):
        rows.put(platform, {"consumers_of_several": people})
    if len(platforms) < parameters["minimum_market"]:
        context.register(KIND, [])
        return rows
    blocks = find_blocks(bought, goods, chosen(BlockParameters, parameters))
    members = [
        (
            platforms.take(pa.array(block.platforms)).to_pylist(),
            consumers.take(pa.array(block.consumers)).to_pylist(),
        )
        for block in blocks
    ]
    registered = context.register(KIND, [(*shops, *people) for shops, people in members])
    for block, (shops, people), entry in zip(blocks, members, registered, strict=True):
        _write(context, rows, block, shops, people, entry)
    return rows


def incidence(bought: pa.Table, goods: pa.Table) -> tuple[sparse.csr_array, pa.Array, pa.Array, Ints]:
    """Consumers × platforms with ones, the keys of both, sorted, and the class of goods of each platform.

    `bought`: consumer, platform, once a pair; `goods`: platform, goods. Class 0 is of general shops.
    """
    consumers, row = _numbered(bought["consumer"])
    platforms, column = _numbered(bought["platform"])
    pairs = sparse.coo_array((np.ones(len(row)), (row, column)), shape=(len(consumers), len(platforms)))
    matrix = sparse.csr_array(pairs)
    matrix.sort_indices()
    of_shop = goods["goods"].take(pc.index_in(platforms, value_set=goods["platform"].combine_chunks()))
    _, known = _numbered(of_shop.drop_null())
    of_goods = np.zeros(len(platforms), dtype=np.int64)
    of_goods[np.flatnonzero(of_shop.is_valid().to_numpy())] = known + 1
    return matrix, consumers, platforms, of_goods


def _numbered(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Distinct values, sorted, and the number of each row's value among them."""
    names = pc.unique(column)
    names = names.take(pc.sort_indices(names))
    return names, np.asarray(pc.index_in(column, value_set=names).to_numpy(), dtype=np.int64)


def _write(
    context: Context, rows: Rows, block: Block, shops: list[str], people: list[str], entry: Registered
) -> None:
    node = ("Community", entry.id)
    flagged = [shop for shop in shops if context.flags.of(shop)]
    rows.put(
        entry.id,
        {
            "kind": KIND,
            "method": "leiden",
            "size": len(shops) + len(people),
            "consumers": len(people),
            "platforms": len(shops),
            "shared": block.pairs,
            "expected": block.expected,
            "lift": block.lift,
            "p": block.p,
            "q": block.q,
            "flagged": len(flagged),
            "flagged_p": flags_by_chance(tuple(shops), flag_table(context.flags)),
            "split_from": list(entry.split_from),
            "merged_from": list(entry.merged_from),
        },
        label="Community",
    )
    for shop in shops:
        rows.join(
            "MEMBER_OF", ("Enterprise", shop), node, {"role": "platform", "flags": context.flags.of(shop)}
        )
    listed = context.parameters[RULE]["members_listed"]
    for key, weight in zip(people[:listed], block.weight.tolist(), strict=False):
        rows.join("MEMBER_OF", ("Consumer", key), node, {"role": "consumer", "weight": round(weight, 6)})


STEPS = (
    Step(
        name="identity-blocks",
        flags=True,
        takes=names_of_fields(BlockParameters) | {"minimum_market", "members_listed"},
        run=identity_blocks,
    ),
)
