"""What the positive list of a day lacks: asked once of a span of days within which the list says the same."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from app.assessment.listed_goods import LISTED, ListedGoods
from loaders.contract import KINDS
from loaders.ledger.at_hand import SaleAtHand
from loaders.ledger.views import connection

LIST = pa.Table.from_pylist(
    [
        {"gcode": "3304", "tradeModes": "1210", "validFrom": date(2024, 1, 10), "validTo": date(2024, 1, 20)},
        {"gcode": "1901", "tradeModes": None, "validFrom": date(2024, 1, 15), "validTo": date(2024, 1, 17)},
        {"gcode": "1901", "tradeModes": "9610", "validFrom": date(2024, 1, 25), "validTo": None},
    ],
    schema=LISTED,
)
CODES = ["1901101000", "3304990010"]
UNLISTED = {
    date(2024, 1, 9): None,  # no list of that day
    date(2024, 1, 10): ("1901101000",),
    date(2024, 1, 14): ("1901101000",),
    date(2024, 1, 15): (),
    date(2024, 1, 17): (),
    date(2024, 1, 18): ("1901101000",),
    date(2024, 1, 20): ("1901101000",),
    date(2024, 1, 21): None,
    date(2024, 1, 24): None,
    date(2024, 1, 25): ("1901101000", "3304990010"),
    date(2030, 1, 1): ("1901101000", "3304990010"),
}


def _unlisted(goods: ListedGoods, day: date, mode: str = "1210") -> tuple[str, ...] | None:
    empty = dict.fromkeys(KINDS["inventory_items"].schema.names)
    lines = [empty | {"ebpCode": "E1", "orderNo": "O1", "gcode": code, "gname": "x"} for code in CODES]
    row = dict.fromkeys(("platform", "merchant", "agent"), "E1") | {
        "sale_id": "E1|O1",
        "trade_mode": mode,
        "decl_date": day,
        "last_date": day,
        "goods": CODES,
    }
    return goods.unlisted(LIST, [SaleAtHand("E1|O1", {}, {"inventory_items": lines})], [row]).get("E1|O1")


@pytest.mark.parametrize("day", UNLISTED)
def test_of_a_day(tmp_path: Path, day: date) -> None:
    with connection(tmp_path) as opened:
        assert _unlisted(ListedGoods(opened), day) == UNLISTED[day]


@pytest.mark.parametrize("most", [3, 100_000])
def test_what_was_asked_before_changes_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("app.assessment.listed_goods._MOST_KNOWN", most)
    days = [date(2024, 1, 5) + timedelta(days=number) for number in range(30)]
    with connection(tmp_path) as opened, connection(tmp_path) as another:
        same = ListedGoods(opened)
        for mode in ("1210", "9610"):
            for day in days:
                assert _unlisted(same, day, mode) == _unlisted(ListedGoods(another), day, mode), day


def test_another_list_is_asked_anew(tmp_path: Path) -> None:
    with connection(tmp_path) as opened:
        goods = ListedGoods(opened)
        assert _unlisted(goods, date(2024, 1, 10)) == ("1901101000",)
        empty: list[SaleAtHand] = []
        assert goods.unlisted(LISTED.empty_table(), empty, []) == {}
        assert _unlisted(goods, date(2024, 1, 10)) == ("1901101000",)
