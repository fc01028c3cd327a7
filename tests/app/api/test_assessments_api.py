"""Assessments over the API: answered, explained, refused by field, and answered with Neo4j stopped."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from counter import Counter, body, buys
from fastapi import FastAPI
from neo4j import GraphDatabase

from app.api.service import create_app
from app.api.state import Stores, open_stores
from app.assessment.declaration import MOST_BYTES
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.settings import Settings

PLAIN = b"{}"
"""A body that is sent as plain text."""


def ask(app: FastAPI, *requests: tuple[str, str, Any]) -> list[httpx.Response]:
    """Answers to (method, path, body) in turn; a body of bytes goes as it is."""

    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            out = []
            for method, path, given in requests:
                content = given if isinstance(given, bytes) or given is None else orjson.dumps(given)
                kind = {"Content-Type": "text/plain" if given == PLAIN else "application/json"}
                out.append(await client.request(method, path, content=content, headers=kind))
            return out

    return asyncio.run(asked())


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with Counter(tmp_path / "data") as counter:
        counter.load(*buys(1, 1))
        counter.refresh()
        yield counter


@pytest.fixture
def app(counter: Counter) -> FastAPI:
    """The service; its graph is never asked."""
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    stores = Stores(
        counter.settings,
        counter.ledgers.ledger,
        Casebook.open(counter.settings.casebook_address),
        Graph(driver, "bolt://127.0.0.1:1"),
    )
    return create_app(counter.settings, stores)


def test_a_declaration_is_answered_kept_listed_replayed_and_given_free(app: FastAPI) -> None:
    (told,) = ask(app, ("POST", "/v1/assessments", body(buys(1, 2))))
    assert told.status_code == 200
    answer = told.json()
    path = f"/v1/assessments/{answer['id']}"
    again, kept, listed, others, replayed, free, twice, none = ask(
        app,
        ("POST", "/v1/assessments", body(buys(1, 2))),
        ("GET", path, None),
        ("GET", "/v1/assessments?sale=SHOP|00002", None),
        ("GET", "/v1/assessments?lane=stop", None),
        ("GET", f"{path}/replay", None),
        ("POST", f"{path}/release", {"by": "Wang Fang", "why": "Withdrawn."}),
        ("POST", f"{path}/release", {"by": "Wang Fang", "why": "Withdrawn."}),
        ("GET", "/v1/assessments/A-none", None),
    )
    assert again.json() == answer
    assert {name: kept.json()[name] for name in answer} == answer
    assert [row["id"] for row in listed.json()["data"]] == [answer["id"]]
    assert (others.status_code, twice.status_code, none.status_code) == (422, 422, 404)
    assert replayed.json()["same"] is True
    assert free.status_code == 200, free.text
    assert free.json()["reservation"]["state"] == "released"


def test_the_list_goes_on_where_a_page_ended(app: FastAPI) -> None:
    ask(app, *(("POST", "/v1/assessments", body(buys(no, no))) for no in range(2, 7)))
    (first,) = ask(app, ("GET", "/v1/assessments?limit=3", None))
    (second,) = ask(app, ("GET", f"/v1/assessments?limit=3&cursor={first.json()['next']}", None))
    ids = [row["id"] for page in (first, second) for row in page.json()["data"]]
    assert len(set(ids)) == 5
    assert second.json()["next"] is None


def test_a_malformed_declaration_changes_nothing_and_names_its_fields(app: FastAPI) -> None:
    wrong = body(buys(1, 2), payments=[{"amountPaid": "13800000001 CNY"}])
    refused, empty, huge, plain, counted = ask(
        app,
        ("POST", "/v1/assessments", wrong),
        ("POST", "/v1/assessments", b""),
        ("POST", "/v1/assessments", b"[" * (MOST_BYTES + 10)),
        ("POST", "/v1/assessments", PLAIN),
        ("GET", "/v1/assessments", None),
    )
    assert [one.status_code for one in (refused, empty, huge, plain)] == [422, 422, 422, 422]
    assert "application/json" in plain.text
    named = {mistake["name"] for mistake in refused.json()["errors"]}
    assert {"payments[0].amountPaid", "payments[0].payCode"} <= named
    assert "13800000001" not in refused.text
    assert counted.json()["count"] == 0


def test_it_is_answered_with_neo4j_stopped_in_the_midst(tmp_path: Path, jar_cache: Path) -> None:
    with Counter(tmp_path / "data") as counter:
        counter.load(*buys(1, 1))
        counter.refresh()
        settings = Settings(data=counter.folder, cache=jar_cache, neo4j_heap="256m", neo4j_page_cache="64m")
        server = EmbeddedServer.of(settings)
        with open_stores(settings) as stores:
            app = create_app(settings, stores)
            (before,) = ask(app, ("POST", "/v1/assessments", body(buys(1, 2))))
            server.stop()
            (after,) = ask(app, ("POST", "/v1/assessments", body(buys(1, 3))))
        assert (before.status_code, after.status_code) == (200, 200)
        assert after.json()["fallback"] == []
        assert after.json()["quota"]["used"] == "3000.00000"
