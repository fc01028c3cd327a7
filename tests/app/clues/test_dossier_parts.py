"""Parts of a dossier by themselves: pictures and graphs of anything, timelines, the tax at stake."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_export import FINDING

from app.clues.dossier.bars import timeline_svg
from app.clues.dossier.drawing import MOST_NODES, fitting, picture_svg
from app.clues.dossier.graphs import graph_around, write_graphs
from app.clues.dossier.tax import tax_at_stake
from app.clues.dossier.timeline import timeline
from app.clues.dossier.words import glossary, plain_text, words
from app.handout import Table

DAY = date(2024, 6, 30)
COLUMNS = (
    "currency",
    "tax_declared",
    "tax_billed",
    "dutiable_value",
    "paid_at",
    "declared_on",
    "last_day",
    "order_paid",
)
SVG = "{http://www.w3.org/2000/svg}"


def node(kind: str, key: str, name: str | None = None, **properties: Any) -> dict[str, Any]:
    return {"id": f"{kind}:{key}", "kind": kind, "key": key, "name": name, "properties": properties}


def edge(source: dict[str, Any], target: dict[str, Any], relation: str, **properties: Any) -> dict[str, Any]:
    return {"source": source["id"], "target": target["id"], "type": relation, "properties": properties}


def picture(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], cut: bool = False) -> dict[str, Any]:
    return {"nodes": nodes, "edges": edges, "cut": cut}


def star(leaves: int) -> dict[str, Any]:
    """A company and as many platforms, each with two sales."""
    company = node("PaymentCompany", "PAY", "支付")
    platforms = [node("Platform", f"P{no:05d}", f"平台{no}") for no in range(leaves)]
    sales = [node("Transaction", f"P{no:05d}|{twice}") for no in range(leaves) for twice in range(2)]
    edges = [edge(one, company, "CAPTIVE_TO") for one in platforms]
    edges += [edge(one, platforms[no // 2], "ON") for no, one in enumerate(sales)]
    return picture([company, *platforms, *sales], edges)


def sales(*rows: tuple[str | None, ...]) -> Table:
    return Table("sales", COLUMNS, list(rows))


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_name_holds_pictures_and_graphs_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    one, other = (
        node("Platform", "P1", name, note=value, label=value, start=1, names=[value, name]),
        node("Merchant", name),
    )
    shown = picture([one, other], [edge(one, other, "SETTLES_WITH", key=value, share=0.5)])

    svg = etree.fromstring(picture_svg(shown, "P1").encode())
    graph = graph_around([FINDING], [shown])
    write_graphs(folder, graph, DAY)
    first, second = nx.read_graphml(folder / "graph.graphml"), nx.read_gexf(folder / "graph.gexf")

    assert set(first) == set(second) == set(graph)
    assert first.nodes["Platform:P1"]["label"] == plain_text(name or "P1")
    assert first.nodes["Platform:P1"]["label_"] == plain_text(value)
    assert svg.tag == f"{SVG}svg"


def test_control_characters_and_what_xml_forbids_are_replaced() -> None:
    assert plain_text("a\x00b\x0bc\ud800d\ufffee\tf\ng") == "a�b c�d�e f g"


def test_the_day_stands_in_the_file_not_today(tmp_path: Path) -> None:
    write_graphs(tmp_path, graph_around([FINDING], [star(1)]), DAY)
    assert 'lastmodifieddate="2024-06-30"' in (tmp_path / "graph.gexf").read_text("utf-8")


def test_a_huge_picture_is_bounded_and_says_so() -> None:
    tree = etree.fromstring(picture_svg(star(3000) | {"cut": True}, "PAY").encode())
    assert len(tree.findall(f".//{SVG}rect")) <= MOST_NODES
    told = " ".join(tree.itertext())
    assert "platform: 14 / 3000" in told
    assert "The graph holds more" in told


def test_a_small_picture_is_drawn_whole() -> None:
    tree = etree.fromstring(picture_svg(star(4), "PAY").encode())
    assert len(tree.findall(f".//{SVG}rect")) == 13
    assert "Not all are drawn" not in " ".join(tree.itertext())


def test_members_are_drawn_before_others() -> None:
    shown = star(50)
    tree = etree.fromstring(picture_svg(shown, "PAY", ["P00049", "P00048"]).encode())
    assert {"P00048", "P00049"} <= {title.text for title in tree.iter(f"{SVG}title")}


def test_a_picture_without_its_subject_or_without_anything_is_one_too() -> None:
    for shown in (star(3), picture([], [])):
        assert etree.fromstring(picture_svg(shown, "NOBODY").encode()).tag == f"{SVG}svg"


@pytest.mark.parametrize(
    ("text", "width", "cut"), [("abc", 100, "abc"), ("支付企业有限公司", 60, "支付企业…"), ("", 10, "")]
)
def test_what_does_not_fit_is_cut_with_an_ellipsis(text: str, width: float, cut: str) -> None:
    assert fitting(text, width, 10) == cut


@pytest.mark.parametrize(
    ("last", "unit", "spans"),
    [
        ("2024-01-01", "day", 1),
        ("2024-02-09", "day", 40),
        ("2024-02-10", "week", 6),
        ("2025-01-01", "month", 13),
        ("2034-01-01", "year", 11),
    ],
)
def test_a_timeline_has_a_bar_for_every_period_between_first_and_last(
    last: str, unit: str, spans: int
) -> None:
    days = [
        ("142", None, None, None, "2024-01-01T23:30:00", None, "2024-01-02", "10.50"),
        ("840", None, None, None, None, last, last, "99"),
    ]
    times = timeline([], sales(*days), {})
    assert (times.unit, len(times.spans), sum(span.sales for span in times.spans)) == (unit, spans, 2)
    assert sum(span.paid for span in times.spans) == Decimal("10.50")
    bars = etree.fromstring(timeline_svg(times).encode()).findall(f".//{SVG}rect")
    assert len(bars) == spans


def test_a_timeline_tells_what_became_of_a_finding_by_the_day_of_the_load() -> None:
    history = [{"ledger_version": 1, "change": "found"}, {"ledger_version": 4, "change": "gone"}]
    times = timeline([replace(FINDING, history=history)], sales(), {1: date(2024, 7, 1)})
    assert [(event.day, event.en) for event in times.events] == [
        (date(2024, 6, 30), "no longer shown by the data"),
        (date(2024, 7, 1), "found"),
    ]
    assert times.as_dict()["sales"] == []
    assert "No sales" in timeline_svg(times)


def test_the_tax_at_stake_adds_up_cny_alone_and_tells_each_finding_apart() -> None:
    dear = replace(
        FINDING, id="f-2", numbers={"shortfall": {"value": "10.00"}, "tax_at_stake": {"value": "1.10"}}
    )
    own = (None, None, None, "9")
    told = tax_at_stake(
        [FINDING, dear],
        sales(
            ("142", "9.10", "8.05", "100", *own),
            ("142", "0.20", None, "2.5", *own),
            ("840", "5.00", "3.00", "7", *own),
            ("142", None, None, None, *own),
        ),
    )
    assert (told.sales, told.foreign, told.declared_sales, told.billed_declarations) == (4, 1, 2, 2)
    assert (told.declared, told.billed, told.dutiable) == (
        Decimal("9.30"),
        Decimal("11.05"),
        Decimal("102.5"),
    )
    assert [(one["finding"], one["number"], one["value"]) for one in told.as_dict()["hidden"]] == [
        ("f-2", "shortfall", "10.00"),
        ("f-2", "tax_at_stake", "1.10"),
    ]


def test_every_word_has_both_languages() -> None:
    for of, table in words().items():
        assert {name for name, pair in table.items() if set(pair) != {"zh", "en"}} == set(), of
    assert all(set(one["term"]) == set(one["meaning"]) == {"zh", "en"} for one in glossary())
