"""Loading: idempotent, traceable, refusing with a place and a reason."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from ledger_desk import Desk
from ledger_documents import inventory, order, payment, waybill

import world
from loaders.contract import KINDS, Keys
from loaders.errors import BadInputError, BusyError
from loaders.ledger import Ledger, land, load, writer_lock
from loaders.ledger.lock import command_name
from loaders.ledger.schemas import SCHEMAS
from loaders.ledger.tables import Tables


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.load(order())
    before = desk.state()
    report = desk.load(order())
    assert (report.load_seq, report.known_files, report.documents) == (None, 1, 0)
    assert desk.ledger.version == 1
    assert desk.state() == before


def test_a_file_that_cannot_be_opened_is_refused_once_and_known_when_it_comes_again(
    desk: Desk, tmp_path: Path
) -> None:
    damaged = [tmp_path / name for name in ("a.zip", "b.tar.gz", "payments.csv.gz")]
    for number, path in enumerate(damaged):
        path.write_bytes(f"no archive {number}".encode())
    first = load(desk.ledger, desk.keys, [*damaged, *damaged])
    again = load(desk.ledger, desk.keys, damaged)
    assert (first.rejects, first.load_seq) == (3, 1)
    assert (again.rejects, again.load_seq, again.known_files) == (0, None, 3)


def test_the_data_folder_is_no_input_and_nothing_unpacked_stays(desk: Desk) -> None:
    desk.load(order())
    desk.ledger.unpacked.mkdir(parents=True)
    (desk.ledger.unpacked / "left by a killed load").write_text("x")
    report = load(desk.ledger, desk.keys, [desk.ledger.folder.parent])
    assert (report.load_seq, report.files, report.rejects) == (None, 0, 0)
    assert not desk.ledger.unpacked.exists()


def test_the_same_document_in_another_file_is_known(desk: Desk) -> None:
    desk.load(order())
    report = desk.load(order(), payment())
    assert {name: (c.new, c.known) for name, c in report.kinds.items()} == {
        "orders": (0, 1),
        "order_items": (0, 1),
        "payments": (1, 0),
    }


def test_a_document_twice_in_one_file_is_one(desk: Desk) -> None:
    report = desk.load(order(), order())
    assert (report.kinds["orders"].new, report.kinds["orders"].known) == (1, 1)


def test_every_row_can_be_traced_to_file_position_and_load(desk: Desk) -> None:
    desk.load(order("O1"), order("O2"), name="orders.csv")
    desk.load(order("O3"), name="more.csv")
    rows = desk.rows("""
        SELECT o.orderNo, f.name, o."position", o.load_seq, f.file_id FROM orders AS o JOIN files AS f
        USING (file_id, load_seq) JOIN loads USING (load_seq) ORDER BY o.orderNo""")
    assert [tuple(r.values())[:4] for r in rows] == [
        ("O1", "orders.csv", 1, 1),
        ("O2", "orders.csv", 2, 1),
        ("O3", "more.csv", 1, 2),
    ]
    for row in rows:
        with desk.ledger.originals.open(row["file_id"]) as original:
            assert hashlib.sha256(original.read()).hexdigest() == row["file_id"]


def test_a_refused_document_is_listed_and_its_correction_lands(desk: Desk) -> None:
    report = desk.load(order("O1"), order("O2", goodsValue="a lot"), name="orders.csv")
    assert (report.rejects, report.kinds["orders"].new, report.kinds["orders"].rejected) == (1, 1, 1)
    (reject,) = desk.rows("SELECT * FROM rejects")
    assert (reject["kind"], reject["position"], reject["field"]) == ("orders", 2, "goodsValue")
    assert (reject["load_seq"], reject["replaced_in"]) == (1, None)
    assert "a lot" not in json.dumps(reject)
    desk.load(order("O1"), order("O2"), name="orders.csv")
    assert len(desk.rows("SELECT * FROM current_orders")) == 2
    assert desk.rows("SELECT replaced_in FROM rejects") == [{"replaced_in": 2}]


def test_another_key_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.load(order())
    desk.keys = Keys.open(tmp_path / "another")
    with pytest.raises(BadInputError, match="was keyed with key"):
        desk.load(payment())
    assert desk.ledger.version == 1


def test_a_version_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInputError, match="no version 3; it stands at 0"):
        desk.ledger.connect(3)


def test_an_empty_ledger_shows_empty_views(desk: Desk) -> None:
    assert desk.rows("SELECT * FROM transactions") == []
    assert desk.rows("SELECT * FROM current_inventory_items") == []
    assert len(desk.ledger.changed_sales(0)) == 0


def test_compaction_changes_no_view(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(order("O1"))
    desk.load(order("O2"))
    compact = Tables.compact
    monkeypatch.setattr(Tables, "compact", lambda self, name: compact(self, name, above=2))
    reader = desk.ledger.connect()
    desk.load(order("O3"))
    assert len(desk.ledger.tables.files("orders")) == 1
    assert desk.rows("SELECT orderNo, load_seq FROM current_orders ORDER BY ALL") == [
        {"orderNo": f"O{n}", "load_seq": n} for n in (1, 2, 3)
    ]
    assert reader.execute("SELECT count(*) FROM orders").fetchall() == [(2,)]
    assert len(desk.rows("SELECT * FROM orders", version=1)) == 1


def test_a_column_of_a_newer_contract_is_null_in_older_rows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(order("O1"))
    newer = SCHEMAS["orders"].append(pa.field("colour", pa.string()))
    monkeypatch.setitem(SCHEMAS, "orders", newer)
    assert desk.rows("SELECT colour FROM orders") == [{"colour": None}]
    (row,) = desk.rows("SELECT * FROM orders")
    desk.ledger.tables.append("orders", pa.Table.from_pylist([{**row, "colour": "red"}], schema=newer))
    assert desk.rows("SELECT colour FROM orders ORDER BY ALL") == [{"colour": "red"}, {"colour": None}]


def test_what_a_killed_load_left_is_dropped_by_the_next_writer(desk: Desk) -> None:
    desk.load(order("O1"))
    (row,) = desk.rows("SELECT * FROM orders")
    left = pa.Table.from_pylist([{**row, "load_seq": 2, "orderNo": "O2"}], schema=SCHEMAS["orders"])
    desk.ledger.tables.append("orders", left)
    assert desk.rows("SELECT orderNo FROM orders") == [{"orderNo": "O1"}]
    desk.load(order("O3"))
    assert desk.rows("SELECT orderNo, load_seq FROM orders ORDER BY ALL") == [
        {"orderNo": "O1", "load_seq": 1},
        {"orderNo": "O3", "load_seq": 2},
    ]


def test_a_commit_without_its_transactions_is_caught_up_when_the_ledger_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(order("O1"))
    with monkeypatch.context() as cut:
        cut.setattr(sys.modules[land.__module__], "refresh", _die)
        with pytest.raises(KeyboardInterrupt):
            desk.load(payment("O1"))
    assert (desk.ledger.version, desk.ledger.committed) == (1, 2)
    assert desk.rows("SELECT payments FROM transactions") == [{"payments": 0}]
    assert Ledger.open(desk.ledger.folder).version == 2
    assert desk.rows("SELECT payments FROM transactions") == [{"payments": 1}]


def _die(*_: object) -> int:
    raise KeyboardInterrupt


def test_files_are_loaded_from_a_folder(desk: Desk) -> None:
    folder = desk.folder / "in"
    folder.mkdir()
    (folder / "waybills.csv").write_text(
        ",".join(waybill()[0][1]) + "\n" + ",".join(waybill()[0][1].values()) + "\n", encoding="utf-8"
    )
    report = load(desk.ledger, desk.keys, [folder])
    assert (report.load_seq, report.kinds["waybills"].new) == (1, 1)
    assert load(desk.ledger, desk.keys, [folder]).load_seq is None


@pytest.mark.parametrize("order_of_arrival", [("csv", "xml"), ("xml", "csv")])
def test_messages_and_flat_files_of_one_world_are_the_same_documents(
    desk: Desk, order_of_arrival: tuple[str, str]
) -> None:
    made = desk.folder / "made"
    for form in ("csv", "xml"):
        world.make(made / form, orders=500, seed=3, format=form)  # type: ignore[arg-type]
    first, second = order_of_arrival
    load(desk.ledger, desk.keys, [made / first])
    before = desk.state()
    report = load(desk.ledger, desk.keys, [made / second])
    assert report.documents == 0
    assert report.kinds["order_items"].known >= 300
    known = {name for name, of in report.kinds.items() if of.known}
    assert known >= {kind.name for kind in KINDS.values() if kind.document}
    assert desk.state() == before


HOLD = """
import sys, time
from pathlib import Path
from loaders.ledger import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_is_writing(desk: Desk) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(desk.folder)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=rf"written by process {other.pid} \(.*\), running since 20"):
            desk.load(order())
        waited: list[str] = []
        with pytest.raises(BusyError), writer_lock(desk.folder, wait=2.5, on_wait=waited.append):
            pass
        assert waited
        assert waited[0].startswith(f"Waiting for process {other.pid} (")
        assert desk.ledger.version == 0
        other.kill()
    assert desk.load(order()).load_seq == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["/usr/bin/cluegraph", "--data", "folder", "load", "张三.csv"], "cluegraph load"),
        (["cluegraph", "--data=folder", "run", "--json", "x"], "cluegraph run"),
        (["cluegraph"], "cluegraph"),
        (["other.py", "load"], "other.py"),
        ([""], "python"),
    ],
)
def test_a_writer_is_named_by_its_command_alone(
    monkeypatch: pytest.MonkeyPatch, typed: list[str], told: str
) -> None:
    monkeypatch.setattr(sys, "argv", typed)
    assert command_name() == told


def test_a_reader_beside_a_writer_sees_whole_loads(desk: Desk) -> None:
    desk.load(order("O1"))
    with desk.ledger.connect() as con:
        desk.load(order("O2"), inventory("O1"))
        assert con.execute("SELECT sale_id, missing FROM transactions").fetchall() == [
            ("E1|O1", ["inventory", "payment", "waybill"])
        ]
        assert con.execute("SELECT count(*) FROM inventories").fetchall() == [(0,)]
