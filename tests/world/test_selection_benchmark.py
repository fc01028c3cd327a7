"""The simulation knows nothing of the days on which it selects but the documents of their sales."""

from datetime import date
from pathlib import Path

import duckdb

import world
from benchmarks.selection import LINES, OF_A_SALE, TIMES, cut

UNTIL = date(2025, 9, 15)


def rows(folder: Path, kind: str, where: str = "true") -> int:
    with duckdb.connect() as connection:
        source = f"read_csv('{folder / kind}.csv', all_varchar = true, header = true)"
        (count,) = connection.execute(f"SELECT count(*) FROM {source} WHERE {where}").fetchall()[0]
        return int(count)


def test_what_came_later_is_only_documents_of_sales(
    csv_world: tuple[Path, world.Truth], tmp_path: Path
) -> None:
    files, _ = csv_world
    before, after = tmp_path / "before", tmp_path / "after"
    cut(files, before, after, UNTIL)
    later = f"replace({{}}[1:10], '-', '')[1:8] > '{UNTIL:%Y%m%d}'"
    for kind, column in TIMES.items():
        assert rows(before, kind, later.format(column)) == 0, kind
    assert {path.stem for path in after.glob("*.csv")} == {*OF_A_SALE, "raw_payment_orders"}
    for kind in (*OF_A_SALE, "raw_payment_orders"):
        assert rows(before, kind) + rows(after, kind) == rows(files, kind), kind
        assert rows(after, kind) > 0
    # Lines go with their document; what has no day stands from the beginning.
    assert set(LINES) == {"raw_payment_orders", "tax_items"}
    assert rows(before, "enterprises") == rows(files, "enterprises")
    assert not (before / "truth.json").exists()
