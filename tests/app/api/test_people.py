"""Statements, likely hits and protections over HTTP: numbers in bodies, never in an answer."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from neo4j import GraphDatabase

import world
from app.api.service import create_app
from app.api.state import Stores
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import load

SAID = {"why": "asked for it", "by": "officer 7"}
UNKNOWN = "110105199001019999"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service over a ledger and a casebook; the graph is never asked."""
    folder = tmp_path_factory.mktemp("people")
    world.make(folder / "files", orders=500, seed=3, format="csv")
    settings = Settings(data=folder / "data")
    ledger = Ledger.open(settings.ledger_folder)
    load(ledger, Keys.open(settings.key_file), [folder / "files"])
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    stores = Stores(
        settings, ledger, Casebook.open(settings.casebook_address), Graph(driver, "bolt://127.0.0.1:1")
    )
    return create_app(settings, stores)


def ask(app: FastAPI, verb: str, path: str, **options: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return await client.request(verb, path, **options)

    return asyncio.run(asked())


def known(app: FastAPI, sql: str) -> str:
    ledger: Ledger = app.state.stores.ledger
    with ledger.connect() as connection:
        return str(connection.execute(sql).fetchall()[0][0])


def test_a_statement_as_json_and_as_a_page(api: FastAPI) -> None:
    ask(api, "GET", "/health")
    number = known(api, "SELECT buyerIdNumber FROM inventories GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    answer = ask(api, "POST", "/v1/consumers/statement", json={"id_number": number})
    assert answer.status_code == 200
    told = answer.json()
    assert len(told["sales"]) >= 2
    assert told["years"][0]["limit"] == "26000.00000"
    assert number not in answer.text
    page = ask(api, "POST", "/v1/consumers/statement", json={"id_number": number, "form": "html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "最多剩余" in page.text
    assert number not in page.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id_number": f"{UNKNOWN} {UNKNOWN} {UNKNOWN} {UNKNOWN}"},
        {"id_number": UNKNOWN, "id_type": "?"},
        {"id_number": UNKNOWN, "yeer": 2025},
        {"id_number": UNKNOWN, "year": "soon"},
        {"id_number": "####"},
    ],
)
def test_a_mistake_in_a_body_is_told_without_the_number(api: FastAPI, body: dict[str, Any]) -> None:
    answer = ask(api, "POST", "/v1/consumers/statement", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert UNKNOWN not in answer.text
    assert ask(api, "GET", f"/v1/consumers/{UNKNOWN}").text.count(UNKNOWN) == 1  # the path that was asked for


def test_who_is_likely_hit(api: FastAPI) -> None:
    ask(api, "GET", "/health")
    report = known(api, "SELECT min(reportId) FROM consumer_reports")
    told = ask(api, "GET", f"/v1/reports/{report}/likely-hit", params={"limit": 3}).json()
    assert len(told["data"]) <= 3 <= told["looked_at"]
    assert told["next"] is None
    assert ask(api, "GET", "/v1/reports/NONE/likely-hit").status_code == 404


def test_a_protection_from_its_beginning_to_its_end(api: FastAPI) -> None:
    asked = {**SAID, "id_number": UNKNOWN, "since": "2030-01-01", "until": "2030-06-30"}
    first = ask(api, "POST", "/v1/protections", json=asked)
    assert first.status_code == 200
    assert UNKNOWN not in first.text
    one = first.json()
    again = ask(api, "POST", "/v1/protections", json={**SAID, "key": one["consumer"], "since": "2030-06-01"})
    assert (again.status_code, "extend or lift" in again.json()["detail"]) == (422, True)
    path = f"/v1/protections/{one['number']}"
    assert ask(api, "POST", f"{path}/extend", json={**SAID, "until": "2030-12-31"}).status_code == 200
    lifted = ask(api, "POST", f"{path}/lift", json={**SAID, "day": "2030-07-01"}).json()
    assert lifted["lifted"] == "2030-07-01"
    assert [step["change"] for step in lifted["history"]] == ["set", "extended", "lifted"]
    assert ask(api, "GET", path).json() == lifted
    assert ask(api, "GET", "/v1/protections/99").status_code == 404

    other = {**SAID, "key": "b" * 32, "level": "watched", "since": "2030-01-01"}
    assert ask(api, "POST", "/v1/protections", json=other).status_code == 200
    listed = ask(api, "GET", "/v1/protections", params={"limit": 1}).json()
    assert (listed["count"], listed["data"]) == (2, [lifted])
    second = ask(api, "GET", "/v1/protections", params={"limit": 1, "cursor": listed["next"]}).json()
    assert [row["level"] for row in second["data"]] == ["watched"]
    assert second["next"] is None
    on = ask(api, "GET", "/v1/protections", params={"on": "2030-08-01", "level": "locked"}).json()
    assert on["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"since": "2030-01-01"},
        {"since": "2030-01-01", "id_number": UNKNOWN, "key": "a" * 32},
        {"since": "2030-01-02", "until": "2030-01-01", "key": "c" * 32},
        {"since": "2030-01-01", "key": "c" * 32, "level": "frozen"},
        {"since": "2030-01-01", "key": "c" * 32, "why": f"of {UNKNOWN}"},
    ],
)
def test_a_protection_that_cannot_be_changes_nothing(api: FastAPI, body: dict[str, Any]) -> None:
    before = ask(api, "GET", "/v1/protections").json()
    answer = ask(api, "POST", "/v1/protections", json={**SAID, **body})
    assert answer.status_code == 422
    assert UNKNOWN not in answer.text
    assert ask(api, "GET", "/v1/protections").json() == before
