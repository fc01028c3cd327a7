"""Platforms, work list, checks and rules over HTTP, on a small ledger; the graph is never asked."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from inspectors import DAY, Office, open_office
from neo4j import GraphDatabase

from app.api.service import create_app
from app.api.state import Stores
from app.detection.rulebook import rules_folder
from app.graph.driver import Graph
from app.settings import Settings
from loaders.ledger import writer_lock

CHECK = {
    "verificationId": "V-1",
    "ebpCode": "NEVER",
    "checkedAt": "2024-06-30T10:00:00",
    "check": "can_login",
    "result": "fail",
}


class Client:
    """Asks the service of an office, in this process."""

    def __init__(self, office: Office) -> None:
        settings = Settings(data=office.folder / "data")
        driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
        stores = Stores(settings, office.ledger, office.casebook, Graph(driver, "bolt://127.0.0.1:1"))
        self.app = create_app(settings, stores)
        self.office = office

    def __call__(self, method: str, path: str, body: Any = None, **parameters: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with (
                self.app.router.lifespan_context(self.app),
                httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client,
            ):
                return await client.request(method, path, params=parameters, json=body)

        return asyncio.run(asked())

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self("GET", path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Client:
    office = open_office(tmp_path_factory.mktemp("office"))
    office.find("platform-traffic", "FAILED", "high")
    return Client(office)


def test_the_register_comes_page_by_page(api: Client) -> None:
    whole = api.get("/v1/platforms")
    assert (whole["count"], whole["next"]) == (10, None)
    first = api.get("/v1/platforms", limit=4)
    second = api.get("/v1/platforms", limit=50, cursor=first["next"])
    assert first["data"] + second["data"] == whole["data"]
    assert [row["code"] for row in api.get("/v1/platforms", state="failed")["data"]] == ["FAILED", "UNSEEN"]
    assert api.get("/v1/platforms", older=365)["count"] == 5
    assert api.get("/v1/platforms", as_of="2024-03-31", state="failed")["count"] == 3
    assert api("GET", "/v1/platforms", state="odd").status_code == 422


def test_one_platform_has_its_history(api: Client) -> None:
    one = api.get("/v1/platforms/FAILED")
    assert [row["result"] for row in one["history"]] == ["unknown", "not_applicable", "fail"]
    assert {check["check"]: check["state"] for check in one["checks"]}["can_login"] == "fail"
    assert one["findings"][0]["rule"] == "platform-traffic"
    answer = api("GET", "/v1/platforms/NOBODY")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_work_list_says_what_to_check_next(api: Client) -> None:
    made = api.get("/v1/platforms/worklist", size=4, random_share=0.5, seed=2)
    assert made["as_of"] == DAY.isoformat()
    assert made["counts"]["random"] == 2
    assert [one["place"] for one in made["platforms"]] == [1, 2, 3, 4]
    assert made == api.get("/v1/platforms/worklist", size=4, random_share=0.5, seed=2)
    big = api.get("/v1/platforms/worklist", size=20, random_share=0)["platforms"]
    goods = next(one["goods"] for one in big if one["code"] == "BIG")
    assert goods[0]["item_link"] == "https://big.example/1"
    assert api("GET", "/v1/platforms/worklist", size=0).status_code == 422


def test_checks_are_taken_once_and_all_or_nothing(tmp_path: Path) -> None:
    api = Client(open_office(tmp_path))
    path = "/v1/platforms/verifications"
    told = api("POST", path, {"by": "Li", "checks": [CHECK]})
    assert (told.status_code, told.json()) == (200, {"new": 1, "known": 0, "ledger_version": 2})
    assert api("POST", path, {"by": "Li", "checks": [CHECK]}).json()["known"] == 1
    one = api.get("/v1/platforms/NEVER")
    assert (one["state"], one["history"][0]["inspector"]) == ("failed", "Li")

    other = CHECK | {"verificationId": "V-2"}
    for wrong, said in (
        ({"ebpCode": "NOBODY"}, "line 2, ebpCode"),
        ({"result": "maybe"}, "line 2, result"),
        ({"checkedAt": "2024-02-30"}, "line 2, checkedAt"),
        ({"checkedAt": "2199-01-01"}, "line 2, checkedAt: is after today"),
    ):
        spoiled = CHECK | {"verificationId": "V-3"} | wrong
        refused = api("POST", path, {"by": "Li", "checks": [other, spoiled]})
        assert refused.status_code == 422
        assert said in refused.json()["detail"]
    for body in ({"by": "", "checks": [CHECK]}, {"by": "Li", "checks": []}, {"checks": [CHECK]},
                 {"by": "Li", "checks": [CHECK | {"extra": "1"}]}):  # fmt: skip
        assert api("POST", path, body).status_code == 422
    assert api.office.ledger.version == 2


def test_while_another_writes_checks_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.routers.platforms._WAIT_SECONDS", 0.2)
    api = Client(open_office(tmp_path))
    with writer_lock(tmp_path / "data"):
        answer = api("POST", "/v1/platforms/verifications", {"by": "Li", "checks": [CHECK]})
    assert answer.status_code == 503
    assert "is being written by" in answer.json()["detail"]
    assert api.office.ledger.version == 1


def test_rules_are_listed_and_shown(api: Client) -> None:
    listed = api.get("/v1/rules")
    assert [row["id"] for row in listed["data"]] == sorted(
        path.stem for path in rules_folder().glob("*.cypher")
    )
    assert listed["count"] == len(listed["data"])
    for row in listed["data"]:
        whole = api.get(f"/v1/rules/{row['id']}")
        assert whole["reason"]["zh"]
        assert whole["query"]
        assert {name: whole[name] for name in row} == row
    assert api("GET", "/v1/rules/none").status_code == 404
