"""Archives: everything in them, and nothing outside of them."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from reading_cases import PAYMENT, csv_of, load, payment_message, tarred, zipped

from loaders.sources import Limits

CSV = csv_of([PAYMENT]).encode()
MEMBERS = {
    "a/b/payments.csv": CSV,
    "a/payments.csv.gz": gzip.compress(CSV),
    "message.xml": payment_message(PAYMENT).encode(),
    "README.md": b"x",
    "__MACOSX/._payments.csv": b"x",
}


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tgz"])
def test_an_archive_is_read_like_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(zipped(MEMBERS) if name.endswith("zip") else tarred(MEMBERS))
    done = load([tmp_path])
    assert done.rejects == []
    assert len(done.rows("payments")) == 3
    assert len({row["content_hash"] for row in done.rows("payments")}) == 1
    assert any(f.name == f"{tmp_path.name}/{name}!a/b/payments.csv" for f in done.files)


def test_the_original_of_a_member_is_the_member(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"payments.csv": CSV}))
    (tmp_path / "payments.csv").write_bytes(CSV)
    ids = {f.file_id for f in load([tmp_path]).files}
    assert len(ids) == 1


def test_an_archive_in_an_archive_is_opened_up_to_a_depth(tmp_path: Path) -> None:
    data = zipped({"payments.csv": CSV})
    for _ in range(2):
        data = zipped({"inner.zip": data})
    (tmp_path / "x.zip").write_bytes(data)
    assert len(load([tmp_path]).rows("payments")) == 1
    (reject,) = load([tmp_path], limits=Limits(depth=2)).rejects
    assert "archives deep" in reject["reason"]


@pytest.mark.parametrize(
    "name", ["../../payments.csv", "/etc/payments.csv", "..\\payments.csv", "a/\x07payments.csv"]
)
def test_unsafe_names_do_no_harm(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x.zip").write_bytes(zipped({name: CSV}))
    (folder / "y.tgz").write_bytes(tarred({name: CSV}))
    load([folder])
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["x.zip", "y.tgz"]


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("payments.csv")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    (tmp_path / "x.tgz").write_bytes(out.getvalue())
    assert load([tmp_path]).files == []


@pytest.mark.parametrize("form", ["x.zip", "x.tgz", "payments.csv.gz"])
def test_a_bomb_is_one_reject(tmp_path: Path, form: str) -> None:
    huge = b"0" * (3 << 20)
    data = {"x.zip": zipped({"payments.csv": huge}), "x.tgz": tarred({"payments.csv": huge})}
    (tmp_path / form).write_bytes(data.get(form) or gzip.compress(huge))
    (reject,) = load([tmp_path], limits=Limits(ratio=10, ratio_from=1 << 20)).rejects
    assert "too large" in reject["reason"]


def test_too_many_members_are_one_reject(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({f"payments{n}.csv": CSV for n in range(5)}))
    (reject,) = load([tmp_path], limits=Limits(members=4)).rejects
    assert "more than 4 files" in reject["reason"]


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tgz"])
@pytest.mark.parametrize("data", [b"", b"no archive", tarred(MEMBERS)[:-30]])
def test_a_damaged_archive_is_one_reject(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (reject,) = load([tmp_path]).rejects
    assert "cannot be opened" in reject["reason"]


def test_a_damaged_member_falls_alone(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("payments1.csv", CSV)
        archive.writestr("payments2.csv", CSV)
    data = bytearray(out.getvalue())
    data[data.index(b"4403160BUF")] ^= 1
    (tmp_path / "x.zip").write_bytes(data)
    done = load([tmp_path])
    assert len(done.rows("payments")) == 1
    assert len(done.rejects) == 1
