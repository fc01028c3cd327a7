"""Sales of small loads are stored apart at first, and go where they belong when they are many."""

from pathlib import Path
from typing import Any

import pytest
from ledger_desk import Desk
from ledger_documents import cancel, inventory, order, payment, receipt, waybill

from loaders.contract import Keys
from loaders.ledger import Ledger, picked, refresh

LOADS = [
    [document for no in range(40) for document in (order(f"O{no}", "E1"), payment(f"O{no}", "E1"))],
    [inventory("O1", "E1"), waybill("O1", "W1")],
    [order("NEW", "E2"), payment("NEW", "E2"), receipt("COP-O1", "899")],
    [order("O2", "E1", goodsValue="77.00000", appTime="20250101000000", appType="2")],
    [cancel("O1", "E1"), order("NEWER", "E2")],
    [payment("O3", "E1", orderNo="O4")],  # moves nothing, adds a payment
]


def stored(desk: Desk, version: int | None = None) -> list[dict[str, Any]]:
    return desk.rows("SELECT * FROM transactions ORDER BY sale_id", version)


@pytest.mark.parametrize("recent", [0, 2, 20_000])
@pytest.mark.parametrize("many", [0, 20_000])
def test_stored_sales_are_what_the_documents_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recent: int, many: int
) -> None:
    monkeypatch.setattr(refresh, "RECENT_SALES", recent)
    monkeypatch.setattr(picked, "MANY", many)
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    then = []
    for documents in LOADS:
        desk.load(*documents)
        then.append(stored(desk))
        assert [row["bucket"] for row in then[-1]] == [
            bucket for (bucket,) in buckets(desk.ledger, [row["sale_id"] for row in then[-1]])
        ]
    assert len(then[-1]) == 42
    for version, rows in enumerate(then[:-1], 1):
        assert stored(desk, version) == rows  # an older version is computed from its documents
    folders = {Path(file).parent.name for file in desk.ledger.tables.files("transactions")}
    assert ("bucket=-1" in folders) == (recent > 2)


def buckets(ledger: Ledger, sales: list[str]) -> list[tuple[int]]:
    with ledger.connect() as connection:
        asked = "SELECT bucket_of(sale) FROM (SELECT unnest($sales) AS sale, unnest($no) AS no) ORDER BY no"
        found = connection.execute(asked, {"sales": sales, "no": list(range(len(sales)))}).fetchall()
    return [(int(bucket),) for (bucket,) in found]
