"""Raw rows in, the ledger's rows out: cleaned, typed, checked, hashed and keyed. One definition for every
source."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import sql
from loaders.contract.batch import Conformed, RawBatch, Reject, rejects_table
from loaders.contract.columns import Facts, facts, plain_decimals
from loaders.contract.keying import key_columns
from loaders.contract.keys import Keys
from loaders.contract.kinds import KINDS
from loaders.contract.model import CONTRACT_VERSION, Field, Kind, fields

_APP = {
    f.name: f
    for f in fields("guid * =36 flat?\n appType * =1 integer\n appTime * =14 time flat?\n appStatus * 1..3")
}
_SENDER = fields("copCode 1..18\n dxpId ..30")
# A message without a type is a new document; a change or a withdrawal always says so.
_APP_DEFAULTS = {"appType": "1", "appStatus": "2"}
# Receipts, tax bills and raw payments state no type and no status.
_WITHOUT_TYPE = frozenset({"receipts", "taxes", "tax_items", "raw_payments", "raw_payment_orders"})
_MESSAGE_TYPE = r"^(?:CEB)?(\d{3})(?:Message)?$"
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True)
class _Checked:
    """One kind's rows: its cleaned text and typed columns, and what is wrong (row → fields and reasons)."""

    kind: Kind
    raw: pa.Table
    text: pa.Table
    values: pa.Table
    wrong: Mapping[int, list[tuple[str, str]]]


def conform(batch: RawBatch, keys: Keys) -> Conformed:
    """Bring a batch to the ledger's columns (`Kind.schema`).

    A row that breaks the contract is a reject with file, position, field and reason; rows of its unit (a
    message's document and its lines) go with it, and the whole file where the kind is all or nothing. Never
    raises for content.
    """
    with ThreadPoolExecutor(2) as pool:
        # Hashing names holds the interpreter, SQL does not: the two halves of the work go side by side.
        keyed = pool.submit(key_columns, batch.tables, keys)
        checked = [_check(KINDS[name], table, message=batch.message) for name, table in batch.tables.items()]
        key_tables = keyed.result()
    refused_files = _refused_files(batch, checked)
    refused_units = _refused_units(checked)
    tables: dict[str, pa.Table] = {}
    for one in checked:
        table = _assemble(one, key_tables[one.kind.name])
        keep = _kept(one, refused_units, refused_files)
        tables[one.kind.name] = table if keep is None else table.filter(keep)
    rejects = pa.concat_tables([batch.rejects, rejects_table(_rejects(batch, checked))])
    return Conformed(tables, rejects)


def _check(kind: Kind, raw: pa.Table, *, message: bool) -> _Checked:
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = true")
    con.execute("SET enable_progress_bar = false")  # it would go to standard output
    all_fields = fields_of(kind, message=message)
    text, known = _clean(con, kind, raw, all_fields, message=message)
    absent = frozenset(f.name for f in all_fields if known[f.name].nulls == known[f.name].rows)
    con.register("cleaned", text)
    values = _values(con, kind, all_fields, known, absent, message=message)
    checks = _checks(kind, all_fields, text, values, known, message=message)
    wrong = _wrong(con, text, values, checks) if checks else {}
    return _Checked(kind, raw, text, values, wrong)


def fields_of(kind: Kind, *, message: bool) -> tuple[Field, ...]:
    """Business fields, envelope and sender, with what is required of this table in messages or in flat
    rows."""
    if not kind.document:
        return kind.fields
    app = dict(_APP)
    untyped = kind.name in _WITHOUT_TYPE
    if not message or untyped or kind.items_of:
        optional = fields("guid ..\n appType =1 integer\n appTime time\n appStatus 1..3")
        app = {f.name: f for f in optional}
        if not kind.name.startswith("raw_"):
            app["guid"] = Field("guid", min_length=36, max_length=36)
        if message and not kind.items_of:
            app["guid"] = _APP["guid"]
    return (*kind.fields, *app.values(), *_SENDER)


def _clean(
    con: duckdb.DuckDBPyConnection, kind: Kind, raw: pa.Table, all_fields: tuple[Field, ...], *, message: bool
) -> tuple[pa.Table, dict[str, Facts]]:
    """Trimmed and composed text of every field, in one chunk, and the facts of each column."""
    columns: dict[str, pa.ChunkedArray] = {}
    known: dict[str, Facts] = {}
    for f in all_fields:
        column = _text(raw, f.name)
        known[f.name] = facts(column)
        if not known[f.name].clean:
            column = _cleaned(con, column)
            known[f.name] = facts(column)
        default = default_of(kind, f, message=message)
        if default is not None and known[f.name].nulls:
            column = pc.fill_null(column, default)
            known[f.name] = facts(column)
        columns[f.name] = column
    if kind.variants:
        # CEB622, CEB622Message and 622 are one message type.
        columns["kind"] = pc.replace_substring_regex(
            columns["kind"], r"^(?:CEB)?(\d{3})(?:Message)?$", r"CEB\1"
        )
        known["kind"] = facts(columns["kind"])
    return pa.table(columns), known


