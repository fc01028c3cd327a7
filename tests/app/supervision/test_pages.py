"""The page of a portrait: all that is known on one printable page, nothing loaded, nobody named."""

import re
from datetime import date
from pathlib import Path

import pytest
from firms import BAD, HONEST, IDLE, LAST, District, documents, finding, firm, shop
from lxml import html
from shops import person

from app.errors import BadInputError, NotFoundError
from app.supervision.classes import rate
from app.supervision.emergency import adjust
from app.supervision.pages import export_pages, portrait_page
from app.supervision.pictures import history, radar

DAY = date(2025, 1, 8)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    district = District(tmp_path_factory.mktemp("district"), documents())
    district.found(finding(BAD, "critical"))
    for on, last in ((date(2024, 7, 1), date(2024, 6, 30)), (date(2025, 1, 5), LAST)):
        rate(district.ledger, district.casebook, on=on, first=date(2024, 1, 1), last=last, by="K01")
    adjust(
        district.ledger, district.casebook, BAD, "D", on=DAY, until=date(2025, 6, 30),
        reason="Goods <seized> & sold", evidence=["I1"], by="K02",
    )  # fmt: skip
    return district


@pytest.fixture(scope="module")
def page(district: District) -> str:
    return portrait_page(district.portray(), district.casebook, BAD, DAY)


def test_the_page_tells_class_score_indicators_findings_and_decisions(page: str) -> None:
    text = re.sub(r"\s+", " ", html.fromstring(page).text_content())
    for part in (
        *(f"企业{BAD}", "类别 Class", "应急调整 emergency", "高级认证"),
        *("金额不一致 Amounts differ", "12 / 40", "17.6–45.2 %"),
        *("platform-failed-checks", "because", "因为", "first rating", "Scorecard 1.0.0"),
        *("Goods <seized> & sold", "K02", "有效 in force"),
    ):
        assert part in text, part
    assert html.fromstring(page).xpath("//div[@class='class']/b/text()") == ["D"]


def test_pictures_are_drawn_in_the_page(page: str) -> None:
    tree = html.fromstring(page)
    assert len(tree.xpath("//svg[@class='radar']")) == 2  # as platform and as merchant
    (line,) = tree.xpath("//svg[@class='history']//polyline/@points")
    assert len(line.split()) == 2


def test_it_loads_nothing_runs_nothing_and_is_printable_without_colours(page: str) -> None:
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=|url\(|@import", page) == []
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    greys = {colour for colour in re.findall(r"#[0-9a-f]{3,6}", page) if len(set(colour[1:])) > 1}
    assert {colour for colour in greys if len(set(re.findall("..", colour[1:]))) > 1} == set()


def test_it_names_no_person(page: str) -> None:
    for who in range(1000, 1000 + 40):
        for value in person(who):
            assert value not in page


def test_a_day_before_a_decision_does_not_know_it(district: District) -> None:
    page = portrait_page(district.portray(), district.casebook, BAD, date(2024, 8, 1))
    assert "seized" not in page
    assert page.count("<circle") < portrait_page(district.portray(), district.casebook, BAD, DAY).count(
        "<circle"
    )


def test_who_was_never_rated_has_a_page_too(tmp_path: Path) -> None:
    new = District(tmp_path, [*shop(HONEST[0], 1, sales=3), firm(IDLE)])
    page = portrait_page(new.portray(), new.casebook, HONEST[0], DAY)
    assert "未评定" in page
    assert "数据不足" in page
    assert "期间无交易" in portrait_page(new.portray(), new.casebook, IDLE, DAY)
    with pytest.raises(NotFoundError):
        portrait_page(new.portray(), new.casebook, "NOBODY", DAY)


def test_every_enterprise_gets_a_page_in_a_new_folder(district: District, tmp_path: Path) -> None:
    portraits = district.portray()
    count = export_pages(portraits, district.casebook, tmp_path / "out", DAY)
    assert {file.stem for file in (tmp_path / "out").iterdir()} == set(portraits.rated_in)
    assert count == len(portraits.rated_in)
    with pytest.raises(BadInputError, match="not an empty folder"):
        export_pages(portraits, district.casebook, tmp_path / "out", DAY)


def test_a_radar_puts_more_points_farther_out() -> None:
    names = {name: ("组", name) for name in "abc"}
    small, large = (
        re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', radar(dict.fromkeys("abc", points), names))
        for points in (20.0, 80.0)
    )
    middle = 238.0, 166.0
    far = [
        [((float(x) - middle[0]) ** 2 + (float(y) - middle[1]) ** 2) ** 0.5 for x, y in points]
        for points in (small, large)
    ]
    assert far[0] == pytest.approx([24] * 3, abs=0.2)
    assert far[1] == pytest.approx([96] * 3, abs=0.2)


def test_a_history_goes_with_time_and_a_higher_score_is_higher() -> None:
    ratings = [
        {"on_day": date(2024, 1, 1), "score": 50.0, "class": "D"},
        {"on_day": date(2024, 7, 1), "score": 90.0, "class": "A"},
    ]
    drawn = history(ratings, [("A", 88, 100), ("D", 0, 88)])
    (x1, y1), (x2, y2) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert float(x1) < float(x2)
    assert float(y1) > float(y2)
    assert history(ratings[:1], [("D", 0, 100)]).count("<circle") == 1
