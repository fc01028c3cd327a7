"""Portraits and classes over HTTP, and the class of an enterprise in the graph."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.service import create_app
from app.api.state import Stores
from app.graph.server import EmbeddedServer
from app.settings import Settings

_TESTS = Path(__file__).parents[2]
sys.path += [str(_TESTS / part) for part in ("app/supervision", "app/detection", "loaders/ledger")]

from firms import BAD, HONEST, documents  # noqa: E402
from shops import Office, opened  # noqa: E402

YEAR = {"from": "2024-01-01", "to": "2024-12-31"}
RATING = {"on": "2025-01-05", **YEAR, "by": "K01"}
OVER = {"on": "2026-01-01", "reason": "Cleared up", "by": "K02"}
DECISION = {
    "on": "2025-02-01", "until": "2025-06-30", "to": "D", "reason": "Seized", "evidence": ["I1"], "by": "K02",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), documents()) as office:
        yield office


@pytest.fixture(scope="module")
def api(office: Office, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    return create_app(settings, Stores(settings, office.desk.ledger, office.casebook, office.graph))


def ask(app: FastAPI, verb: str, path: str, status: int = 200, **given: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return await client.request(verb, path, **given)

    answer = asyncio.run(asked())
    assert answer.status_code == status, answer.text
    return answer


def get(app: FastAPI, path: str, **parameters: Any) -> Any:
    return ask(app, "GET", path, params=parameters).json()


def test_portraits_come_page_by_page_and_can_be_taken_apart(api: FastAPI) -> None:
    whole = get(api, "/v1/portraits", **YEAR, limit=500)
    assert whole["count"] == len(whole["data"]) > 10
    first = get(api, "/v1/portraits", **YEAR, limit=3)
    rest = get(api, "/v1/portraits", **YEAR, limit=500, cursor=first["next"])
    assert first["data"] + rest["data"] == whole["data"]
    assert {row["code"] for row in get(api, "/v1/portraits", **YEAR, role="agent")["data"]} == {"AGENT00001"}
    one = get(api, f"/v1/portraits/{BAD}", **YEAR)
    assert (one["from"], one["score"]) == ("2024-01-01", whole["data"][0]["score"])
    path = f"/v1/portraits/{BAD}/facts/document_amount"
    facts = get(api, path, **YEAR, role="platform", limit=12)
    assert (facts["counted"], facts["count"], len(facts["data"])) == (12, 40, 12)
    assert all(row["counts"] for row in facts["data"])
    more = get(api, path, **YEAR, role="platform", limit=500, cursor=facts["next"])
    assert (len(more["data"]), more["next"]) == (28, None)


def test_the_page_is_html(api: FastAPI) -> None:
    answer = ask(api, "GET", f"/v1/portraits/{BAD}/page", params={**YEAR, "on": "2025-01-05"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "<svg" in answer.text
    problem = ask(api, "GET", "/v1/portraits/NOBODY/page", 404, params={**YEAR, "on": "2025-01-05"})
    assert problem.headers["content-type"] == "application/problem+json"


def test_ratings_and_decisions_reach_the_graph(api: FastAPI, office: Office) -> None:
    done = ask(api, "POST", "/v1/classes/ratings", json=RATING).json()
    assert ask(api, "POST", "/v1/classes/ratings", json=RATING).json() == done | {"known": True}
    listed = get(api, "/v1/classes", on="2025-01-05", limit=5)
    assert listed["count"] == done["enterprises"]
    rest = get(api, "/v1/classes", on="2025-01-05", limit=500, cursor=listed["next"])
    assert len(listed["data"] + rest["data"]) == listed["count"]
    asked = (
        "MATCH (e:Enterprise {code: $code}) "
        "RETURN e.class AS class, e.class_source AS source, e.credit_class AS official"
    )
    rated = office.graph.read(asked, code=BAD)
    assert rated == [{"class": "B", "source": "rating", "official": "高级认证"}]
    history = ask(api, "POST", f"/v1/classes/{HONEST[0]}/adjustments", json=DECISION).json()
    assert history["state"] | {"score": None} == {
        "code": HONEST[0], "class": "D", "source": "person", "since": "2025-02-01", "until": "2025-06-30",
        "rated": history["ratings"][0]["class"], "score": None,
    }  # fmt: skip
    assert office.graph.read(asked, code=HONEST[0])[0]["class"] == "D"
    over = {"on": "2025-03-01", "reason": "Cleared up", "by": "K02"}
    ended = ask(api, "POST", f"/v1/classes/{HONEST[0]}/adjustments/end", json=over).json()
    assert ended["adjustments"][0]["ended_why"] == "Cleared up"
    assert office.graph.read(asked, code=HONEST[0])[0]["class"] == history["ratings"][0]["class"]
    assert get(api, f"/v1/classes/{HONEST[0]}", on="2025-02-28")["state"]["class"] == "D"
    # Detection leaves classes alone, and a graph that is brought up to the ledger keeps them.
    office.detect()
    office.project()
    assert office.graph.read(asked, code=BAD) == rated


@pytest.mark.parametrize(
    ("verb", "path", "status", "given"),
    [
        ("GET", "/v1/portraits/NOBODY", 404, {}),
        ("GET", f"/v1/portraits/{BAD}/facts/luck", 404, {}),
        ("GET", "/v1/portraits?role=bank", 422, {}),
        ("GET", "/v1/portraits?cursor=stolen", 422, {}),
        ("GET", "/v1/classes", 422, {}),
        ("GET", "/v1/classes/NOBODY?on=2025-01-01", 404, {}),
        ("POST", "/v1/classes/ratings", 422, {"json": {**RATING, "luck": 1}}),
        ("POST", "/v1/classes/ratings", 422, {"json": {**RATING, "by": " "}}),
        ("POST", f"/v1/classes/{BAD}/adjustments", 422, {"json": {**DECISION, "to": "E"}}),
        ("POST", f"/v1/classes/{BAD}/adjustments", 422, {"json": {**DECISION, "evidence": []}}),
        ("POST", "/v1/classes/NOBODY/adjustments", 404, {"json": DECISION}),
        ("POST", "/v1/classes/ratings", 422, {"json": {**RATING, "on": "9998-01-01"}}),
        ("POST", f"/v1/classes/{BAD}/adjustments", 422, {"json": {**DECISION, "on": "9998-01-01",
                                                                  "until": "9998-02-01"}}),
        ("POST", f"/v1/classes/{BAD}/adjustments", 422, {"json": {**DECISION, "until": "9999-12-31"}}),
        ("POST", f"/v1/classes/{BAD}/adjustments/end", 422, {"json": {**OVER, "on": "9998-01-01"}}),
        ("POST", "/v1/classes/events", 422, {"json": {"on": "9998-01-01"}}),
        ("POST", "/v1/classes/events", 404, {"json": {"on": "2001-01-01"}}),
        ("GET", "/v1/scorecard?on=2001-01-01", 404, {}),
        ("POST", f"/v1/classes/{BAD}/adjustments/end", 404, {"json": OVER}),
    ],
)  # fmt: skip
def test_mistakes_are_problem_details(
    api: FastAPI, office: Office, verb: str, path: str, status: int, given: dict[str, Any]
) -> None:
    before = office.casebook.seq()
    answer = ask(api, verb, path, status, **given)
    assert answer.headers["content-type"] == "application/problem+json"
    assert office.casebook.seq() == before


def test_events_adjust_over_the_api_and_their_table_can_be_read(api: FastAPI) -> None:
    table = get(api, "/v1/classes/events", on="2024-11-30")
    assert "refuted-payments" in {event["id"] for event in table["events"]}
    told = ask(api, "POST", "/v1/classes/events", json={"on": "2024-11-30"}).json()
    assert ("BADSHOP001", "refuted-payments", "D") in {
        (row["code"], row["event"], row["class"]) for row in told["applied"]
    }
    assert get(api, f"/v1/classes/{BAD}", on="2024-11-30")["state"]["source"] == "event"
    again = ask(api, "POST", "/v1/classes/events", json={"on": "2024-11-30"}).json()
    assert again == {**told, "applied": []}


def test_the_scorecard_of_a_day_can_be_read(api: FastAPI) -> None:
    card = get(api, "/v1/scorecard", on="2025-01-05")
    assert [band["class"] for band in card["bands"]] == ["A", "B", "C", "D"]
    assert sum(card["weights"]["platform"].values()) == 100
