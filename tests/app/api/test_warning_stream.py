"""The stream of warnings: a real server, readers that come and go, and an end with the service."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from neo4j import GraphDatabase

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / "outbox")]

from casebooks import OTHER, found, run  # noqa: E402

from app.api.event_stream import Beat, Places  # noqa: E402
from app.api.service import create_app  # noqa: E402
from app.api.state import Stores  # noqa: E402
from app.casebook.canonical import canonical  # noqa: E402
from app.casebook.store import Casebook  # noqa: E402
from app.graph.driver import Graph  # noqa: E402
from app.settings import Settings  # noqa: E402
from loaders.ledger.ledger import Ledger  # noqa: E402

QUICK = {"look": 0.02, "comment": 0.1, "patience": 0.5}


@dataclass
class Running:
    """A service on a port of its own, and the casebook that another process would write."""

    app: FastAPI
    server: uvicorn.Server
    thread: threading.Thread
    casebook: Casebook
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    settings = Settings(data=tmp_path)
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    casebook = Casebook.open(settings.casebook_address)
    graph = Graph(driver, "bolt://127.0.0.1:1")
    app = create_app(settings, Stores(settings, Ledger.open(tmp_path / "ledger"), casebook, graph))
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=10)
    server = uvicorn.Server(config)
    app.state.beat = Beat(**QUICK, stopping=lambda: server.should_exit)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    other = Casebook.open(settings.casebook_address)
    yield Running(app, server, thread, other, listener.getsockname()[1])
    server.should_exit = True
    thread.join(30)
    listener.close()
    for opened in (casebook, other):
        opened.close()
    driver.close()


class Stream:
    """A reader of the stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self.rest = response, response.iter_lines()

    def events(self, count: int) -> list[dict[str, Any]]:
        """The next events: id and data; comments are passed over."""
        told: list[dict[str, Any]] = []
        while len(told) < count:
            event: dict[str, Any] = {}
            while line := next(self.rest):
                name, _, value = line.partition(": ")
                if name:
                    event[name] = value
            if event:
                assert event["event"] == "warning"
                told.append({**orjson.loads(event["data"]), "event_id": event["id"]})
        return told

    def comments(self, count: int) -> None:
        """Waits for comments."""
        while count:
            count -= next(self.rest).startswith(": ")


@contextmanager
def following(service: Running, path: str = "", status: int = 200, **headers: str) -> Iterator[Stream]:
    with (
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{service.address}/v1/warnings/stream{path}", headers=headers) as response,
    ):
        assert response.status_code == status
        yield Stream(response)


def wordy(key: str) -> dict[str, Any]:
    """A finding with a very long reason."""
    row = found(key)
    result = orjson.loads(row["result"])
    return {**row, "result": canonical({**result, "reason": {"en": "x" * 50_000, "zh": ""}})}


def eventually(holds: Any) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_warnings_come_as_they_happen_and_are_resumed_from_an_id(service: Running) -> None:
    run(service.casebook, {"f-1": found()})
    with following(service) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        stream.comments(2)  # only what comes from now on
        run(service.casebook, {"f-1": found(), "f-2": found(OTHER, severity="high")})
        (event,) = stream.events(1)
        assert (event["finding"], event["change"], event["id"]) == ("f-2", "found", event["event_id"])
    run(service.casebook, {"f-1": found(), "f-2": found(OTHER, severity="critical")})
    run(service.casebook, {"f-1": found()})
    with following(service, **{"Last-Event-ID": event["id"]}) as stream:
        missed = stream.events(2)
    assert [one["change"] for one in missed] == ["changed", "gone"]
    with following(service, f"?after={missed[0]['id']}") as stream:
        assert [one["change"] for one in stream.events(1)] == ["gone"]
    with following(service, f"?after={event['id']}", **{"Last-Event-ID": missed[0]["id"]}) as stream:
        assert [one["change"] for one in stream.events(1)] == ["gone"]  # what the browser says goes first


def test_a_stream_may_be_of_grave_warnings_or_those_of_a_rule(service: Running) -> None:
    start = "?after=0000000000..00000"
    run(service.casebook, {"f-1": found(), "f-2": found(OTHER, severity="high")})
    run(service.casebook, {"f-3": found()}, rule="b-rule")
    with following(service, f"{start}&severity=high") as stream:
        assert [one["finding"] for one in stream.events(1)] == ["f-2"]
    with following(service, f"{start}&rule=b-rule") as stream:
        assert [one["finding"] for one in stream.events(1)] == ["f-3"]


def test_many_pages_come_whole_and_in_order(service: Running) -> None:
    run(service.casebook, {f"f-{n:03}": found(f"44019{n:05}") for n in range(250)})
    with following(service, "?after=0000000000..00000") as stream:
        told = [one["id"] for one in stream.events(250)]
    assert told == sorted(set(told))


def test_there_is_a_bound_on_streams_and_whoever_goes_frees_a_place(service: Running) -> None:
    service.app.state.places = places = Places(most=2)
    with following(service) as one, following(service) as two:
        one.comments(1), two.comments(1)
        with following(service, status=503) as refused:
            assert "2 streams already" in orjson.loads(refused.response.read())["detail"]
    eventually(lambda: places.taken == 0)
    with following(service) as stream:
        stream.comments(1)


def test_a_reader_that_does_not_read_is_let_go_and_hurts_nobody(service: Running) -> None:
    # More than the buffers of the system take in.
    run(service.casebook, {f"f-{n:03}": wordy(f"44019{n:05}") for n in range(300)})
    places = service.app.state.places
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", service.port))
        ask = "GET /v1/warnings/stream?after=0000000000..00000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        deaf.sendall(ask.encode())
        eventually(lambda: places.taken == 1)
        assert httpx.get(f"{service.address}/v1/warnings?limit=1").json()["count"] == 300
        eventually(lambda: places.taken == 0)


def test_streams_end_with_the_service(service: Running) -> None:
    with following(service) as stream:
        stream.comments(1)
        service.server.should_exit = True
        assert all(not line or line.startswith(":") for line in stream.rest)
    service.thread.join(5)
    assert not service.thread.is_alive()


def test_a_stream_ends_where_the_casebook_is_away_and_is_refused_until_it_is_back(service: Running) -> None:
    with following(service) as stream:
        stream.comments(1)
        with service.casebook.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE finding_history RENAME TO away")
        with service.casebook.change() as change:
            change.set_watermark("elsewhere", 1, {})
        assert all(not line or line.startswith(":") for line in stream.rest)
    with following(service, status=503):
        pass
    with service.casebook.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO finding_history")
    with following(service) as stream:
        stream.comments(1)
