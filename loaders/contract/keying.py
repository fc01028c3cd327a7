"""Key columns of whole batches: one person's value is hashed once however many documents name it."""

from collections import defaultdict
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract.keys import Keys
from loaders.contract.kinds import KINDS
from loaders.contract.model import Field


def key_columns(tables: Mapping[str, pa.Table], keys: Keys) -> dict[str, dict[str, pa.Array]]:
    """Kind → key column → keys, row by row as in the raw tables; null where there is no value."""
    out: dict[str, dict[str, pa.Array]] = {name: {} for name in tables}
    sources: defaultdict[str, list[tuple[str, str, pa.ChunkedArray]]] = defaultdict(list)
    for name, table in tables.items():
        for f in KINDS[name].personal_fields:
            if f.name in table.column_names and f.personal:
                sources[f.personal].append((name, f.name, _raw(table, f)))
    for personal, columns in sources.items():
        chunks = [chunk for _, _, column in columns for chunk in column.chunks]
        together = pc.dictionary_encode(pa.concat_arrays(chunks)) if chunks else None
        if together is None:
            continue
        for key_kind, suffix in _suffixes(personal):
            keyed = keys.column(key_kind, together.dictionary)
            start = 0
            for name, column, own in columns:
                out[name][f"{column}{suffix}_key"] = keyed.take(together.indices.slice(start, len(own)))
                start += len(own)
    return out


def _suffixes(personal: str) -> list[tuple[str, str]]:
    return [("address", ""), ("building", "_building")] if personal == "address" else [(personal, "")]


def _raw(table: pa.Table, f: Field) -> pa.ChunkedArray:
    value = _column(table, f.name)
    if f.personal == "id":
        kind = f.name.replace("IdNumber", "IdType")
        if kind != f.name and kind in table.column_names:
            # An empty type means 1, as in the contract.
            types = pc.fill_null(pc.utf8_trim_whitespace(_column(table, kind)), "")
            types = pc.if_else(pc.equal(types, ""), "1", types)
            return pc.binary_join_element_wise(types, value, ":")
        return pc.binary_join_element_wise("1", value, ":")
    if f.personal == "account":
        return pc.binary_join_element_wise(pc.utf8_trim_whitespace(_column(table, "ebpCode")), value, "|")
    return value


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names or pa.types.is_null(table.column(name).type):
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    return table.column(name)
