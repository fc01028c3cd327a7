"""Rules about payment companies and rings beside honest look-alikes, planted together in one office.

A ring behind a small company is found; a wallet, an aggregator of tiny shops, a firm with a dozen niche
shops, a bonded park, the shops of one builder and those of a mall are not taken for it.
"""

import random
from collections.abc import Iterator

import pytest
from ledger_documents import Document
from shops import Office, check, opened, sale

from app.graph.server import EmbeddedServer

PEOPLE = 800
RING = [f"RING{n}" for n in range(8)]
AGGREGATED = [f"TINY{n}" for n in range(18)]
NICHE = [f"NICHE{n:02d}" for n in range(12)]
PARK = [f"PARK{n}" for n in range(6)]
BUILT = [f"BUILT{n}" for n in range(6)]
MALL = [f"MALL{n}" for n in range(6)]
WALLET_ONLY = [f"PLAIN{n:02d}" for n in range(24)]
FAILED = [*RING[:5], *AGGREGATED[:2], NICHE[0], PARK[0], BUILT[0], MALL[0], *WALLET_ONLY[:2]]
CAPTIVES = [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3]
"""Captive platforms of other honest companies: most have few."""
WATCHED = [f"NEW{n:02d}" for n in range(12)]
"""As many captives as the niche firm has, but hardly any of them was checked."""


def sells(
    platform: str,
    buyers: list[int],
    company: str,
    *,
    of_five: int = 5,
    goods: str = "1901101000",
    **inventory_says: str,
) -> list[Document]:
    """One sale to each buyer; `of_five` in five of them settled by the company, the others by the wallet."""
    documents: list[Document] = []
    for no, who in enumerate(buyers):
        settles = company if no % 5 < of_five else "WALLET"
        documents += sale(platform, no, who, day=no % 60, company=settles, inventory_says=inventory_says)
    return [
        [(kind, {**row, "gcode": goods} if kind == "inventory_items" else row) for kind, row in document]
        for document in documents
    ]


def town() -> list[Document]:
    """Everybody's sales and checks."""
    chance = random.Random(11)

    def anybody(sales: int) -> list[int]:
        return chance.sample(range(PEOPLE), sales)

    documents: list[Document] = []
    for platform in RING:
        documents += sells(platform, chance.sample(range(5000, 5060), 25), "CRING")
    for platform in AGGREGATED:  # too small, each by itself, to depend on anybody
        documents += sells(platform, anybody(6), "CTINY")
    for platform in NICHE:
        documents += sells(platform, anybody(20), "CNICHE", of_five=3)
    for platform in PARK:  # one agent, one warehouse, one payment company
        documents += sells(platform, anybody(20), "CPARK", agentCode="APARK", areaCode="QPARK")
    for platform in BUILT:  # the same software: one sender, one agent, one payment company, the same goods
        sender = {"copCode": "BUILDER", "dxpId": "DXPBUILDER"}
        documents += sells(platform, anybody(20), "CBUILT", goods="2204210000", agentCode="ABUILT", **sender)
    # The mall's customers go from shop to shop, for other goods in each.
    for number, platform in enumerate(MALL):
        visitors = chance.sample(range(6000, 6060), 25)
        documents += sells(platform, visitors, "WALLET", goods=f"{30 + 9 * number}04000000")
    for platform in WALLET_ONLY:
        documents += sells(platform, anybody(20), "WALLET")
    for platform in WATCHED:
        documents += sells(platform, anybody(20), "CWATCH", of_five=3)
    for number, captives in enumerate(CAPTIVES):
        for shop in range(captives):
            documents += sells(f"P{number}-{shop}", anybody(20), f"CPEER{number}", of_five=3)
    everybody = {row["ebpCode"] for document in documents for kind, row in document if kind == "orders"}
    return documents + [
        check(platform, "fail" if platform in FAILED else "pass")
        for platform in sorted(everybody - {*RING[6:], *WATCHED[5:]})
    ]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), town()) as office:
        yield office


def test_only_the_ring_s_company_is_found_by_flags(office: Office) -> None:
    """Not the wallet, aggregator, niche firm, park or builder, though shops of each failed a check."""
    found = office.found("payment-captive-platforms")
    assert list(found) == ["CRING"]
    assert [part["key"] for part in found["CRING"].members] == RING
    assert found["CRING"].denominator["judgeable"] > 5  # among them those companies


def test_the_watch_list_leaves_wallet_aggregator_and_niche_firm_alone(office: Office) -> None:
    found = office.found("payment-watchlist")
    assert list(found) == ["CWATCH"]
    numbers = {name: found["CWATCH"].numbers[name]["value"] for name in ("captives", "captives_checked")}
    assert numbers == {"captives": 12, "captives_checked": 5}
    niche = office.graph.read("MATCH (c {code: 'CNICHE'}) RETURN c.watch_q <= 0.05 AS more_than_peers")
    assert niche == [{"more_than_peers": True}]  # as many as that one, but checked


def test_only_the_ring_is_found_by_consumers_above_low(office: Office) -> None:
    """A mall's customers are shared as a ring's are: with no more base flags than others that is low."""
    found = {
        tuple(part["key"] for part in finding.members): finding.severity
        for finding in office.found("ring-platforms").values()
    }
    assert found == {tuple(RING): "critical", tuple(MALL): "low"}
