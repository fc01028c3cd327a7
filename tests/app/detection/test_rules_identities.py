"""Rules about identities: planted cases are found, and whoever only looks like them is left alone."""

import random
from collections.abc import Iterator

import pytest
from ledger_documents import Document
from shops import Office, opened, person, sale

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer

RULES = [
    "consumer-stolen-identity",
    "consumer-many-platforms",
    "consumer-phone-farm",
    "consumer-address-farm",
]
SHOPS = [f"SHOP{n:02d}" for n in range(14)]
DROP = ("waybill", "inventory")  # an office that is sent orders and payments alone
STOLEN, REPORTED, EVERYWHERE = 1000, 1001, 1002
MOVED, GIVER, TWO, RELAYED, LOYAL, HEAVY = 1010, 1011, 1012, 1013, 1014, 1015
PHONE_FARM, ADDRESS_FARM = range(2000, 2020), range(2100, 2120)
STATION, LEADER, OFFICE, FAMILY = range(2200, 2240), range(2300, 2330), range(2400, 2420), range(2500, 2505)


class Town:
    """Orders of one town, numbered as they come."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.chance = random.Random(3)
        self._number = 0

    def buys(
        self,
        who: int,
        shop: str,
        day: int,
        *,
        phone: str | None = None,
        consignee_phone: str | None = None,
        address: str | None = None,
    ) -> None:
        """One order; the buyer's phone, the consignee's and the address may be others than one's own."""
        says = {
            "buyerTelephone": phone,
            "consigneeTelephone": consignee_phone or phone,
            "consigneeAddress": address,
        }
        given = {name: value for name, value in says.items() if value is not None}
        self._number += 1
        self.documents += sale(shop, self._number, who, day=day, drop=DROP, order_says=given)

    def anywhere(self, who: int, orders: int) -> None:
        """So many orders as people place them."""
        for _ in range(orders):
            self.buys(who, self.chance.choice(SHOPS[:12]), self.chance.randrange(100))


def _individuals(town: Town) -> None:
    for who in range(900):
        town.anywhere(who, 1)
    for who in range(150):
        town.anywhere(who, 4)
    for no in range(8):
        for who in (STOLEN, REPORTED):
            town.buys(who, SHOPS[no % 6], 10 * no, phone=f"139{who}{no:04d}")
        moved = {"phone": "13900000001", "address": "广东省广州市天河区新居路1号"} if no >= 4 else {}
        town.buys(MOVED, SHOPS[no], 10 * no, **moved)  # type: ignore[arg-type]
        _, _, phone, address = person(5000 + no)
        town.buys(GIVER, SHOPS[no], 10 * no, consignee_phone=phone, address=address)
        other = {"phone": "13900000002", "address": "广东省广州市天河区二路2号"} if no % 2 else {}
        town.buys(TWO, SHOPS[no], 10 * no, **other)  # type: ignore[arg-type]
        town.buys(RELAYED, SHOPS[no], 10 * no, phone=f"1700000{no:04d}-{no:04d}")
        town.buys(LOYAL, SHOPS[3], 10 * no, phone=f"1390001{no:04d}")
    for no, shop in enumerate(SHOPS):
        town.buys(EVERYWHERE, shop, 7 * no)
    town.anywhere(HEAVY, 45)


def _crowds(town: Town) -> None:
    everybody = (PHONE_FARM, ADDRESS_FARM, STATION, LEADER, OFFICE)
    for who in (who for crowd in everybody for who in crowd):
        town.anywhere(who, 2)
    for no, who in enumerate(PHONE_FARM):
        town.buys(who, "FARM", 3 * no, phone=f"1380000777{no % 2}", consignee_phone="13800007770")
    for no, who in enumerate(ADDRESS_FARM):
        town.buys(who, "YARD", 4 * no, phone=f"1380000{8000 + no}", address="广东省广州市天河区仓库路8号")
    for who in STATION:
        town.buys(
            who,
            town.chance.choice(SHOPS[:12]),
            town.chance.randrange(100),
            phone=person(who)[2],
            consignee_phone="13800009990",
            address="广东省广州市天河区站前路3号驿站",
        )
    for who in LEADER:
        town.buys(
            who,
            town.chance.choice(SHOPS[:12]),
            town.chance.randrange(100),
            phone=person(who)[2],
            consignee_phone="13800009991",
        )
    for no, who in enumerate(OFFICE):
        town.buys(who, "GIFTS", no % 5, phone=person(who)[2], address="广东省广州市天河区商务路9号大厦")
    for who in FAMILY:
        for _ in range(3):
            town.buys(who, town.chance.choice(SHOPS[:12]), town.chance.randrange(100), phone="13800009992")


def _town() -> list[Document]:
    town = Town()
    _individuals(town)
    _crowds(town)
    for who in range(150, 300):  # a second order, nearly always from the same phone
        town.anywhere(who, 1)
    report = {
        "reportId": "R1",
        "reportedAt": "2024-04-01T10:00:00",
        "buyerIdNumber": person(REPORTED)[0],
        "kind": "not_my_order",
    }
    complaint = report | {"reportId": "R2", "buyerIdNumber": person(MOVED)[0], "kind": "not_delivered"}
    return [*town.documents, [("consumer_reports", report)], [("consumer_reports", complaint)]]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _town()) as office:
        yield office


def consumer(office: Office, who: int) -> str:
    return office.desk.keys.key_of("id", f"1:{person(who)[0]}")


def numbers(office: Office, rule: str, key: str) -> dict[str, object]:
    return {name: told["value"] for name, told in office.found(rule)[key].numbers.items()}