def _text(raw: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in raw.column_names or pa.types.is_null(raw.column(name).type):
        return pa.chunked_array([pa.nulls(raw.num_rows, pa.string())])
    return raw.column(name)


def _cleaned(con: duckdb.DuckDBPyConnection, column: pa.ChunkedArray) -> pa.ChunkedArray:
    con.register("one", pa.table({"v": column}))
    out = con.sql(f"SELECT {sql.cleaned('v')} AS v FROM one").to_arrow_table()
    return out.column(0).cast(pa.string())


def default_of(kind: Kind, f: Field, *, message: bool) -> str | None:
    """What a field means that is left out or empty; None where it has no value then."""
    if f.name in _APP_DEFAULTS and kind.document:
        if kind.name in _WITHOUT_TYPE or not (message or kind.items_of):
            return _APP_DEFAULTS[f.name]
        return None
    return None if message else f.default


def _values(
    con: duckdb.DuckDBPyConnection,
    kind: Kind,
    all_fields: tuple[Field, ...],
    known: Mapping[str, Facts],
    absent: frozenset[str],
    *,
    message: bool,
) -> pa.Table:
    """Typed columns (`typed_<name>`), `document_id` and `content_hash`, row by row as in `cleaned`."""
    typed = [
        f"{_null(f) if f.name in absent else sql.typed(f, known[f.name], message=message)} "
        f"AS {sql.quoted('typed_' + f.name)}"
        for f in all_fields
        if f.type != "text"
    ]
    kept = ", ".join(sql.quoted("typed_" + f.name) for f in all_fields if f.type != "text")
    inner = f"SELECT *{''.join(', ' + t for t in typed)} FROM cleaned"
    query = (
        f"SELECT {kept + ', ' if kept else ''}{sql.document_id(kind)} AS document_id, "
        f"{sql.content_hash(kind, absent)} AS content_hash FROM ({inner})"
    )
    return con.sql(query).to_arrow_table()


def _null(f: Field) -> str:
    return {"decimal": "NULL::DECIMAL(19,5)", "integer": "NULL::INTEGER", "date": "NULL::DATE"}.get(
        f.type, "NULL::TIMESTAMP"
    )


def _checks(
    kind: Kind,
    all_fields: tuple[Field, ...],
    text: pa.Table,
    values: pa.Table,
    known: Mapping[str, Facts],
    *,
    message: bool,
) -> list[sql.Check]:
    """Only the checks that some row of this table may fail."""
    checks: list[sql.Check] = []
    for f in all_fields:
        own = known[f.name]
        plain = f.type != "decimal" or plain_decimals(text.column(f.name), own)
        checks += sql.shape_checks(f, own, message=message, plain=plain)
        if f.type == "text":
            continue
        name = sql.quoted("typed_" + f.name)
        column = values.column("typed_" + f.name)
        if column.null_count > own.nulls:
            wrong = f"{name} IS NULL AND {sql.quoted(f.name)} IS NOT NULL"
            checks.append(sql.Check(f.name, wrong, sql.value_reason(f, message=message)))
        if f.type in ("time", "date") and column.null_count < len(column):
            first, last = (pa.scalar(day).cast(column.type) for day in (FIRST_DAY, LAST_DAY))
            if pc.any(pc.or_(pc.less(column, first), pc.greater_equal(column, last))).as_py():
                out = f"{name} < TIMESTAMP '{FIRST_DAY}' OR {name} >= TIMESTAMP '{LAST_DAY}'"
                checks.append(sql.Check(f.name, out, f"is not between {FIRST_DAY} and {LAST_DAY}"))
        if f.name == "appType" and not (own.digits and own.low >= ord("1") and own.high <= ord("3")):
            checks.append(sql.Check(f.name, f"{name} NOT BETWEEN 1 AND 3", "must be 1, 2 or 3"))
    return checks + sql.variant_checks(kind) + sql.group_check(kind)


def _wrong(
    con: duckdb.DuckDBPyConnection, text: pa.Table, values: pa.Table, checks: list[sql.Check]
) -> dict[int, list[tuple[str, str]]]:
    """Rows that some check refuses, with each field and reason, in the order of the checks."""
    both = text
    for name in values.column_names:
        both = both.append_column(name, values.column(name))
    con.register("both_", both.append_column("row_", pa.array(range(text.num_rows), pa.int64())))
    conditions = " OR ".join(f"({check.condition})" for check in checks)
    failed = ", ".join(f"CASE WHEN {check.condition} THEN {n} END" for n, check in enumerate(checks))
    found = con.sql(
        f"SELECT row_, list_filter([{failed}], lambda n: n IS NOT NULL) AS failed "
        f"FROM both_ WHERE {conditions} ORDER BY row_"
    ).to_arrow_table()
    return {
        row["row_"]: [(checks[n].field, checks[n].reason) for n in row["failed"]] for row in found.to_pylist()
    }


def _refused_units(checked: list[_Checked]) -> set[int]:
    out: set[int] = set()
    for one in checked:
        if one.wrong and "document" in one.raw.column_names:
            units = one.raw.column("document")
            out |= {unit for row in one.wrong if (unit := units[row].as_py()) is not None}
    return out


def _refused_files(batch: RawBatch, checked: list[_Checked]) -> set[str]:
    """Files of all-or-nothing kinds that hold a mistake, found here or when they were read."""
    out: set[str] = set()
    for one in checked:
        if one.kind.all_or_nothing:
            ids = one.raw.column("file_id")
            out |= {ids[row].as_py() for row in one.wrong}
            out |= set(batch.rejects.column("file_id").to_pylist()) & set(pc.unique(ids).to_pylist())
    return out


def _kept(one: _Checked, units: set[int], files: set[str]) -> pa.Array | None:
    """Mask of the rows that land; None for all of them."""
    refused: list[pa.Array] = []
    rows = one.raw.num_rows
    if one.wrong:
        refused.append(pc.is_in(pa.array(range(rows), pa.int64()), pa.array(list(one.wrong), pa.int64())))
    if units and "document" in one.raw.column_names:
        refused.append(
            pc.is_in(one.raw.column("document").combine_chunks(), pa.array(sorted(units), pa.int64()))
        )
    if files and one.kind.all_or_nothing:
        ids = one.raw.column("file_id").cast(pa.string()).combine_chunks()
        refused.append(pc.is_in(ids, pa.array(sorted(files), pa.string())))
    if not refused:
        return None
    out = refused[0]
    for mask in refused[1:]:
        out = pc.or_(out, mask)
    return pc.invert(out)


def _assemble(one: _Checked, key_table: Mapping[str, pa.Array]) -> pa.Table:
    rows = one.raw.num_rows
    columns: list[pa.Array | pa.ChunkedArray] = []
    for column in one.kind.schema:
        if column.name in key_table:
            value = key_table[column.name]
        elif "typed_" + column.name in one.values.column_names:
            value = one.values.column("typed_" + column.name)
        elif column.name in one.values.column_names:
            value = one.values.column(column.name)
        elif column.name in one.text.column_names:
            value = one.text.column(column.name)
        elif column.name == "contract_version":
            value = pa.repeat(pa.scalar(CONTRACT_VERSION, pa.int32()), rows)
        elif column.name in one.raw.column_names:
            value = one.raw.column(column.name)
        else:
            value = pa.nulls(rows, column.type)
        columns.append(value.cast(column.type) if value.type != column.type else value)
    return pa.table(columns, schema=one.kind.schema)


@dataclass(frozen=True)
class _Refused:
    """One refused row and what is wrong with it."""

    kind: Kind
    file_id: str
    message_guid: str | None
    position: int
    document: int | None
    mistakes: list[tuple[str, str]]


def _refused(one: _Checked) -> Iterator[_Refused]:
    rows = pa.array(list(one.wrong), pa.int64())
    names = ("file_id", "message_guid", "position", "document")
    picked = one.raw.select([name for name in names if name in one.raw.column_names]).take(rows).to_pylist()
    for row, origin in zip(one.wrong, picked, strict=True):
        yield _Refused(
            one.kind,
            origin["file_id"],
            origin.get("message_guid"),
            origin["position"],
            origin.get("document"),
            one.wrong[row],
        )


def _rejects(batch: RawBatch, checked: list[_Checked]) -> list[Reject]:
    """One reject a refused document or row, naming its first mistake and the other fields that are wrong.

    Kinds that are all or nothing get one for each mistake, with its line.
    """
    refused: list[_Refused] = []
    documents: set[int] = set()
    for row in (row for one in checked if one.wrong for row in _refused(one)):
        if row.document is None or row.document not in documents:
            refused.append(row)
        if row.document is not None:
            documents.add(row.document)
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for row in refused:
        positions[row.file_id].append(row.position)
    places = {
        file_id: batch.locate(file_id, wanted) if batch.locate else {}
        for file_id, wanted in positions.items()
    }
    out: list[Reject] = []
    for row in refused:
        place = places[row.file_id].get(row.position)
        whole = row.kind.all_or_nothing
        line = f"line {place.line}: " if whole and place and place.line else ""
        for name, reason in row.mistakes if whole else row.mistakes[:1]:
            out.append(
                Reject(
                    row.file_id,
                    batch.file_names.get(row.file_id, ""),
                    f"{line}{name} {reason}{'' if whole else _others(row.mistakes)}",
                    row.kind.name,
                    name,
                    row.message_guid,
                    row.position,
                    place.offset if place else None,
                )
            )
    return out


def _others(mistakes: list[tuple[str, str]]) -> str:
    others = list(dict.fromkeys(field for field, _ in mistakes[1:] if field != mistakes[0][0]))
    return f"; also wrong: {', '.join(others)}" if others else ""
