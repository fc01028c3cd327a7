"""Referrals: what is drawn and kept, what goes out once, and how replies are matched and counted."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ledger_desk import Desk
from ledger_documents import Document, alias, payment
from shops import paid_into, reply, sale
from sqlalchemy import insert, select

from app.casebook.models import Base, DerivedRelationship
from app.casebook.store import Casebook
from app.errors import BadInputError, NotFoundError
from app.supervision.referral_answers import answers, items_with_answers, progress
from app.supervision.referral_export import COLUMNS, export_referral
from app.supervision.referral_file import check_replies
from app.supervision.referral_parameters import parameters_on
from app.supervision.referrals import draw, items_of, referral, referrals
from loaders.contract import Keys

DROP = ("waybill", "inventory")
FROM, TO = date(2024, 1, 8), date(2024, 3, 31)
NOW = datetime(2024, 4, 1, 2, 30, tzinfo=UTC)
DUE = date(2024, 5, 1)
ACCOUNT = "6217000011112222333"


class Books:
    """A ledger and a casebook side by side."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder / "data", Keys.open(folder / "key"))
        self.casebook = Casebook.open(f"sqlite:///{folder / 'casebook.sqlite'}")

    @property
    def ledger(self) -> Any:
        return self.desk.ledger

    def draw(self, company: str = "PAY", since: date = FROM, until: date = TO, **more: Any) -> str:
        more = {"by": "Wang", "at": NOW, **more}
        return draw(self.ledger, self.casebook, company, since, until, **more)

    def progress(self, reference: str, today: date = date(2024, 4, 2)) -> dict[str, Any]:
        (row,) = progress(self.ledger, self.casebook, today, reference)
        return row

    def export(self, reference: str, out: Path, **more: Any) -> dict[str, Any]:
        return export_referral(self.ledger, self.casebook, reference, out, by="Wang", at=NOW, **more)


def sells(platform: str, numbers: Iterable[int], company: str = "PAY", **more: Any) -> list[Document]:
    """Sales of a platform, a day apart."""
    return [
        document
        for no in numbers
        for document in sale(platform, no, no, day=no % 80, company=company, drop=DROP, **more)
    ]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """One company: a captive platform, two others, raw payment data of every second sale; another company."""
    books = Books(tmp_path)
    documents = [*sells("CAPTIVE", range(60)), *sells("ONE", range(30)), *sells("TWO", range(10))]
    documents += sells("ELSEWHERE", range(5), "OTHER")
    documents += [
        paid_into(
            "CAPTIVE", no, ACCOUNT, company="PAY", number=f"CLEAR-{no:03d}", recpName="=李四", recpCode="M9"
        )
        for no in range(0, 60, 2)
    ]
    books.desk.load(*documents)
    captive = ("CAPTIVE_TO", "Enterprise", "CAPTIVE", "Enterprise", "PAY", "payment-captives", "{}")
    names = [column.name for column in DerivedRelationship.__table__.columns]
    with books.casebook.change() as change:
        change.connection.execute(insert(DerivedRelationship), dict(zip(names, captive, strict=True)))
    return books


def test_a_sample_is_drawn_by_strata_and_says_why_it_is_so_large(books: Books) -> None:
    reference = books.draw(half_width=0.1)
    assert reference == "PR-2024-00001"
    head = referral(books.casebook, reference)
    assert (head["method"], head["population"], head["asked"]) == ("sample", 100, 49 + 1)
    assert head["strata"] == {
        "CAPTIVE (captive)": {"payments": 60, "asked": 30},
        "other platforms": {"payments": 40, "asked": 20},
    }
    assert "50 of 100 payments" in head["argument"]
    assert (head["due"], head["drawn_by"], head["company"]) == (DUE.isoformat(), "Wang", "PAY")
    items = items_of(books.casebook, reference)
    assert [item["number"] for item in items] == list(range(1, 51))
    assert {item["stratum"] for item in items if item["platform"] == "CAPTIVE"} == {"CAPTIVE (captive)"}


def test_both_numbers_of_a_payment_are_kept_and_no_account_is(books: Books) -> None:
    reference = books.draw(everything=True)
    items = {item["sale"]: item for item in items_of(books.casebook, reference)}
    assert len(items) == 100
    both, one = items["CAPTIVE|00004"], items["CAPTIVE|00005"]
    assert (both["pay_number"], both["clearing_number"], both["ver_dept"]) == (
        "T-CAPTIVE-00004",
        "CLEAR-004",
        "3",
    )
    assert (one["pay_number"], one["clearing_number"]) == ("T-CAPTIVE-00005", None)
    assert (one["amount"], one["currency"], one["paid_at"]) == (
        "100.00000",
        "142",
        "2024-01-13T10:30:00+08:00",
    )
    with books.casebook.read() as connection:
        kept = repr([list(connection.execute(select(table))) for table in Base.metadata.tables.values()])
    assert "CLEAR-004" in kept
    assert ACCOUNT not in kept
    assert "李四" not in kept


