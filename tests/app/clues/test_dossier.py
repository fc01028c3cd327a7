"""A dossier: complete, masked, bounded, the same in all its formats, safe whatever stands in names."""

import csv
import hashlib
import io
import json
import re
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import openpyxl
import pytest
from goods_documents import tax_bill
from ledger_documents import cancel, receipt, signed
from lxml import etree, html
from shops import Office, check, opened, paid_into, person, reply, sale

from app.casebook.findings import FindingRecord
from app.casework.outcomes import decide
from app.clues.dossier import material
from app.clues.dossier.access import Asker, accesses, checked_asker
from app.clues.dossier.behind import decimal_text
from app.clues.dossier.write import dossier_zip, export_dossier
from app.errors import BadInputError, NotFoundError, UnavailableError
from app.graph.server import EmbeddedServer
from app.settings import Settings
from app.supervision.instructions import Instruction, keep_draft
from loaders.ledger.ledger import Ledger

AT = datetime(2024, 7, 1, 2, 0, tzinfo=UTC)
BAD, SALES, DIFFERING, FIRST_BUYER, BILLED = "BADSHOP", 90, 60, 5000, 4
ACCOUNT = "6217850100007893905"
HOSTILE = '=坏<script>alert("1")</script>&]]>{{ 1 + 1 }}'
RULES = ["document-amount", "platform-failed-checks", "payment-refuted"]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Six honest shops, and one with a hostile name, wrong amounts, failed checks and refuted payments."""
    documents = [
        document
        for number in range(6)
        for no in range(30)
        for document in sale(f"HONEST{number}", no, 100 * number + no, day=no, agent=f"A{number % 4}")
    ]
    called = {"ebpName": HOSTILE, "ebcName": HOSTILE}
    for no in range(SALES):
        paid = {"ebpName": HOSTILE, **({"amountPaid": "70"} if no < DIFFERING else {})}
        documents += sale(
            BAD,
            no,
            FIRST_BUYER + no,
            day=no % 60,
            order_says=called,
            inventory_says=called,
            payment_says=paid,
        )
    # Of those that are billed one more sale stands under the first declaration.
    declared = {no: 0 if no == BILLED else no for no in range(SALES)}
    documents += [receipt(f"{BAD}-{no:05d}", invtNo=f"01002024100{at:07d}") for no, at in declared.items()]
    documents += [tax_bill(no, "1901101000", 9) for no in range(BILLED)]
    documents += [paid_into(BAD, no, ACCOUNT) for no in range(SALES)]
    documents += [signed(f"W-{BAD}-00000"), cancel("00001", BAD)]
    documents += [check(BAD, "fail", what=what) for what in ("can_login", "can_register", "goods_shipped")]
    documents += [reply(BAD, no, "no_fund_flow") for no in range(6)]
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), documents, RULES) as office:
        yield office


@pytest.fixture(scope="module")
def ledger(office: Office) -> Ledger:
    return office.desk.ledger


def about_bad(office: Office) -> dict[str, FindingRecord]:
    """Rule → its finding about the bad shop as a platform."""
    return {
        one.rule: one
        for one in office.casebook.findings()
        if one.subject["key"] == BAD and one.subject["kind"] == "Platform"
    }


@pytest.fixture(scope="module")
def bad(office: Office) -> dict[str, FindingRecord]:
    found = about_bad(office)
    assert set(found) == set(RULES), [(one.rule, one.subject) for one in office.casebook.findings()]
    return found


@pytest.fixture(scope="module")
def masked(
    office: Office, ledger: Ledger, bad: dict[str, FindingRecord], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The folder of a dossier of all three findings, and its manifest."""
    out = tmp_path_factory.mktemp("dossier") / "out"
    ids = [bad[rule].id for rule in RULES]
    return out, export_dossier(ledger, office.casebook, office.graph, ids, out, at=AT)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def told(cell: object) -> object:
    """A cell as what it says: 3 in a workbook is 3.0 in a CSV file."""
    try:
        return float(str(cell))
    except ValueError:
        return cell


