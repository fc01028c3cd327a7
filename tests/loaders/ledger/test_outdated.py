"""A ledger whose transactions an older cluegraph computed has them computed again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from ledger_desk import Desk
from ledger_documents import inventory, order, payment, waybill

from loaders.contract import Keys
from loaders.errors import BusyError
from loaders.ledger import Ledger
from loaders.ledger.lock import writer_lock


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two loads, and then a table of transactions without the newer columns, standing at the same load."""
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    desk.load(order(), payment(), waybill(), inventory())
    desk.load(order("O2"), inventory("O2", lines=2))
    folder = desk.ledger.folder / "transactions"
    table = DeltaTable(folder)
    older = table.to_pyarrow_table().drop_columns(["weight", "pieces"])
    mark = table.transaction_version("cluegraph")
    desk.ledger.tables.discard("transactions")
    write_deltalake(folder, older, partition_by=["bucket"])
    DeltaTable(folder).create_write_transaction([], "append", DeltaTable(folder).schema())
    assert mark == 2
    return desk


def test_they_are_whole_again_and_loads_go_on(desk: Desk) -> None:
    ledger = Ledger.open(desk.ledger.folder)
    assert ledger.version == 2
    desk.ledger = ledger
    assert float(desk.sale("E1|O1")["weight"]) == 1.0
    assert float(desk.sale("E1|O2")["pieces"]) == 2.0
    desk.load(waybill("O2"))
    assert float(desk.sale("E1|O2")["weight"]) == 1.0
    assert list(desk.ledger.folder.glob("*.gone")) == []


def test_another_writer_is_named(desk: Desk) -> None:
    with ThreadPoolExecutor(1) as another, writer_lock(desk.folder):
        opening = another.submit(Ledger.open, desk.ledger.folder)
        with pytest.raises(BusyError, match="is being written by process"):
            opening.result()