def test_the_same_reference_draws_the_same_and_the_next_one_others(tmp_path: Path) -> None:
    drawn = []
    for name in ("a", "b"):
        books = Books(tmp_path / name)
        books.desk.load(*sells("ONE", range(80)))
        references = [books.draw(half_width=0.2), books.draw(half_width=0.2)]
        drawn.append([[item["sale"] for item in items_of(books.casebook, one)] for one in references])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


def test_the_period_is_of_days_of_payment_both_included(books: Books) -> None:
    reference = books.draw(since=date(2024, 1, 10), until=date(2024, 1, 11), everything=True)
    days = {item["paid_at"][:10] for item in items_of(books.casebook, reference)}
    assert days == {"2024-01-10", "2024-01-11"}
    assert referral(books.casebook, reference)["population"] == 6


def test_what_one_payment_covers_is_asked_about_once_and_what_has_no_number_is_counted(
    tmp_path: Path,
) -> None:
    books = Books(tmp_path)
    together = {"payTransactionId": "TOGETHER"}
    documents = sells("ONE", range(2), payment_says=together, order_says=together)
    # An order that leaves the number out, whose payment never came.
    silent = sale(
        "ONE", 9, 9, company="PAY", drop=("payment", "waybill"), order_says={"payTransactionId": ""}
    )
    books.desk.load(*documents, *silent)
    head = referral(books.casebook, books.draw(everything=True))
    assert (head["population"], head["asked"], head["without_number"]) == (1, 1, 1)