def all_text(folder: Path) -> str:
    """Everything that a folder holds as text, what is packed in workbooks and archives included."""
    parts = []
    for path in folder.iterdir():
        if path.suffix in (".xlsx", ".zip"):
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(name).decode("utf-8") for name in archive.namelist()]
        else:
            parts.append(path.read_text("utf-8"))
    return "\n".join(parts)


def raw_values() -> set[str]:
    """Identity number, name, phone and address of every buyer of the bad shop, and the payee's account."""
    return {ACCOUNT, *(value for no in range(SALES) for value in person(FIRST_BUYER + no))}


def test_the_manifest_holds_every_file_to_its_fingerprint(masked: tuple[Path, dict[str, Any]]) -> None:
    out, manifest = masked
    assert json.loads((out / "manifest.json").read_text("utf-8")) == manifest
    listed = {file["name"]: file["sha256"] for file in manifest["files"]}
    assert set(listed) == {path.name for path in out.iterdir()} - {"manifest.json"}
    assert listed == {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in listed}
    assert manifest["versions"]["ledger"] == 1
    assert set(manifest["versions"]) == {"ledger", "ledger_detected", "graph", "casebook", "rules"}
    assert {one["rule"] for one in manifest["findings"].values()} == set(RULES)


def test_every_piece_of_evidence_is_in_it_not_only_what_the_finding_lists(
    masked: tuple[Path, dict[str, Any]], bad: dict[str, FindingRecord]
) -> None:
    out, manifest = masked
    amounts = bad["document-amount"]
    assert (len(amounts.evidence["ids"]), amounts.evidence["count"]) == (50, DIFFERING)
    listed = [row["id"] for row in rows(out / "evidence.csv") if row["finding"] == amounts.id]
    assert listed == [f"{BAD}|{no:05d}" for no in range(DIFFERING)]
    assert manifest["notes"] == []
    kinds = {row["kind"] for row in rows(out / "documents.csv")}
    assert kinds == {
        *("orders", "payments", "waybills", "inventories", "receipts", "taxes", "raw_payments"),
        *("waybill_status", "cancels", "platform_verifications", "payment_verifications"),
    }
    for kind in ("orders", "payments", "waybills", "inventories", "receipts", "raw_payments"):
        named = {row["id"] for row in rows(out / "documents.csv") if row["kind"] == kind}
        assert named == set(listed)


def test_sales_behind_replies_are_there_too(
    office: Office, ledger: Ledger, bad: dict[str, FindingRecord], tmp_path: Path
) -> None:
    refuted = bad["payment-refuted"]
    export_dossier(ledger, office.casebook, office.graph, [refuted.id], tmp_path / "out", at=AT)
    assert [row["sale"] for row in rows(tmp_path / "out" / "sales.csv")] == [
        f"{BAD}|{no:05d}" for no in range(6)
    ]


def test_workbook_and_csv_say_the_same(masked: tuple[Path, dict[str, Any]]) -> None:
    out, manifest = masked
    book = openpyxl.load_workbook(out / "dossier.xlsx")
    assert book.sheetnames == list(manifest["counts"])
    for name, count in manifest["counts"].items():
        cells = [["" if c is None else c for c in row] for row in book[name].iter_rows(values_only=True)]
        with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.reader(handle))
        assert [list(map(told, row)) for row in cells] == [list(map(told, row)) for row in lines]
        assert len(cells) == count + 1


def test_the_tax_at_stake_is_what_orders_and_tax_bills_say(masked: tuple[Path, dict[str, Any]]) -> None:
    out, _ = masked
    told = json.loads((out / "dossier.json").read_text("utf-8"))["tax_at_stake"]
    sales = rows(out / "sales.csv")
    assert told["sales"] == len(sales) == DIFFERING
    assert Decimal(told["declared"]) == sum(Decimal(row["tax_declared"]) for row in sales)
    assert Decimal(told["dutiable_value"]) == sum(Decimal(row["dutiable_value"]) for row in sales)
    assert len({row["declaration_number"] for row in sales[: BILLED + 1]}) == BILLED
    assert (Decimal(told["billed"]), told["declarations_billed"], told["hidden"]) == (9 * BILLED, BILLED, [])
    assert "no assessment" in told["is_not"]["en"]


