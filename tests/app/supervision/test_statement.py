"""The statement for one person: when, where, what, how much, and what is left at most."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ledger_desk import Desk
from ledger_documents import Document
from quota_documents import buys, cancels, returns
from shops import person

from app.casebook.store import Casebook
from app.cli.console import plain
from app.errors import BadInputError
from app.supervision.protection import consumer_key, protect
from app.supervision.statement import page, statement
from loaders.contract import Keys

ME, SOMEBODY = 1, 2
NUMBER, NAME, PHONE, ADDRESS = person(ME)


def _documents() -> list[Document]:
    documents = [
        *buys("SHOP000001", 1, ME, price="100", merchant="TRADER"),
        *buys("SHOP000001", 2, ME, day=1, price="200"),
        *buys("SHOP000001", 3, ME, day=2, price="300"),
        *buys("OTHER", 4, ME, day=3, price="400", status="100", info="1327,不一致"),
        *buys("OTHER", 5, ME, day=4, price="500", status=None),
        *buys("OTHER", 6, SOMEBODY, day=5, price="600", declared_for=ME),
        *buys("OTHER", 7, ME, day=6, price="700", declared_for=SOMEBODY),
        *buys("OTHER", 8, ME, day=-30, price="800"),
        *cancels("SHOP000001", 2),
        *returns("SHOP000001", 3, 1),
        buys("OTHER", 9, ME, day=7, price="900")[0],
    ]
    documents.append([("enterprises", {"code": "SHOP000001", "name": "<b>洋货&店</b>", "roles": "platform",
                                       "asOf": "2024-01-01"})])  # fmt: skip
    report = {"reportId": "R1", "reportedAt": "2024-02-01T10:00:00", "buyerIdNumber": NUMBER}
    documents.append([("consumer_reports", {**report, "kind": "not_my_order", "ebpCode": "OTHER"})])
    return documents


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Casebook]]:
    folder = tmp_path_factory.mktemp("statement")
    desk, book = Desk(folder / "data", Keys(bytes(32))), Casebook.open(f"sqlite:///{folder / 'book.sqlite'}")
    desk.load(*_documents())
    assert desk.rows("SELECT reason FROM rejects") == []
    key = consumer_key(desk.keys, NUMBER)
    said: dict[str, Any] = {"why": "asked for it", "by": "officer 7", "on": date(2024, 3, 1)}
    protect(book, key, "watched", since=date(2024, 3, 1), until=None, **said)
    yield desk, book
    book.close()


def told(office: tuple[Desk, Casebook], number: str = NUMBER, **asked: Any) -> dict[str, Any]:
    desk, book = office
    return statement(desk.ledger, book, desk.keys, number, **asked)


def test_every_sale_is_told_with_its_state_and_what_it_counts(office: tuple[Desk, Casebook]) -> None:
    sales = {sale["sale_id"]: sale for sale in told(office)["sales"]}
    shown = {
        no: (sale["state"], sale["dutiable"], sale["given_back"], sale["counted"])
        for no, sale in ((sale["order_no"], sale) for sale in sales.values())
    }
    assert shown == {
        "00001": ("accepted", 200, 0, 200),
        "00002": ("cancelled", 400, 400, 0),
        "00003": ("accepted", 600, 300, 300),
        "00004": ("not accepted", 800, 0, 0),
        "00005": ("pending", 1000, 0, 1000),
        "00006": ("accepted", 1200, 0, 1200),
        "00007": ("declared for another", 1400, 0, 0),
        "00008": ("accepted", 1600, 0, 1600),
        "00009": ("not declared", 1800, 0, 0),
    }
    first = sales["SHOP000001|00001"]
    assert (first["platform_name"], first["merchant"], first["merchant_name"]) == (
        "<b>洋货&店</b>",
        "TRADER",
        "平台TRADER",
    )
    assert (first["declared"], first["receipt_status"], first["agent"]) == (date(2024, 1, 9), "899", "A1")
    assert first["site"] == "0100-Q1"
    assert [(line["name"], line["qty"], line["total"]) for line in first["goods"]] == [("奶粉", 1, 100)] * 2
    # Of what was not declared, the order's goods.
    assert [line["total"] for line in sales["OTHER|00009"]["goods"]] == [900, 900]


def test_what_is_left_is_left_at_most(office: tuple[Desk, Casebook]) -> None:
    years = told(office)["years"]
    assert [(row["year"], row["used"], row["given_back"], row["left_at_most"]) for row in years] == [
        (2023, 1600, 0, 24400),
        (2024, 2700, 700, 23300),
    ]
    assert (years[1]["sales"], years[1]["pending"], years[1]["limit"]) == (4, 1, 26000)
    assert "at most" in told(office)["note"]["en"]


def test_one_year_alone(office: tuple[Desk, Casebook]) -> None:
    of_2023 = told(office, year=2023)
    assert [row["year"] for row in of_2023["years"]] == [2023]
    assert [sale["order_no"] for sale in of_2023["sales"]] == ["00008"]
    none = told(office, year=2018)
    assert none["sales"] == []
    assert [(row["limit"], row["left_at_most"]) for row in none["years"]] == [(20000, 20000)]


def test_somebody_of_whom_nothing_is_known_has_the_whole_limit(office: tuple[Desk, Casebook]) -> None:
    nobody = told(office, "110101199001018888")
    assert (nobody["sales"], nobody["reports"], nobody["person"]["masked_name"]) == ([], [], None)
    assert [row["left_at_most"] for row in nobody["years"]] == [Decimal(26000)]
    assert "没有记录" in page(nobody)


def test_reports_and_protection_are_told(office: tuple[Desk, Casebook]) -> None:
    mine = told(office)
    assert [(row["report"], row["kind"], row["platform"]) for row in mine["reports"]] == [
        ("R1", "not_my_order", "OTHER")
    ]
    assert [(row["level"], row["since"]) for row in mine["protection"]] == [("watched", date(2024, 3, 1))]


def test_no_personal_value_is_in_it(office: tuple[Desk, Casebook]) -> None:
    mine = told(office)
    for text in (json.dumps(mine, default=plain, ensure_ascii=False), page(mine)):
        for value in (NUMBER, NUMBER[3:16], NAME, PHONE, ADDRESS, *person(SOMEBODY)):
            assert value not in text
    assert mine["person"]["masked_number"] == "110*************01"
    assert mine["person"]["masked_name"] == "人**"
    with pytest.raises(BadInputError) as refused:
        told(office, f"{NUMBER}\n{NUMBER}")
    assert NUMBER not in str(refused.value)


class _Tags(HTMLParser):
    """Whether every tag that is opened is closed, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        if tag not in ("meta", "br"):
            self.open.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_whole_speaks_both_languages_and_asks_nobody(office: tuple[Desk, Casebook]) -> None:
    html = page(told(office))
    parsed = _Tags()
    parsed.feed(html)
    assert parsed.open == []
    assert parsed.rows == 2 + 2 + 9
    text = " ".join(parsed.text)
    for part in ("最多剩余", "Left at most", "23,300.00", "<b>洋货&店</b>", "已撤单", "not my order", "关注"):
        assert part in text
    assert "@media print" in html
    assert not re.search(r"https?://|url\(|<script", html)


def test_every_state_status_and_kind_has_its_label() -> None:
    import yaml

    folder = Path(__file__).parents[3] / "app" / "supervision"
    labels = yaml.safe_load((folder / "templates" / "statement_labels.yaml").read_text("utf-8"))
    assert all(text["zh"] and text["en"] for group in labels.values() for text in group.values())
    sql = (folder / "sql" / "statement_sales.sql").read_text("utf-8")
    sql += (folder.parent / "detection" / "tallies" / "quota_sales.sql").read_text("utf-8")
    assert set(re.findall(r"THEN '([a-z ]+)'", sql)) | {"accepted"} == set(labels["state"])