def test_a_company_is_known_by_the_codes_that_were_merged_into_it(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.desk.load(
        *sells("ONE", range(6), "OLD"), *sells("TWO", range(6), "NEW"), alias("OLD", "NEW", "2024-01-11")
    )
    # A sale belongs to the company of the day of its last document.
    assert referral(books.casebook, books.draw("NEW", everything=True))["population"] == 9
    assert referral(books.casebook, books.draw("OLD", everything=True))["population"] == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"since": TO, "until": FROM}, "before it begins"),
        ({"by": "  "}, "needs the name"),
        ({"half_width": 0.7}, "is no half-width"),
        ({"half_width": 0.1, "everything": True}, "that of a sample"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_leaves_nothing(
    books: Books, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInputError, match=said):
        books.draw(**given)
    assert referrals(books.casebook) == []


def test_an_unknown_company_or_an_empty_period_is_said(books: Books) -> None:
    with pytest.raises(NotFoundError, match="no payment with a number through NOBODY"):
        books.draw("NOBODY")
    with pytest.raises(NotFoundError, match="from 2023-01-01 to 2023-01-31"):
        books.draw(since=date(2023, 1, 1), until=date(2023, 1, 31))
    with pytest.raises(NotFoundError, match="There is no referral"):
        referral(books.casebook, "PR-2024-00009")


def test_a_referral_leaves_the_casebook_s_sequence_where_it_is(books: Books) -> None:
    """It gives the graph nothing, so that the graph is not behind for it."""
    seq = books.casebook.seq()
    books.draw()
    assert books.casebook.seq() == seq


def test_parameters_hold_from_their_days() -> None:
    assert parameters_on(date(2024, 1, 1)).answer_days == 30
    assert parameters_on(date(2000, 1, 1)).half_width == 0.05


def test_it_goes_out_in_three_forms_with_the_payee_and_no_formula(books: Books, tmp_path: Path) -> None:
    reference = books.draw(everything=True)
    out = tmp_path / "out"
    manifest = books.export(reference, out)
    assert {path.name for path in out.iterdir()} == {
        "manifest.json",
        "referral.json",
        "referral.xlsx",
        "transactions.csv",
    }
    told = json.loads((out / "referral.json").read_text("utf-8"))
    assert (told["referralId"], told["due"], len(told["transactions"])) == (reference, DUE.isoformat(), 100)
    row = next(
        one for one in told["transactions"] if one["orderNo"] == "00004" and one["ebpCode"] == "CAPTIVE"
    )
    assert list(row) == list(COLUMNS)
    assert (row["payTransactionId"], row["clearingTransactionId"]) == ("T-CAPTIVE-00004", "CLEAR-004")
    assert (row["recpAccount"], row["recpName"]) == (ACCOUNT, "=李四")
    with (out / "transactions.csv").open(encoding="utf-8-sig", newline="") as handle:
        flat = list(csv.DictReader(handle))
    assert [one["recpName"] for one in flat if one["clearingTransactionId"] == "CLEAR-004"] == ["'=李四"]
    sheet = openpyxl.load_workbook(out / "referral.xlsx")["transactions"]
    assert sheet.max_row == 101
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert {file["name"] for file in manifest["files"]} == {path.name for path in out.iterdir()} - {
        "manifest.json"
    }


def test_it_goes_out_once_unless_a_second_copy_is_asked_for(books: Books, tmp_path: Path) -> None:
    reference = books.draw(half_width=0.2)
    books.export(reference, tmp_path / "first")
    with pytest.raises(BadInputError, match="was exported by Wang"):
        books.export(reference, tmp_path / "second")
    assert not (tmp_path / "second").exists()
    books.export(reference, tmp_path / "third", again=True)
    exports = referral(books.casebook, reference)["exports"]
    assert [(one["number"], one["by"]) for one in exports] == [(1, "Wang"), (2, "Wang")]
    assert exports[0]["sha256"] == exports[1]["sha256"]
    assert books.progress(reference)["status"] == "exported"


def test_no_copy_is_out_before_its_note_is_kept(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, noted = books.draw(half_width=0.2), []
    rename = Path.rename

    def renamed(path: Path, target: Path) -> Path:
        noted.append(len(referral(books.casebook, reference)["exports"]))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", renamed)
    books.export(reference, tmp_path / "out")
    assert noted == [1]


def test_an_export_that_cannot_be_written_is_not_noted(books: Books, tmp_path: Path) -> None:
    reference = books.draw()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(BadInputError, match="not an empty folder"):
        books.export(reference, tmp_path / "taken")
    assert referral(books.casebook, reference)["exports"] == []
    with pytest.raises(BadInputError, match="needs the name"):
        export_referral(books.ledger, books.casebook, reference, tmp_path / "out", by=" ", at=NOW)


def test_replies_are_matched_by_referral_and_either_number_and_counted(books: Books) -> None:
    reference = books.draw(everything=True)
    other = books.draw(everything=True)
    says = {"company": "PAY", "referral": reference}
    books.desk.load(
        reply("CAPTIVE", 0, "no_fund_flow", number="CLEAR-000", names_sale=False, **says),
        reply("CAPTIVE", 1, "genuine", names_sale=False, **says),
        reply("ONE", 0, "genuine", number="ANOTHER", **says),  # by the sale that it names
        reply("ONE", 1, "wrong_number", **says),
        reply("TWO", 0, "not_found", company="PAY"),  # names no referral: answers every one that asks
    )
    row = books.progress(reference)
    assert (row["answered"], row["open"], row["overdue"], row["status"]) == (5, 95, 0, "partly answered")
    assert row["results"] == {"genuine": 2, "no_fund_flow": 1, "not_found": 1, "says nothing": 1}
    assert books.progress(reference, date(2024, 5, 2))["overdue"] == 95
    assert books.progress(reference, DUE)["overdue"] == 0
    assert books.progress(other)["answered"] == 1
    states = {
        item["sale"]: item["state"] for item in items_with_answers(books.ledger, books.casebook, reference)
    }
    assert (states["CAPTIVE|00000"], states["ONE|00001"], states["ONE|00002"]) == (
        "no_fund_flow",
        "says nothing",
        "open",
    )


def test_the_share_of_all_payments_is_estimated_from_the_strata(books: Books) -> None:
    reference = books.draw(half_width=0.1)
    documents = []
    for item in items_of(books.casebook, reference):
        result = "no_fund_flow" if item["platform"] == "CAPTIVE" else "genuine"
        documents.append(
            reply(item["platform"], int(item["sale"][-5:]), result, company="PAY", referral=reference)
        )
    books.desk.load(*documents)
    row = books.progress(reference)
    assert (row["status"], row["open"]) == ("answered", 0)
    assert row["estimate"]["share"] == pytest.approx(0.6)
    assert 0.5 < row["estimate"]["low"] < 0.6 < row["estimate"]["high"] < 0.7


def test_a_later_reply_stands_and_an_earlier_one_is_kept(books: Books) -> None:
    reference = books.draw(everything=True)
    says = {"company": "PAY", "referral": reference}
    books.desk.load(
        reply("ONE", 0, "not_found", **says), reply("ONE", 0, "genuine", at="2024-03-09T10:00:00", **says)
    )
    row = books.progress(reference)
    assert (row["answered"], row["results"]) == (1, {"genuine": 1})
    assert len(answers(books.ledger, books.casebook).replies) == 2


def test_a_reply_about_a_payment_that_is_not_known_is_kept_and_listed(books: Books) -> None:
    books.desk.load(
        reply("LATE", 0, "no_fund_flow", company="PAY"),
        reply("ONE", 0, "genuine", company="PAY", referral="PR-X"),
    )
    told = {one["id"]: one for one in answers(books.ledger, books.casebook).replies}
    late, strange = (
        next(one for name, one in told.items() if name.startswith(f"R-{of}")) for of in ("LATE", "ONE")
    )
    assert (late["payment"], late["referral"], late["answers"]) == ("not known yet", None, [])
    assert (strange["payment"], strange["referral"]) == ("known", "unknown")
    books.desk.load(*sells("LATE", [0]))
    told = {one["id"]: one for one in answers(books.ledger, books.casebook).replies}
    assert told[late["id"]]["payment"] == "known"


TODAY = date(2024, 5, 1)
HEADER = "verificationId,referralId,payCode,payTransactionId,repliedAt,result\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["V1,PR-2024-00007,PAY,T-ONE-00000,2024-04-05,genuine"],
            "line 2, referralId: there is no such referral",
        ),
        (
            ["V1,{0},PAY,T-ONE-00099,2024-04-05,genuine"],
            "line 2, payTransactionId: the referral does not ask",
        ),
        (
            ["V1,{0},OTHER,T-ONE-00000,2024-04-05,genuine"],
            "line 2, payCode: the referral asks about payments of",
        ),
        (["V1,{0},PAY,T-ONE-00000,2024-04-05,forged"], "line 2, result: must be one of genuine"),
        (
            ["V1,{0},PAY,T-ONE-00000,2024-04-05,genuine", "V2,{0},PAY,,2024-04-05,genuine"],
            "line 3, payTransactionId",
        ),
        (["V1,{0},PAY,T-ONE-00000,someday,genuine"], "line 2, repliedAt"),
        (["V1,{0},PAY,T-ONE-00000,2024-05-02,genuine"], "line 2, repliedAt: is after today, 2024-05-01"),
        (
            ["OLD,,PAY,T-TWO-00000,2020-01-01,not_found"],
            "line 2, repliedAt: the ledger has this reply otherwi",
        ),
        ([], "the file: it holds no reply"),
        (
            ["V1,{0},PAY,T-ONE-00000,2024-04-05,genuine", "V1,{0},PAY,T-ONE-00001,2024-04-05,genuine"],
            "line 3, verificationId: stands in line 2 already",
        ),
        (
            ["V1,{0},PAY,T-ONE-00000,2024-04-05,genuine", "V2,{0},PAY,T-ONE-00000,2024-04-05,not_found"],
            "line 3, result: contradicts line 2",
        ),
        (
            ["OLD,{0},PAY,T-ONE-00000,2024-04-05,genuine"],
            "line 2, verificationId: is known as that of a reply about",
        ),
    ],
)
def test_a_file_of_replies_with_a_mistake_is_refused_with_line_column_and_reason(
    books: Books, tmp_path: Path, lines: list[str], said: str
) -> None:
    reference = books.draw(everything=True)
    old = reply("TWO", 0, "genuine", company="PAY")
    books.desk.load([(kind, {**row, "verificationId": "OLD"}) for kind, row in old])
    version = books.ledger.version
    path = tmp_path / "payment_verifications.csv"
    path.write_text(HEADER + "".join(line.format(reference) + "\n" for line in lines), "utf-8")
    with pytest.raises(BadInputError) as refused:
        check_replies(path, books.ledger, books.casebook, books.desk.keys, today=TODAY)
    assert said in str(refused.value)
    assert "T-ONE" not in str(refused.value)  # never a value
    assert books.ledger.version == version


def test_a_file_of_replies_without_a_mistake_passes(books: Books, tmp_path: Path) -> None:
    reference = books.draw(everything=True)
    path = tmp_path / "payment_verifications.csv"
    rows = [
        f"V1,{reference},PAY,T-ONE-00000,2024-04-05,genuine",
        f"V2,{reference},PAY,CLEAR-000,2024-04-05,no_fund_flow",
        "V3,,PAY,UNHEARD-OF,2024-04-05,not_found",  # a reply without a referral, about whatever
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    check_replies(path, books.ledger, books.casebook, books.desk.keys, today=TODAY)


def test_a_file_of_something_else_is_refused(books: Books, tmp_path: Path) -> None:
    path = tmp_path / "payments.jsonl"
    path.write_text(json.dumps(payment()[0][1]) + "\n", "utf-8")
    with pytest.raises(BadInputError, match="it holds payments"):
        check_replies(path, books.ledger, books.casebook, books.desk.keys, today=TODAY)