def test_the_timeline_holds_every_sale_and_the_finding(masked: tuple[Path, dict[str, Any]]) -> None:
    out, _ = masked
    told = json.loads((out / "dossier.json").read_text("utf-8"))["timeline"]
    assert sum(span["sales"] for span in told["sales"]) == DIFFERING
    assert told["unit"] == "week"
    assert {event["what"]["en"] for event in told["findings"]} == {"found"}
    assert len(told["findings"]) == 3


def test_the_graph_opens_and_says_what_the_picture_says(
    masked: tuple[Path, dict[str, Any]], bad: dict[str, FindingRecord]
) -> None:
    out, _ = masked
    one, other = nx.read_graphml(out / "graph.graphml"), nx.read_gexf(out / "graph.gexf")
    assert set(one) == set(other)
    assert {*one.edges()} == {*other.edges()}
    assert one.nodes[f"Platform:{BAD}"]["kind"] == other.nodes[f"Platform:{BAD}"]["kind"] == "Platform"
    assert "<script>" in one.nodes[f"Platform:{BAD}"]["label"]
    for finding in bad.values():
        assert one.has_edge(f"Finding:{finding.id}", f"Platform:{BAD}")
    assert {"CHECKED", "EVIDENCE_ABOUT", "ABOUT"} <= {edge["relation"] for *_, edge in one.edges(data=True)}


def test_the_page_can_be_read_alone(
    masked: tuple[Path, dict[str, Any]], bad: dict[str, FindingRecord]
) -> None:
    out, _ = masked
    page = (out / "dossier.html").read_text("utf-8")
    tree = html.fromstring(page)
    text = " ".join(tree.text_content().split())
    for finding in bad.values():
        assert finding.id in text
        looked = finding.denominator
        assert f"审查 {looked['looked_at']}，可判定 {looked['judgeable']}，发现 {looked['found']}" in text
    for part in ("摘要 Summary", "涉及税款 The tax at stake", "术语 Terms in plain words", "60 笔交易"):
        assert part in text, part
    assert tree.xpath("//script") == []
    assert re.findall(r"(?:src|href)=|url\(|@import|<link|<iframe", page) == []
    assert "@media print" in page
    assert len(tree.xpath("//*[local-name()='svg']")) == 4


def test_names_in_documents_never_become_markup(masked: tuple[Path, dict[str, Any]]) -> None:
    out, _ = masked
    assert "<script" not in (out / "dossier.html").read_text("utf-8")
    for path in (*out.glob("*.svg"), out / "graph.graphml", out / "graph.gexf"):
        etree.parse(path, etree.XMLParser(resolve_entities=False))  # well-formed, nothing forbidden in it
        assert "<script" not in path.read_text("utf-8")
    assert all(not row["subject_name"].startswith("=") for row in rows(out / "findings.csv"))


def test_no_label_of_a_picture_covers_another(
    masked: tuple[Path, dict[str, Any]], bad: dict[str, FindingRecord]
) -> None:
    out, _ = masked
    tree = etree.parse(out / f"picture-{bad['document-amount'].id}.svg")
    svg = "{http://www.w3.org/2000/svg}"
    boxes = [
        tuple(float(box.get(name)) for name in ("x", "y", "width", "height"))
        for box in tree.iter(f"{svg}rect")
    ]
    assert 20 <= len(boxes) <= 40
    for number, (x, y, wide, high) in enumerate(boxes):
        for left, top, width, height in boxes[:number]:
            assert x + wide <= left or left + width <= x or y + high <= top or top + height <= y
    for group in tree.iter(f"{svg}g"):
        (box,), texts = group.findall(f"{svg}rect"), group.findall(f"{svg}text")
        for text in texts:  # a letter of Chinese is as wide as it is high, others are not wider than that
            size = float(text.get("font-size"))
            wide = sum(size * (1 if ord(letter) > 0x2E7F else 0.6) for letter in text.text)
            assert wide <= float(box.get("width"))
    told = " ".join(tree.getroot().itertext())
    assert "未全部绘出 Not all are drawn" in told
    assert re.search(r"交易 sale: \d+ / 50", told)


