"""Rules about declared goods: planted cases are found, and their look-alikes are not."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from goods_documents import bought, listed, tax_bill
from ledger_documents import Document
from shops import FIRST, Office, check, opened

from app.graph.server import EmbeddedServer

WINE, JUICE, PASTE = "2204210000", "2106909090", "2106909091"
RULES = ("goods-not-listed", "goods-misclassified", "goods-undervalued", "goods-split")


def shops(platforms: range, sales: int, **of_all: Any) -> list[Document]:
    """Honest shops S0, S1, …, each its own merchant, that sell the same goods day by day."""
    return [
        document
        for shop in platforms
        for no in range(sales)
        for document in bought(
            f"S{shop}", no, who=100 * shop + no, day=no % 60, agent=f"A{shop % 5 + 3}", **of_all
        )
    ]


def of_goods() -> list[Document]:
    """Ten honest shops, and a case or a look-alike of every rule beside them."""
    documents: list[Document] = [*shops(range(10), 30)]
    documents += [listed("1901", "2019-01-01"), listed(WINE[:8], "2019-01-01", tradeModes="1210;9610")]
    documents += [listed(JUICE, "2019-01-01"), listed(PASTE, "2019-01-01")]
    documents += [
        tax_bill(no, gcode, 18 if gcode == WINE else 9)
        for no, gcode in enumerate([WINE, JUICE, "1901101000"] * 3)
    ]
    documents += [tax_bill(20 + no, PASTE, 18) for no in range(3)]

    # What is on no list; what was on it then; a mistyped code.
    for no in range(30):
        odd = no % 3 == 0
        documents += bought(
            "UNLISTED", no, who=2000 + no, day=no, gcode="2403990010" if odd else "1901101000"
        )
        documents += bought("ONCE", no, who=2100 + no, day=no, gcode="9503006000" if odd else "1901101000")
        documents += bought(
            "TYPO", no, who=2200 + no, day=no, gcode="1910101000" if no == 3 else "1901101000"
        )
    documents += [listed("9503", "2019-01-01", "2024-03-31")]

    # An agent that declares what is on no list, for six merchants who also use another agent.
    for merchant in range(6):
        for no in range(30):
            bad = no % 2 == 0
            gcode = "2403990010" if bad and no % 3 == 0 else "1901101000"
            documents += bought(
                f"C{merchant}",
                no,
                who=2300 + 30 * merchant + no,
                day=no,
                agent="ABAD" if bad else "A2",
                gcode=gcode,
            )

    # Wine that everybody declares as wine: as juice; as paste, which pays as much; what nobody agrees on.
    wine = {"bar_code": "6900000000002", "name": "干红葡萄酒"}
    for shop in range(9):
        for no in range(30, 60):
            documents += bought(f"S{shop}", no, who=100 * shop + no, day=no, gcode=WINE, **wine)
            unsure = {"bar_code": None, "name": "礼盒", "gcode": WINE if shop % 2 else JUICE}
            documents += bought(f"S{shop}", no + 40, who=100 * shop + no, day=no, price="95", **unsure)
    for no in range(30):
        documents += bought("JUICE", no, who=2600 + no, day=no, gcode=JUICE if no % 3 else WINE, **wine)
        documents += bought("PASTE", no, who=2700 + no, day=no, gcode=PASTE if no % 3 else WINE, **wine)

    # Half the price on a third of the days; on one day; half the price for half of it; at no price.
    for no in range(60):
        low = no % 3 == 0
        documents += bought("CHEAP", no, who=3000 + no, day=no, price="30" if low else "100")
        documents += bought(
            "DROP", no, who=3100 + no, day=20 if no < 15 else no, price="30" if no < 15 else "100"
        )
        documents += bought("PACKS", no, who=3200 + no, day=no, price="30", measure="0.3")
        documents += bought("GIFTS", no, who=3300 + no, day=no, price="0" if low else "100")
    return documents


def at(address: str, phone: str = "13900000000") -> dict[str, str]:
    """Where a parcel goes."""
    return {"consigneeAddress": address, "consigneeTelephone": phone}


def destinations() -> list[Document]:
    """Bursts of one product to one destination: a trader's, and those that only look so."""
    documents: list[Document] = []
    own = {"price": "900", "bar_code": "6900000000009"}
    for no in range(8):
        day = 30 + no % 3
        documents += bought(
            "FAKE", no, who=4000 + no, day=day, order_says=at("上海市浦东新区花木路8号", "13911110000"), **own
        )
        # Each with a phone of its own.
        phone = f"1392222{no:04d}"
        documents += bought(
            "S1", 200 + no, who=4100 + no, day=day, order_says=at("北京市西城区某街5号", phone), **own
        )
        documents += bought(
            "S2",
            200 + no,
            who=4200 + no,
            day=day,
            order_says=at("北京市海淀区学院路1号智能快递柜", phone),
            **own,
        )
        relayed = f"17031110000-{1000 + no}"
        documents += bought(
            "S3", 200 + no, who=4300 + no, day=day, order_says=at(f"北京市东城区某街{no}号", relayed), **own
        )
        many = {**own, "bar_code": "6900000000009" if no < 7 else "6900000000001"}
        documents += bought(
            "S4", 200 + no, who=4400 + no, day=day, order_says=at("北京市通州区某街7号", phone), **many
        )
        # Below the limit together; over months; a family; what everybody buys.
        small = {**own, "price": "90"}
        documents += bought(
            "S5", 200 + no, who=4500 + no, day=day, order_says=at("北京市石景山区某街2号", phone), **small
        )
        documents += bought(
            "S6", 200 + no, who=4600 + no, day=8 * no, order_says=at("北京市房山区某街3号", phone), **own
        )
        documents += bought(
            "S7", 200 + no, who=4700 + no % 5, day=day, order_says=at("北京市大兴区某街4号", phone), **own
        )
    for no in range(12):  # of mixed goods
        phone = f"1393333{no:04d}"
        documents += bought(
            "S4", 300 + no, who=4800 + no, day=31, order_says=at("北京市通州区某街7号", phone)
        )
    for no in range(7):
        documents += bought(
            "S8",
            300 + no,
            who=100 + no,
            day=12,
            price="1000",
            order_says=at("天津市和平区某街1号", f"1394444{no:04d}"),
        )
    documents += [check("FAKE", "fail", what=what) for what in ("can_login", "goods_shipped")]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    documents = of_goods() + destinations()
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), documents) as office:
        assert office.desk.rows("SELECT reason FROM rejects") == []
        yield office


