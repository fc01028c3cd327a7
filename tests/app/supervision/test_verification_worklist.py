"""What to check next: ordered by what a check would tell, a share by lot, and as files to fill in."""

import csv
import math
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from inspectors import DAY, Office, open_office
from ledger_documents import Document
from shops import check, cleared, sale

from app.errors import BadInputError
from app.handout import as_written, safe_cell
from app.supervision.verification import CHECKS, register
from app.supervision.worklist import Worklist, doubt, make_worklist, parameters_on, score_of
from app.supervision.worklist_files import FILLED_IN, GIVEN, write_worklist

PARAMETERS = parameters_on(DAY)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = open_office(tmp_path_factory.mktemp("office"))
    office.find("platform-traffic", "OLD", "high")
    office.find("platform-unverified", "NEVER", "high")
    office.find("consumer-reports", "MENDED", "critical", decision="false alarm")
    return office


def listed(office: Office, size: int = 20, share: float = 0.0, seed: int = 0) -> Worklist:
    return make_worklist(office.ledger, office.casebook, size=size, random_share=share, seed=seed)


def order(worklist: Worklist) -> list[str]:
    return [one.platform.code for one in worklist.chosen]


def test_the_score_is_volume_times_doubt_times_suspicion(office: Office) -> None:
    known = register(office.ledger, office.casebook).platforms
    assert doubt(known["NEVER"], 365) == 1.0
    assert doubt(known["FRESH"], 365) == pytest.approx(1 - 0.5 ** (1 / 365))
    assert doubt(known["OLD"], 365) == pytest.approx(1 - 0.5 ** (546 / 365))
    # Of six checks that apply one has a result, 121 days old.
    assert doubt(known["FAILED"], 365) == pytest.approx((5 + 1 - 0.5 ** (121 / 365)) / 6)
    assert score_of(known["NEVER"], PARAMETERS) == pytest.approx(math.log10(7))  # overdue is doubt already
    assert score_of(known["OLD"], PARAMETERS) == pytest.approx(
        math.log10(7) * doubt(known["OLD"], 365) * (1 + 2)
    )
    assert score_of(known["QUIET"], PARAMETERS) == 0.0


def test_never_checked_stale_and_suspected_come_before_fresh_ones(office: Office) -> None:
    made = listed(office)
    assert order(made)[:4] == ["OLD", "NEVER", "MENDED", "FAILED"]
    assert order(made).index("FRESH") > order(made).index("FAILED")
    why = {one.platform.code: (one.selection, one.why) for one in made.chosen}
    assert why["OLD"] == (
        "suspicion",
        "last result 546 days ago; 6 sales in the window; findings: platform-traffic (high)",
    )
    assert why["NEVER"] == ("routine", "never checked; 6 sales in the window")
    assert why["FAILED"][0] == "suspicion"  # a check failed
    assert why["MENDED"][0] == "routine"  # a false alarm is none
    assert order(listed(office, size=2)) == ["OLD", "NEVER"]


def test_the_random_share_is_drawn_from_all_that_sell_and_repeats_with_its_seed(office: Office) -> None:
    selling = {"NEVER", "OLD", "FRESH", "FAILED", "MENDED", "BIG", "LAST"}
    drawn: Counter[str] = Counter()
    for seed in range(120):
        made = listed(office, size=4, share=0.5, seed=seed)
        random = [one.platform.code for one in made.chosen if one.selection == "random"]
        assert (len(random), len(made.chosen)) == (2, 4)
        drawn.update(random)
    assert drawn.keys() == selling
    assert min(drawn.values()) > 15  # 34 each on average, whatever is known of them
    again = listed(office, size=4, share=0.5, seed=7)
    assert again == listed(office, size=4, share=0.5, seed=7)
    assert again.id != listed(office, size=4, share=0.5, seed=8).id
    # The share of a small list rounds to nobody: one is drawn all the same, unless none is wanted.
    assert listed(office, size=2, share=0.2).counts["random"] == 1
    assert listed(office, size=2, share=0.0).counts["random"] == 0
    assert listed(office, size=4, share=1.0).counts == {"random": 4, "suspicion": 0, "routine": 0}