def test_nothing_of_a_person_is_in_a_masked_dossier(
    office: Office,
    ledger: Ledger,
    masked: tuple[Path, dict[str, Any]],
    bad: dict[str, FindingRecord],
    tmp_path: Path,
) -> None:
    out, manifest = masked
    text = all_text(out)
    assert {value for value in raw_values() if value in text} == set()
    assert manifest["personal_values"] == {"masked": True}
    assert {row["name"] for row in rows(out / "persons.csv")} == {"人**", ""}  # the payee has no name
    packed = dossier_zip(ledger, office.casebook, office.graph, [bad["document-amount"].id], at=AT)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path)
    assert {value for value in raw_values() if value in all_text(tmp_path / "dossier")} == set()


def test_personal_values_come_with_a_line_that_is_kept_first(
    office: Office, ledger: Ledger, bad: dict[str, FindingRecord], tmp_path: Path
) -> None:
    before = len(accesses(office.casebook))
    finding = bad["document-amount"]
    asker = checked_asker(" Wang ", "legal", "case 2024-17", ("investigator", "legal"))
    manifest = export_dossier(
        ledger, office.casebook, office.graph, [finding.id], tmp_path / "out", at=AT, asker=asker
    )
    line, *others = accesses(office.casebook)
    assert len(others) == before
    assert line | {"number": 0} == {
        "number": 0,
        "by": "Wang",
        "role": "legal",
        "purpose": "case 2024-17",
        "at": "2024-07-01T02:00:00+00:00",
        "persons": DIFFERING,
        "findings": [finding.id],
    }
    assert manifest["personal_values"]["access"] == line["number"]
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert "no accounts yet" in manifest["personal_values"]["note"]
    told = all_text(tmp_path / "out")
    mine = {value for no in range(DIFFERING) for value in person(FIRST_BUYER + no)}
    assert {value for value in mine if value not in told} == set()
    persons = (tmp_path / "out" / "persons.csv").read_text("utf-8")
    assert person(FIRST_BUYER)[0] in persons
    page = (tmp_path / "out" / "dossier.html").read_text("utf-8")
    assert "This dossier holds personal values" in page
    for name in ("sales.csv", "graph.graphml", "graph.gexf", "dossier.json", f"picture-{finding.id}.svg"):
        other = (tmp_path / "out" / name).read_text("utf-8")  # they stay in one table and on the page
        assert {value for value in mine if value in other} == set()