def denominator(office: Office, rule: str) -> tuple[int, int, int]:
    (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
    return run["looked_at"], run["judgeable"], run["found"]


def test_codes_that_no_list_has_are_found_and_those_listed_then_are_not(office: Office) -> None:
    found = office.found("goods-not-listed")
    assert set(found) == {"UNLISTED", "ABAD"}
    finding = found["UNLISTED"]
    assert (finding.subject["kind"], finding.severity) == ("Merchant", "medium")
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["lines"], numbers["affected"], numbers["value"]) == (30, 10, "1000.00")
    assert numbers["codes"] == "2403990010"
    assert finding.evidence["count"] == 10
    assert "UNLISTED" in finding.reason["en"]
    assert "10 项" in finding.reason["zh"]


def test_an_agent_is_named_for_what_it_declares_for_several_merchants(office: Office) -> None:
    finding = office.found("goods-not-listed")["ABAD"]
    assert finding.subject["kind"] == "Agent"
    assert [part["key"] for part in finding.members] == [f"C{merchant}" for merchant in range(6)]
    assert finding.evidence["count"] == 6 * 5


def test_goods_under_a_code_with_lower_tax_are_found_with_the_tax_at_stake(office: Office) -> None:
    found = office.found("goods-misclassified")
    assert list(found) == ["JUICE"]
    finding = found["JUICE"]
    assert (finding.subject["kind"], finding.severity) == ("Merchant", "high")
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["lines"], numbers["affected"]) == (30, 20)
    assert numbers["tax_at_stake"] == "180.00"  # twenty lines of 100 CNY, nine points of tax each
    assert numbers["codes"] == f"{JUICE} ({WINE})"
    assert finding.evidence["count"] == 20
    assert "180.00" in finding.reason["zh"]


