"""The documents behind a finding: which, and where each came from."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

from app.casebook.findings import FindingRecord
from loaders.ledger.ledger import Ledger

_DOCUMENTS = files("app.clues").joinpath("evidence.sql").read_text(encoding="utf-8")


def documents_behind(ledger: Ledger, finding: FindingRecord) -> list[dict[str, Any]]:
    """One row a document and version, for the ids that the finding lists: see `documents_of`."""
    with ledger.connect() as connection:
        return documents_of(connection, finding.evidence["ids"])


def documents_of(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """One row a document and version behind some ids: id, kind, document, file, message, position (from 1)
    and load. Sorted; holds no value of a document but the numbers that identify it. `connection` shows the
    ledger.
    """
    connection.register("wanted", pa.table({"id": pa.array(ids, pa.string())}))
    try:
        result = connection.execute(_DOCUMENTS)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    finally:
        connection.unregister("wanted")