def test_only_stolen_identities_change_phones_beyond_their_orders(office: Office) -> None:
    """Not who moved, who gives presents, has two phones and addresses, privacy numbers, or one shop."""
    found = office.found("consumer-stolen-identity")
    assert found.keys() == {consumer(office, STOLEN), consumer(office, REPORTED)}
    told = numbers(office, "consumer-stolen-identity", consumer(office, STOLEN))
    assert (told["orders"], told["phones"], told["phone_platforms"]) == (8, 8, 6)
    assert told["usual"] < 1  # type: ignore[operator]


def test_a_report_of_the_person_makes_it_graver(office: Office) -> None:
    found = office.found("consumer-stolen-identity")
    assert found[consumer(office, STOLEN)].severity == "low"
    assert found[consumer(office, REPORTED)].severity == "medium"
    assert "Reports of this person: 1" in found[consumer(office, REPORTED)].reason["en"]
    assert "本人举报 1 次" in found[consumer(office, REPORTED)].reason["zh"]


def test_its_evidence_are_its_sales_and_nothing_personal_is_told(office: Office) -> None:
    finding = office.found("consumer-stolen-identity")[consumer(office, STOLEN)]
    assert finding.evidence["count"] == 8
    rows = office.graph.read(finding.evidence["query"])
    assert [row["t.id"] for row in rows] == finding.evidence["ids"]
    assert person(STOLEN)[0] not in repr(finding.as_dict())
    assert "1391000" not in repr(finding.as_dict())


def test_who_is_on_every_platform_with_few_orders_is_found_and_a_heavy_buyer_is_not(office: Office) -> None:
    found = office.found("consumer-many-platforms")
    assert list(found) == [consumer(office, EVERYWHERE)]
    told = numbers(office, "consumer-many-platforms", consumer(office, EVERYWHERE))
    assert (told["platforms"], told["sales"], told["beyond"]) == (14, 14, 12)
    assert found[consumer(office, EVERYWHERE)].severity == "low"
    heavy = office.desk.rows(
        "SELECT count(DISTINCT ebp_code) AS n FROM transactions "
        f"WHERE consumer_key = '{consumer(office, HEAVY)}'"
    )
    assert heavy == [{"n": 12}]
    assert "14 platforms with 14 orders" in found[consumer(office, EVERYWHERE)].reason["en"]
    assert "14 家平台" in found[consumer(office, EVERYWHERE)].reason["zh"]


def test_only_the_farm_s_phone_is_one(office: Office) -> None:
    """Not the station's, the group-buy leader's (many names, their own phones) or a family's."""
    found = office.found("consumer-phone-farm")
    key = office.desk.keys.key_of("phone", "13800007770")
    assert list(found) == [key]
    told = numbers(office, "consumer-phone-farm", key)
    assert (told["identities"], told["strange"], told["platforms"]) == (20, 20, 1)
    assert (told["meeting"], told["met"], told["of"]) == ("platform FARM", 20, 20)
    assert (found[key].evidence["count"], found[key].severity) == (20, "low")
    assert "buy on a phone that is not their own" in found[key].reason["en"]
    assert "非本人的订购电话" in found[key].reason["zh"]
    assert found[key].denominator["judgeable"] == 3  # the station's and the leader's, too


def test_only_the_farm_s_address_is_one(office: Office) -> None:
    """Not the station, nor the office whose people were all given a present within a week by one shop."""
    found = office.found("consumer-address-farm")
    key = office.desk.keys.key_of("address", "广东省广州市天河区仓库路8号")
    assert list(found) == [key]
    told = numbers(office, "consumer-address-farm", key)
    assert (told["identities"], told["strange"], told["meeting"]) == (20, 20, "platform YARD")
    assert found[key].evidence["count"] == 20
    assert "YARD" in found[key].reason["zh"]


def test_what_is_shown_of_a_finding_can_be_asked(office: Office) -> None:
    for rule in (
        "consumer-stolen-identity",
        "consumer-many-platforms",
        "consumer-phone-farm",
        "consumer-address-farm",
    ):
        for finding in office.found(rule).values():
            assert office.graph.read(finding.picture)
            assert len(office.graph.read(finding.query)) == 1


def test_reports_of_a_farm_s_people_count_against_chance(office: Office) -> None:
    key = office.desk.keys.key_of("address", "广东省广州市天河区仓库路8号")
    report = {"reportedAt": "2024-04-01T10:00:00", "kind": "quota_used"}
    reports: list[Document] = [
        [("consumer_reports", report | {"reportId": f"F{who}", "buyerIdNumber": person(who)[0]})]
        for who in list(ADDRESS_FARM)[:3]
    ]
    office.load(reports)
    office.detect(rules=["consumer-address-farm"])
    finding = office.found("consumer-address-farm")[key]
    assert (finding.severity, finding.numbers["reporting"]["value"]) == ("high", 3)


def test_an_empty_and_a_too_small_population_are_not_judgeable(graph: Graph, tmp_path: object) -> None:
    few = Town()
    for who in range(30):
        few.anywhere(who, 2)
    for no in range(8):
        few.buys(STOLEN, SHOPS[no], 10 * no, phone=f"139{STOLEN}{no:04d}")
    office = Office(tmp_path, graph)  # type: ignore[arg-type]
    office.project()
    for documents in ([], few.documents):
        office.load(documents)
        report = office.detect(rules=RULES).rules
        assert {(report[rule].judgeable, report[rule].found) for rule in RULES} == {(0, 0)}
    assert report["consumer-stolen-identity"].looked_at == 31
