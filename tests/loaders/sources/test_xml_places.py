"""A refused document is found again: its reject says where it begins in the message."""

import codecs
import gzip
import re
from pathlib import Path

import pytest
from reading_cases import PAYMENT, STANDARDS, load, payment_message, tarred, zipped

from loaders.sources import xml, xml_places

WRONG = PAYMENT | {"amountPaid": "x"}
TWICE = PAYMENT | {"payName": "a</payName><payName>b"}  # refused by its shape
TEXT = payment_message(PAYMENT, WRONG)


def offsets(folder: Path) -> list[int | None]:
    return [reject["offset"] for reject in load([folder]).rejects]


def starts(data: bytes, tag: str, codec: str = "utf-8") -> list[int]:
    return [found.start() for found in re.finditer(re.escape(tag.encode(codec)), data)]


@pytest.mark.parametrize("stream", [False, True])
def test_each_refused_document_of_a_message_is_located(
    tmp_path: Path, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stream:
        monkeypatch.setattr(xml, "STREAM_BYTES", 0)
    data = payment_message(WRONG, PAYMENT, TWICE, PAYMENT, WRONG).encode()
    (tmp_path / "a.xml").write_bytes(data)
    found = {reject["position"]: reject["offset"] for reject in load([tmp_path]).rejects}
    first, _, third, _, fifth = starts(data, "<Payment>")
    assert found == {1: first, 3: third, 5: fifth}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (TEXT, "<Payment>"),
        (re.sub(r"<(/?)(\w)", r"<\1c:\2", TEXT).replace("xmlns=", "xmlns:c="), "<c:Payment>"),
        (TEXT.replace("<Payment>", "\r\n<Payment\n  note='>'\n>"), "<Payment\n"),
        (TEXT.replace("示例支付", "&#x793A;&amp;&lt;Payment>"), "<Payment>"),
        (TEXT.partition("?>")[2], "<Payment>"),
    ],
    ids=["default namespace", "prefix", "spread over lines", "references", "no declaration"],
)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "marked"])
def test_however_it_is_written(tmp_path: Path, text: str, tag: str, mark: bytes) -> None:
    data = mark + text.encode()
    (tmp_path / "a.xml").write_bytes(data)
    assert offsets(tmp_path) == [starts(data, tag)[-1]]


def test_what_only_looks_like_a_document_is_not_counted(tmp_path: Path) -> None:
    hidden = "<!-- <Payment> --><![CDATA[<Payment>]]><?x <Payment>?>"
    # Within something else of the message it is no document of it.
    beside = "<ExtendMessage><Payment>x</Payment></ExtendMessage>"
    text = TEXT.replace("示例支付", hidden).replace("</Payment><", f"</Payment>{hidden}{beside}<")
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    done = load([tmp_path])
    assert len(done.rows("payments")) == 1
    wanted = text.encode().index(f"{beside}<Payment>".encode()) + len(beside)
    assert [reject["offset"] for reject in done.rejects] == [wanted]


@pytest.mark.parametrize(
    ("declared", "codec", "name"),
    [
        ("UTF-8", "utf-8", "𠮷芳"),
        ("utf8", "utf-8", "𠮷芳"),
        ("GBK", "gbk", "王芳"),
        ("GB2312", "gb2312", "王芳"),
        ("GB18030", "gb18030", "𠮷䶮"),
        ("windows-1252", "windows-1252", "Zoë"),
        ("ISO-8859-1", "iso-8859-1", "Zoë"),
        ("UTF-16", "utf-16-le", "𠮷芳"),
        ("UTF-16LE", "utf-16-le", "𠮷芳"),
        # A mark of byte order is believed before the declaration.
        ("GBK", "utf-8-sig", "𠮷芳"),
        ("UTF-8", "utf-16", "𠮷芳"),
    ],
)
def test_in_whatever_encoding_it_is_read(tmp_path: Path, declared: str, codec: str, name: str) -> None:
    people = [one | {"payName": name, "payerName": name, "ebpName": name} for one in (PAYMENT, WRONG, WRONG)]
    data = payment_message(*people).replace('"UTF-8"', f'"{declared}"').encode(codec)
    (tmp_path / "a.xml").write_bytes(data)
    done = load([tmp_path])
    assert [row["payerName"] for row in done.rows("payments")] == [name]
    bare = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec)
    assert [reject["offset"] for reject in done.rejects] == starts(data, "<Payment>", bare)[1:]


def test_in_an_archive_it_is_counted_from_the_start_of_the_member(tmp_path: Path) -> None:
    data = TEXT.encode()
    (tmp_path / "a.zip").write_bytes(zipped({"x/a.xml": data, "b.xml.gz": gzip.compress(data + b"\n")}))
    (tmp_path / "b.tar.gz").write_bytes(tarred({"c.xml": data + b"\n\n"}))
    assert offsets(tmp_path) == [starts(data, "<Payment>")[1]] * 3


@pytest.mark.skipif(not STANDARDS.is_dir(), reason="the published samples are not beside the project")
@pytest.mark.parametrize("message", sorted(xml.DOCUMENTS))
def test_every_document_of_the_published_samples_is_located(message: str) -> None:
    path = STANDARDS / "ceb" / "samples" / f"{message}.xml"
    if not path.is_file():
        pytest.skip("no sample of it was published")
    data = path.read_bytes()
    found = xml_places.places(path, range(1, 100))
    tags = re.finditer(rf"<(\w+:)?{xml.DOCUMENTS[message]}>".encode(), data)
    assert [place.offset for place in found.values()] == [tag.start() for tag in tags]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.replace("<CEB411Message", "<!DOCTYPE x [<!ENTITY e 'x'>]><CEB411Message").encode(),
        TEXT.replace('"UTF-8"', '"UTF-32"').encode("utf-32"),
        TEXT.replace('"UTF-8"', '"none"').encode(),
        TEXT.replace("ceb", "cebx").encode(),
        b"",
    ],
    ids=["document type", "unknown to both", "no encoding", "another namespace", "empty"],
)
def test_what_cannot_be_located_is_left_out(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    assert xml_places.places(path, [2]) == {}