def test_the_line_is_kept_even_where_the_dossier_never_comes_to_be(
    office: Office,
    ledger: Ledger,
    bad: dict[str, FindingRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = len(accesses(office.casebook))

    def broken(*_: object) -> None:
        assert list((tmp_path).rglob("*.csv")) == []  # nothing is written when the line is there
        assert len(accesses(office.casebook)) == before + 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(material, "tax_at_stake", broken)
    with pytest.raises(UnavailableError, match="No space left"):
        export_dossier(
            ledger,
            office.casebook,
            office.graph,
            [bad["document-amount"].id],
            tmp_path / "out",
            at=AT,
            asker=Asker("Wang", "legal", "case 2024-17"),
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("by", "role", "purpose", "told"),
    [
        (None, "legal", "case 2024-17", "name of who asks"),
        ("Wang", None, "case 2024-17", "role that may"),
        ("Wang", "intern", "case 2024-17", "role that may"),
        ("Wang", "legal", None, "need a purpose"),
        ("Wang", "legal", " x ", "need a purpose"),
        ("Wang", "legal", "x" * 501, "need a purpose"),
        ("W" * 81, "legal", "case 2024-17", "name of who asks"),
        ("Wang", "legal", "about 13812345678", "identity or telephone number"),
    ],
)
def test_who_says_too_little_gets_no_personal_values(
    by: str | None, role: str | None, purpose: str | None, told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        checked_asker(by, role, purpose, ("legal",))


def test_no_role_may_where_none_is_set() -> None:
    assert Settings(unmasked_roles="none").roles_unmasked == ()
    assert Settings(unmasked_roles=" a, b,").roles_unmasked == ("a", "b")
    with pytest.raises(BadInputError, match="no role may"):
        checked_asker("Wang", "legal", "case 2024-17", ())


@pytest.mark.parametrize(
    ("ids", "error"),
    [([], BadInputError), (["f-unknown"], NotFoundError), ([f"f-{no}" for no in range(51)], BadInputError)],
)
def test_findings_that_are_none_or_too_many_are_refused(
    office: Office, ledger: Ledger, tmp_path: Path, ids: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        export_dossier(ledger, office.casebook, office.graph, ids, tmp_path / "out", at=AT)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(
    office: Office, ledger: Ledger, bad: dict[str, FindingRecord], tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("mine")
    before = len(accesses(office.casebook))
    with pytest.raises(BadInputError, match="not an empty folder"):
        export_dossier(
            ledger,
            office.casebook,
            office.graph,
            [bad["document-amount"].id],
            tmp_path,
            at=AT,
            asker=Asker("Wang", "legal", "case 2024-17"),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert len(accesses(office.casebook)) == before


def test_what_is_too_much_is_said(
    office: Office,
    ledger: Ledger,
    bad: dict[str, FindingRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(material.behind, "MOST_IDS", 40)
    monkeypatch.setattr(material, "MOST_AROUND", 30)
    identity = bad["document-amount"].id
    manifest = export_dossier(ledger, office.casebook, office.graph, [identity], tmp_path / "out", at=AT)
    assert manifest["counts"]["evidence"] == 40
    assert manifest["notes"][0] == f"Of the evidence of {identity} 40 ids are listed, 20 are left out."
    assert "there are more" in manifest["notes"][1]
    assert manifest["notes"][0] in (tmp_path / "out" / "dossier.html").read_text("utf-8")
    monkeypatch.setattr(material, "MOST_SALES", 30)
    manifest = export_dossier(ledger, office.casebook, office.graph, [identity], tmp_path / "more", at=AT)
    assert manifest["counts"]["sales"] == 30
    assert any("40 sales stand behind the evidence, 30 are listed" in note for note in manifest["notes"])


def test_equal_findings_give_an_equal_dossier(
    office: Office,
    ledger: Ledger,
    bad: dict[str, FindingRecord],
    masked: tuple[Path, dict[str, Any]],
    tmp_path: Path,
) -> None:
    _, manifest = masked
    ids = [bad[rule].id for rule in RULES]
    again = export_dossier(ledger, office.casebook, office.graph, ids, tmp_path / "out", at=AT)
    assert again == manifest


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.50000", "1.50"),
        ("100", "100.00"),
        ("0.12345", "0.12345"),
        ("-2.00000", "-2.00"),
        ("1000.1", "1000.10"),
    ],
)
def test_amounts_are_told_exactly(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_what_people_did_about_a_finding_is_told(
    office: Office, ledger: Ledger, bad: dict[str, FindingRecord], tmp_path: Path
) -> None:
    identity = bad["platform-failed-checks"].id
    day = AT.date()
    decide(office.casebook, identity, "in case", expected="open", why="Handed to case 7.", by="Li", on=day)
    drafted = Instruction(
        *("", "platform", BAD, "hold", Decimal(1), AT, AT + timedelta(days=9), "Its checks failed."),
        *("finding", identity, None, "drafted"),
    )
    with office.casebook.change(shown=False) as change:
        kept = keep_draft(change, drafted, "Wang", AT)
    out = tmp_path / "out"
    export_dossier(ledger, office.casebook, office.graph, [identity], out, at=AT)
    page = " ".join(html.fromstring((out / "dossier.html").read_text("utf-8")).text_content().split())
    assert "Decided：in case（Li）Handed to case 7." in page
    assert f"Control instruction {kept.id}：hold，draftedIts checks failed." in page
    (finding,) = json.loads((out / "dossier.json").read_text("utf-8"))["findings"]
    assert [one["decision"] for one in finding["decisions"]] == ["in case"]
    assert [one["id"] for one in finding["instructions"]] == [kept.id]