def test_prices_far_below_others_are_found_promotions_and_small_packs_are_not(office: Office) -> None:
    found = office.found("goods-undervalued")
    assert list(found) == ["CHEAP"]
    finding = found["CHEAP"]
    assert (finding.subject["kind"], finding.severity) == ("Platform", "high")
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["lines"], numbers["affected"]) == (60, 20)
    assert numbers["shortfall"] == "1400.00"
    assert numbers["tax_at_stake"] == "126.00"
    assert finding.evidence["count"] == 20
    assert "126.00" in finding.reason["en"]


def test_one_destination_of_the_same_goods_in_many_names_is_found(office: Office) -> None:
    found = {
        finding.numbers["destination"]["value"]: finding for finding in office.found("goods-split").values()
    }
    assert set(found) == {"139****0000", "北京市西城区***"}
    trader = found["139****0000"]  # the address tells of the same sales
    assert (trader.subject["kind"], trader.severity) == (
        "Phone",
        "medium",
    )  # on a platform that failed its checks
    numbers = {name: number["value"] for name, number in trader.numbers.items()}
    assert (numbers["identities"], numbers["value"], numbers["share"]) == (8, "7200.00", 1.0)
    assert numbers["first_day"] == (FIRST + timedelta(days=31)).isoformat()
    assert trader.evidence["ids"] == [f"FAKE|{no:05d}" for no in range(8)]
    assert "7200.00" in trader.reason["en"]
    assert "7200.00" in trader.reason["zh"]
    other = found["北京市西城区***"]
    assert (other.subject["kind"], other.severity) == ("Address", "low")


def test_the_denominators_say_how_many_could_be_judged(office: Office) -> None:
    looked_at, judgeable, found = denominator(office, "goods-undervalued")
    assert looked_at > judgeable > found == 1
    for rule in RULES:
        looked_at, judgeable, found = denominator(office, rule)
        assert looked_at > judgeable >= found > 0


def test_a_price_is_held_against_the_list_of_its_day(office: Office) -> None:
    """A later entry of a code does not take away what the list said before."""
    office.load([listed("1901", "2024-06-01"), listed(WINE[:8], "2024-06-01"), listed(JUICE, "2024-06-01")])
    office.detect(rules=["goods-not-listed"])
    assert set(office.found("goods-not-listed")) == {"UNLISTED", "ABAD"}


def test_where_there_is_no_list_and_no_bill_nothing_can_be_judged(
    neo4j_server: EmbeddedServer, tmp_path: Path
) -> None:
    documents = shops(range(3), 25) + shops(range(3, 6), 2)
    with opened(neo4j_server, tmp_path, documents, RULES) as office:
        for rule in ("goods-not-listed", "goods-misclassified"):
            assert denominator(office, rule) == (11, 0, 0)
        # Six merchants have the goods, but only three enough lines.
        assert denominator(office, "goods-undervalued") == (17, 0, 0)
        assert denominator(office, "goods-split")[1:] == (0, 0)


def test_an_empty_office_has_nothing_to_judge(neo4j_server: EmbeddedServer, tmp_path: Path) -> None:
    with opened(neo4j_server, tmp_path, [check("P1", "pass")], RULES) as office:
        assert [denominator(office, rule)[1:] for rule in RULES] == [(0, 0)] * len(RULES)
        office.detect(as_of=date(2024, 6, 1), rules=RULES)
        assert all(office.found(rule) == {} for rule in RULES)
