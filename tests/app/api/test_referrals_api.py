"""Referrals over the API: drawn, listed, page by page; replies that answer none."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from ledger_desk import Desk
from neo4j import GraphDatabase
from shops import reply, sale

from app.api.service import create_app
from app.api.state import Stores
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.settings import Settings
from loaders.contract import Keys

WANTED = {"company": "PAY", "since": "2024-01-01", "until": "2024-06-30", "by": "Wang", "everything": True}


class Service:
    """The service over a ledger and a casebook; the graph is never asked."""

    def __init__(self, folder: Path) -> None:
        desk = Desk(folder, Keys.open(folder.parent / "key"))
        sold = [sale("ONE", no, no, day=no, company="PAY", drop=("waybill", "inventory")) for no in range(12)]
        replied = [reply("ONE", 0, "genuine", company="PAY"), reply("UNHEARD", 0, "not_found", company="PAY")]
        desk.load(*(document for documents in sold for document in documents), *replied)
        settings = Settings(data=folder)
        driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
        graph = Graph(driver, "bolt://127.0.0.1:1")
        book = Casebook.open(settings.casebook_address)
        self.app = create_app(settings, Stores(settings, desk.ledger, book, graph))

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with (
                self.app.router.lifespan_context(self.app),
                httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
            ):
                return await client.request(method, path, **more)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(tmp_path_factory.mktemp("service") / "data")


def test_a_referral_is_drawn_and_read_page_by_page(api: Service) -> None:
    drawn = api("POST", "/v1/referrals", json=WANTED)
    assert drawn.status_code == 200, drawn.text
    one = drawn.json()
    assert (one["asked"], one["answered"], one["open"], one["drawn_by"]) == (12, 1, 11, "Wang")
    assert api("GET", f"/v1/referrals/{one['id']}").json() == one
    later = api("POST", "/v1/referrals", json=WANTED).json()
    listed = api("GET", "/v1/referrals", params={"limit": 1}).json()
    assert ([row["id"] for row in listed["data"]], listed["count"]) == ([later["id"]], 2)
    rest = api("GET", "/v1/referrals", params={"limit": 1, "cursor": listed["next"]}).json()
    assert ([row["id"] for row in rest["data"]], rest["next"]) == ([one["id"]], None)

    first = api("GET", f"/v1/referrals/{one['id']}/items", params={"limit": 10}).json()
    more = api(
        "GET", f"/v1/referrals/{one['id']}/items", params={"limit": 10, "cursor": first["next"]}
    ).json()
    states = [item["state"] for item in first["data"] + more["data"]]
    assert (first["count"], states) == (12, ["genuine", *["open"] * 11])


def test_replies_are_listed_and_those_that_wait_apart(api: Service) -> None:
    whole = api("GET", "/v1/payment-replies").json()
    assert whole["count"] == 2
    waiting = api("GET", "/v1/payment-replies", params={"unmatched": True}).json()["data"]
    assert [row["payment"] for row in waiting if row["result"] == "not_found"] == ["not known yet"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (WANTED | {"company": None}, 422),
        (WANTED | {"company": "NOBODY"}, 404),
        (WANTED | {"finding": "unknown"}, 404),
        (WANTED | {"half_width": 0.1}, 422),
        (WANTED | {"until": "2023-01-01"}, 422),
        (WANTED | {"by": ""}, 422),
        (WANTED | {"sample": True}, 422),
    ],
)
def test_what_cannot_be_drawn_is_a_problem(api: Service, body: dict[str, Any], status: int) -> None:
    answer = api("POST", "/v1/referrals", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


def test_an_unknown_referral_is_said(api: Service) -> None:
    for path in ("/v1/referrals/PR-1", "/v1/referrals/PR-1/items"):
        assert api("GET", path).status_code == 404
