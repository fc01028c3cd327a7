"""The description of the API is complete, and errors have one shape."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from neo4j import GraphDatabase
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.api import cursor
from app.api.problems import Faults
from app.api.service import create_app
from app.api.state import Stores
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.graph.driver import Graph
from app.settings import Settings
from loaders.ledger.ledger import Ledger

SCHEMA = create_app(Settings()).openapi()
OPERATIONS = {f"{verb} {path}": op for path, verbs in SCHEMA["paths"].items() for verb, op in verbs.items()}


def schemas_with_properties() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, schema in SCHEMA["components"]["schemas"].items():
        for field, value in schema.get("properties", {}).items():
            yield name, field, value


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_described_with_examples_and_errors(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    (media, answered), *others = operation["responses"]["200"]["content"].items()
    assert media in ("application/json", "text/html", "text/event-stream", "application/zip")
    assert answered["schema"]
    assert [other for other, _ in others] in ([], ["text/html"])  # the same as a page to print
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
        assert "examples" in parameter["schema"] or "examples" in parameter, parameter["name"]
    errors = {status: answer for status, answer in operation["responses"].items() if status[0] != "2"}
    assert "422" in errors  # every address refuses parameters that it does not know
    if "{" in name:
        assert "404" in errors
    if name != "get /health":
        assert "503" in errors
    for answer in errors.values():
        assert answer["description"]
        assert list(answer["content"]) == ["application/problem+json"]
        assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_every_field_is_described() -> None:
    assert [
        (name, field) for name, field, value in schemas_with_properties() if not value.get("description")
    ] == []


def test_every_model_has_an_example() -> None:
    for name, schema in SCHEMA["components"]["schemas"].items():
        own = "examples" in schema
        assert own or all(
            "examples" in value or "$ref" in str(value) or "const" in value or "default" in value
            for value in schema["properties"].values()
        ), name


def test_the_description_says_that_it_is_for_this_machine_alone() -> None:
    assert "loopback only" in SCHEMA["info"]["description"]


def test_a_cursor_comes_back_as_it_went() -> None:
    assert cursor.decode(cursor.encode([-3, "规则", 1.5, "id"]), int, str, float, str) == [
        -3,
        "规则",
        1.5,
        "id",
    ]


@pytest.mark.parametrize(
    "text", ["", "x", "!!", "bnVsbA", cursor.encode([1]), cursor.encode(["a", 1]), "é" * 9]
)
def test_a_cursor_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="cursor"):
        cursor.decode(text, str, str)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(BadInputError, match="this machine alone"):
        create_app(Settings(api_host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_every_loopback_address_may_be_served(host: str) -> None:
    assert create_app(Settings(api_host=host)).title == "cluegraph"


def stores(folder: Path) -> Stores:
    """The stores of an empty data folder; the graph is never asked."""
    settings = Settings(data=folder)
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    graph = Graph(driver, "bolt://127.0.0.1:1")
    return Stores(settings, Ledger.open(folder / "ledger"), Casebook.open(settings.casebook_address), graph)


async def ask(app: FastAPI, path: str, host: str = "localhost") -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        return await client.get(path, headers={"Host": host})


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_a_request_names_this_machine(tmp_path: Path, host: str) -> None:
    app = create_app(Settings(data=tmp_path), stores(tmp_path))
    assert asyncio.run(ask(app, "/health", host)).status_code == 200
    assert asyncio.run(ask(app, "/health", "elsewhere.example")).status_code == 400


def test_the_page_that_tries_the_api_asks_no_other_machine(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path), stores(tmp_path))
    page = asyncio.run(ask(app, "/docs"))
    assert page.status_code == 200
    named = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert {path.rsplit(".", 1)[-1] for path in named} == {"js", "css", "png"}
    for path in named:
        assert path.startswith("/")
        assert asyncio.run(ask(app, path)).status_code == 200
    # The library would have specifications checked by another machine, unless it is told not to.
    assert '"validatorUrl": "none"' in page.text
    assert "://" not in page.text.replace("window.location.origin", "")


def test_a_store_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path) -> None:
    opened = stores(tmp_path)
    with opened.casebook.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE finding_history")
    app = create_app(opened.settings, opened)

    for path, part in (("/v1/findings", "casebook"), ("/v1/clusters", "Neo4j"), ("/ready", "casebook")):
        answer = asyncio.run(ask(app, path))
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert part in answer.json()["detail"]


def test_what_is_not_ready_is_told_in_sentences_that_end_once(tmp_path: Path) -> None:
    answer = asyncio.run(ask(create_app(Settings(data=tmp_path), stores(tmp_path)), "/ready"))
    assert answer.status_code == 503
    assert "Neo4j" in answer.json()["detail"]
    assert not answer.json()["detail"].endswith("..")


def test_a_fault_of_ours_is_a_problem_too_and_says_nothing_of_its_cause(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path), stores(tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("110105194912310020")

    answer = asyncio.run(ask(app, "/broken"))
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "110105194912310020" not in answer.text


def test_a_fault_in_the_midst_of_an_answer_ends_it_and_says_nothing_of_its_cause() -> None:
    sent: list[Message] = []

    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("110105194912310020")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/half", "headers": [], "query_string": b""}
    with capture_logs() as logs:
        asyncio.run(Faults(half)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [(one["event"], one["error"]) for one in logs] == [("request failed", "ValueError")]
    assert "110105194912310020" not in str(logs)
