"""Which dropped files are whole, and where they go."""

import gzip
import json
import os
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import BadInputError, UnavailableError
from app.live.dropped import DONE, RECEIPT, REFUSED, DropFolder, Patience
from app.live.receipts import Receipt
from loaders.sources.files import file_hash

PATIENCE = Patience(whole=1.0, cut=30.0)
LOADED = Receipt("a" * 64, "orders.csv", "loaded", load=1)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_a_file_is_handed_out_when_it_looks_whole_and_has_rested(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        (tmp_path / "orders.csv").write_text("a,b\n1,2\n")
        assert folder.ready(0.0) == []
        assert names(folder.ready(1.0)) == ["orders.csv"]


@pytest.mark.parametrize(
    ("name", "cut", "whole"),
    [
        ("orders.csv", b"a,b\n1,", b"a,b\n1,2\n"),
        ("m.xml", b"<?xml version='1.0'?><a:M><b>1</b>", b"<?xml version='1.0'?><a:M><b>1</b></a:M>\n"),
        ("p.json", b'[{"a": 1', b'[{"a": 1}]'),
        ("orders.jsonl", b'{"a": 1}\n{"a"', b'{"a": 1}\n{"a": 2}\n'),
        ("orders.parquet", b"PAR1xx", b"PAR1xxPAR1"),
    ],
)
def test_a_half_written_file_is_waited_for(tmp_path: Path, name: str, cut: bytes, whole: bytes) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        (tmp_path / name).write_bytes(cut)
        folder.ready(0.0)
        assert folder.ready(29.0) == []
        (tmp_path / name).write_bytes(whole)
        assert folder.ready(30.0) == []  # it has just changed
        assert names(folder.ready(31.0)) == [name]


def test_what_stays_cut_is_handed_out_in_the_end_and_told_by_the_loader(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        (tmp_path / "m.xml").write_bytes(b"<M>")
        (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))  # nothing tells its end
        folder.ready(0.0)
        assert names(folder.ready(30.0)) == ["m.xml", "orders.csv.gz"]


def test_an_archive_is_whole_when_it_can_be_listed(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("orders.csv", "a\n1\n")
        whole = (tmp_path / "a.zip").read_bytes()
        (tmp_path / "a.zip").write_bytes(whole[:-10])
        folder.ready(0.0)
        assert folder.ready(5.0) == []
        (tmp_path / "a.zip").write_bytes(whole)
        folder.ready(6.0)
        assert names(folder.ready(7.0)) == ["a.zip"]


def test_a_file_that_somebody_has_open_for_writing_waits(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        with (tmp_path / "orders.csv").open("w") as writing:
            writing.write("a,b\n")
            writing.flush()
            folder.ready(0.0)
            assert folder.ready(100.0) == []
        assert names(folder.ready(101.0)) == ["orders.csv"]


def test_hidden_unfinished_and_linked_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        for name in (".orders.csv", "orders.csv.part", "orders.csv.tmp", "orders.csv~"):
            (tmp_path / name).write_text("a\n1\n")
        (tmp_path / "link.csv").symlink_to(tmp_path / ".orders.csv")
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "orders.csv").write_text("a\n1\n")
        folder.ready(0.0)
        assert folder.ready(100.0) == []
        assert not folder.waits()


def test_files_go_to_done_or_refused_with_a_receipt_and_no_name_is_lost(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        for text in ("a\n1\n", "a\n2\n"):
            (tmp_path / "orders.csv").write_text(text)
            folder.put_away(tmp_path / "orders.csv", Receipt(f"{hash(text):x}", "orders.csv", "loaded"))
        (tmp_path / "x.dat").write_text("?")
        folder.put_away(tmp_path / "x.dat", Receipt("b", "x.dat", "refused", reason="is no file"))
        done, refused = tmp_path / DONE, tmp_path / REFUSED
        assert [(done / name).read_text() for name in ("orders.csv", "orders-2.csv")] == ["a\n1\n", "a\n2\n"]
        assert json.loads((done / f"orders-2.csv{RECEIPT}").read_text())["name"] == "orders-2.csv"
        assert json.loads((refused / f"x.dat{RECEIPT}").read_text())["reason"] == "is no file"


def test_killed_between_receipt_and_move_a_file_finds_its_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(DropFolder(tmp_path, PATIENCE)) as folder:
        path = tmp_path / "orders.csv"
        path.write_text("a\n1\n")

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as then:
            then.setattr(Path, "rename", killed)
            with pytest.raises(KeyboardInterrupt):
                folder.put_away(path, LOADED)
        target = folder.put_away(path, Receipt(LOADED.id, "orders.csv", "loaded", known=1, load=1))
        assert target == tmp_path / DONE / "orders.csv"
        assert json.loads((tmp_path / DONE / f"orders.csv{RECEIPT}").read_text())["known"] == 0


def test_one_process_watches_a_folder(tmp_path: Path) -> None:
    with closing(DropFolder(tmp_path)), pytest.raises(UnavailableError, match="Another process watches"):
        DropFolder(tmp_path)
    DropFolder(tmp_path).close()


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no folder"):
        DropFolder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"\xb6\xa9\xb5\xa5.csv", "????.csv"),  # GBK
        (b"orders\n2.csv", "orders?2.csv"),
        (b"o" * 251 + b".csv", "o" * 234 + ".csv"),
        ("订".encode() * 83 + b".csv", "订" * 78 + ".csv"),
    ],
)
def test_a_name_that_is_no_text_or_too_long_is_put_away_and_told(
    tmp_path: Path, name: bytes, told: str
) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"x\n")
    with closing(DropFolder(tmp_path)) as folder:
        for _ in range(2):
            path.write_bytes(b"x\n")
            place = folder.put_away(path, Receipt(file_hash(path), "name", "loaded"))
        assert place.stem.endswith("-2")
    assert not path.exists()
    beside = sorted((tmp_path / DONE).glob(f"*{RECEIPT}"))
    assert told in {json.loads(one.read_text("utf-8"))["name"] for one in beside}
