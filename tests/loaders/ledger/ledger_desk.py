"""A data folder with a ledger to load small documents into, and what it shows afterwards."""

from pathlib import Path
from typing import Any

import duckdb
from ledger_documents import Document, batch

from loaders.contract import KINDS, Keys
from loaders.ledger import Ledger, LoadReport, land


class Desk:
    """A data folder with its ledger; `load` takes documents as one file."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        self.keys = keys
        self.ledger = Ledger.open(folder / "ledger")

    def load(self, *documents: Document, name: str | None = None) -> LoadReport:
        return land(self.ledger, self.keys, lambda: [batch(documents, self.files, name)])

    def rows(self, query: str, version: int | None = None) -> list[dict[str, Any]]:
        with self.ledger.connect(version) as con:
            return con.sql(query).to_arrow_table().to_pylist()  # type: ignore[no-any-return]

    def sale(self, sale_id: str = "E1|O1") -> dict[str, Any]:
        (row,) = self.rows(f"SELECT * FROM transactions WHERE sale_id = '{sale_id}'")
        return row

    def differences(self, sale_id: str = "E1|O1") -> dict[str, float]:
        return {d["name"]: float(d["size"]) for d in self.sale(sale_id)["differences"]}

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Current documents and transactions, without where they came from."""
        with self.ledger.connect() as con:
            return shown(con)


def shown(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """What a connection shows, in an order that depends on nothing else."""
    out = {}
    for kind in KINDS.values():
        told = ["document_id", "content_hash", *(("appType", "appTime") if kind.document else ())]
        # The sender of a line is that of its document, whoever brought the line.
        told += ["copCode", "dxpId"] if kind.document and not kind.items_of else []
        columns = ", ".join(f'"{c}"' for c in [*kind.by_name, *told])
        out[kind.name] = con.execute(f"SELECT {columns} FROM current_{kind.name} ORDER BY ALL").fetchall()
    out["transactions"] = con.execute("SELECT * FROM transactions ORDER BY sale_id").fetchall()
    return out
