"""One document is one document: as a message, as CSV, JSON Lines or Parquet, typed or as text."""

import csv
import io
import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_cases import GUID, NAMESPACE, load

from loaders.contract import KINDS, Field, Kind

MESSAGES = {
    "payments": ("CEB411", "<Payment><PaymentHead>{}</PaymentHead></Payment>"),
    "waybills": ("CEB511", "<Logistics><LogisticsHead>{}</LogisticsHead></Logistics>"),
    "waybill_status": ("CEB513", "<LogisticsStatus>{}</LogisticsStatus>"),
    "cancels": ("CEB623", "<InvtCancel>{}</InvtCancel>"),
}
# Whatever XML can carry: other line ends and control characters have no equal in a message.
LETTERS = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs"),
    exclude_characters="\ufffe\uffff",
    include_characters="\n\t",
)


def value_of(f: Field) -> st.SearchStrategy[Any]:
    if f.type == "decimal":
        return st.decimals(min_value=-(10**13), max_value=10**13, places=5)
    if f.type == "integer":
        return st.integers(min_value=-(10**9) + 1, max_value=10**9 - 1)
    if f.type == "time":
        instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))
        return instants.map(lambda t: t.replace(microsecond=0))
    low, high = f.min_length or 0, f.max_length or 20
    if low == high:
        return st.text("0123456789ABC", min_size=low, max_size=high)
    text = st.text(LETTERS, min_size=low, max_size=min(high, 12))
    return (
        text.filter(lambda t: bool(t.strip()) and bool(t.strip("\u200b\ufeff \n\t"))) if f.required else text
    )


def documents(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    required = {f.name: value_of(f) for f in kind.fields if f.required}
    optional = {f.name: value_of(f) for f in kind.fields if not f.required}
    return st.fixed_dictionaries(required, optional=optional)


def message_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y%m%d%H%M%S")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def flat_text(value: Any) -> str:
    """The same value, written otherwise."""
    if isinstance(value, datetime):
        return (value - timedelta(hours=8)).isoformat() + "Z"
    if isinstance(value, Decimal):
        return f"{'-' if value < 0 else '+'}0{abs(value).normalize():f}"
    return f" {value}\t"


def as_message(kind: Kind, rows: list[dict[str, Any]]) -> str:
    name, document = MESSAGES[kind.name]
    envelope = (
        f"<guid>{GUID}</guid><appType>1</appType><appTime>20240301080000</appTime><appStatus>2</appStatus>"
    )
    body = "".join(
        document.format(envelope + "".join(f"<{n}>{escape(message_text(v))}</{n}>" for n, v in row.items()))
        for row in rows
    )
    return f'<{name}Message guid="{GUID}" version="1.0" {NAMESPACE}>{body}</{name}Message>'


def as_csv(rows: list[dict[str, Any]], names: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows({name: flat_text(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def as_json_lines(kind: Kind, rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        # Integers and decimals as JSON numbers, written as they stand.
        parts = [
            f"{json.dumps(n)}: {v:f}"
            if kind.by_name[n].type == "decimal"
            else f"{json.dumps(n)}: {v}"
            if kind.by_name[n].type == "integer"
            else f"{json.dumps(n)}: {json.dumps(message_text(v))}"
            for n, v in row.items()
        ]
        lines.append("{" + ", ".join(parts) + "}")
    return "\n".join(lines)


def as_parquet(kind: Kind, rows: list[dict[str, Any]], names: list[str]) -> pa.Table:
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        match kind.by_name[name].type:
            case "decimal":
                columns[name] = pa.array(values, pa.decimal128(38, 7))
            case "integer":
                columns[name] = pa.array(values, pa.int64())
            case "time":
                utc = [v and (v - timedelta(hours=8)).replace(tzinfo=UTC) for v in values]
                columns[name] = pa.array(utc, pa.timestamp("ms", "UTC"))
            case _:
                columns[name] = pa.array(values, pa.string()).dictionary_encode()
    return pa.table(columns)


@pytest.mark.parametrize("name", sorted(MESSAGES))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_every_format_gives_the_same_document(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    rows = data.draw(st.lists(documents(kind), min_size=1, max_size=4))
    names = [f.name for f in kind.fields if any(f.name in row for row in rows)]
    with tempfile.TemporaryDirectory() as folder:
        paths = {form: Path(folder) / f"{name}.{form}" for form in ("xml", "csv", "jsonl", "parquet")}
        paths["xml"].write_text(as_message(kind, rows), encoding="utf-8", newline="")
        paths["csv"].write_text(as_csv(rows, names), encoding="utf-8", newline="")
        paths["jsonl"].write_text(as_json_lines(kind, rows), encoding="utf-8", newline="")
        pq.write_table(as_parquet(kind, rows, names), paths["parquet"])
        done = load(list(paths.values()))
    assert done.rejects == []
    forms = {source.file_id: source.format for source in done.files}
    same = [c for c in kind.schema.names if c.endswith("_key")] + ["content_hash", "document_id", *names]
    found = {form: [] for form in forms.values()}
    for row in done.rows(name):
        found[forms[row["file_id"]]].append([row[c] for c in same])
    assert len(found["xml"]) == len(rows)
    for form in ("csv", "jsonl", "parquet"):
        assert found[form] == found["xml"], form
