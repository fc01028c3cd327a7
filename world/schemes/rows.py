"""Finding, changing and adding rows of documents that are text already."""

import pyarrow as pa
import pyarrow.compute as pc

from world.identifiers import Ints, join
from world.render import Renderer, Table, take

_NOWHERE = -1


def sales_of(renderer: Renderer, table: Table, start: int, stop: int) -> Ints:
    """Position of the sale of each row (of orders, payments, declarations and their lines, by order number;
    of waybills by parcel number), -1 for rows of none of the sales start..stop."""
    numbers = renderer.numbers
    if "ebpCode" in table:
        codes = take(renderer.pools.code["platform"], renderer.sales.platform[start:stop])
        own = join(codes, "|", numbers.order.slice(start, stop - start))
        given = join(table["ebpCode"], "|", table["orderNo"])
    else:
        own, given = numbers.parcel.slice(start, stop - start), table["logisticsNo"]
    at = pc.fill_null(pc.index_in(given, value_set=own), _NOWHERE - start).to_numpy(zero_copy_only=False)
    found: Ints = at.astype("int64") + start
    return found


def put(table: Table, column: str, rows: Ints, values: pa.Array) -> None:
    """Set a column at these rows (positions in rising order) to values, one a row."""
    mask = [False] * len(table[column])
    for row in rows.tolist():
        mask[row] = True
    table[column] = pc.replace_with_mask(table[column], pa.array(mask, pa.bool_()), values)


def copies(table: Table, rows: Ints) -> Table:
    """These rows as a table of their own."""
    return {name: column.take(pa.array(rows)) for name, column in table.items()}


def add(table: Table, more: Table) -> None:
    """Add rows at the end."""
    for name, column in more.items():
        table[name] = pa.concat_arrays([table[name], column])