@pytest.mark.parametrize(("size", "share"), [(0, 0.5), (3, -0.1), (3, 1.1)])
def test_a_size_or_share_that_is_none_is_refused(office: Office, size: int, share: float) -> None:
    with pytest.raises(BadInputError, match="work list"):
        listed(office, size=size, share=share)


def test_goods_that_cleared_are_there_with_their_link(office: Office) -> None:
    goods = {one.platform.code: one.goods for one in listed(office).chosen}
    assert [(good["item_name"], good["item_link"], good["sales"]) for good in goods["BIG"]] == [
        ("奶粉", "https://big.example/1", 2)
    ]
    assert goods["NEVER"] == ()  # nothing of it cleared


def test_the_list_is_as_of_a_day(office: Office) -> None:
    made = make_worklist(office.ledger, office.casebook, size=20, random_share=0.0, as_of=date(2024, 6, 1))
    assert made.as_of == date(2024, 6, 1)
    assert next(one for one in made.chosen if one.platform.code == "BIG").platform.state == "never"


def test_csv_and_xlsx_have_a_row_a_check_and_columns_to_fill_in(office: Office, tmp_path: Path) -> None:
    made = listed(office)
    written = write_worklist(tmp_path / "out", made)
    assert written == {"rows": 7 * len(made.chosen), "goods": 1}
    with (tmp_path / "out" / "worklist.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(rows[0]) == (*GIVEN, *FILLED_IN)
    assert [row["check"] for row in rows[:7]] == list(CHECKS)
    assert len({row["verificationId"] for row in rows}) == len(rows)
    assert {row["result"] for row in rows} == {""}
    looked_for = {row["check"] for row in rows if row["ebpCode"] == "BIG" and row["itemName"] == "奶粉"}
    assert looked_for == {"can_purchase", "goods_shipped", "goods_on_sale"}

    book = openpyxl.load_workbook(tmp_path / "out" / "worklist.xlsx")
    assert book.sheetnames == ["worklist", "goods", "help"]
    sheet = book["worklist"]
    shown = [dict(zip(GIVEN, row, strict=False)) for row in list(sheet.values)[1:]]
    for number, text in (("place", int), ("score", float)):
        assert [row.pop(number) for row in shown] == [text(row[number]) for row in rows]
    assert shown == [{name: row[name] or None for name in shown[0]} for row in rows]
    [choice] = sheet.data_validations.dataValidation
    assert choice.formula1 == '"pass,fail,unknown,not_applicable"'
    column = openpyxl.utils.get_column_letter(1 + len(GIVEN) + FILLED_IN.index("result"))
    assert str(choice.sqref) == f"{column}2:{column}{len(rows) + 1}"
    assert [cell for row in book["goods"].values for cell in row if cell == "https://big.example/1"]


def test_equal_lists_are_equal_files_and_a_folder_is_not_written_over(office: Office, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_worklist(tmp_path / name, listed(office))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    with pytest.raises(BadInputError, match="not an empty folder"):
        write_worklist(tmp_path / "one", listed(office))


def test_a_name_that_a_spreadsheet_would_run_is_made_safe(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    evil: list[Document] = []
    for no in range(3):
        evil += sale("EVIL", no, 700 + no, day=100 + no, inventory_says={"itemNo": "x"})
        evil += [cleared("EVIL", no)]
    for document in evil:
        for kind, row in document:
            if kind == "inventory_items":
                row["itemName"] = "=cmd|' /C calc'!A1"
    office.desk.load(*evil, check("EVIL", "unknown"))
    write_worklist(tmp_path / "out", listed(office))
    for name in ("worklist.csv", "goods.csv"):
        text = (tmp_path / "out" / name).read_text("utf-8-sig")
        assert "'=cmd|" in text
        assert ",=cmd|" not in text
    book = openpyxl.load_workbook(tmp_path / "out" / "worklist.xlsx")
    assert not [
        cell.coordinate for sheet in book for row in sheet.rows for cell in row if cell.data_type == "f"
    ]
    assert as_written(safe_cell("=1+1")) == "=1+1"
    assert as_written("'tis") == "'tis"
