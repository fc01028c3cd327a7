"""Control instructions, warnings, webhooks and the outbox over HTTP."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from neo4j import GraphDatabase

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / "outbox")]

from casebooks import OTHER, PLATFORM, found, run  # noqa: E402
from receiver import Receiver, receiving  # noqa: E402

from app.api.service import create_app  # noqa: E402
from app.api.state import Stores  # noqa: E402
from app.casebook.store import Casebook  # noqa: E402
from app.graph.driver import Graph  # noqa: E402
from app.settings import Settings  # noqa: E402
from loaders.ledger.ledger import Ledger  # noqa: E402

IDENTITY = "11010519491231002X"
SOON = (datetime.now(UTC) + timedelta(days=9)).isoformat()
DRAFT = {
    "scope_kind": "platform",
    "scope_key": PLATFORM,
    "action": "hold",
    "rate": "1",
    "to": SOON,
    "reason": "Two raids.",
    "by": "K01",
}
DECISION = {"by": "K02", "why": "Checked."}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger.open(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def opened(tmp_path: Path, ledger: Ledger) -> Iterator[Stores]:
    """The stores of an empty data folder; the graph is never asked."""
    settings = Settings(data=tmp_path, webhook_loopback=True)
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    casebook = Casebook.open(settings.casebook_address)
    yield Stores(settings, ledger, casebook, Graph(driver, "bolt://127.0.0.1:1"))
    casebook.close()
    driver.close()


@pytest.fixture
def api(opened: Stores) -> FastAPI:
    return create_app(opened.settings, opened)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, ledger: Ledger) -> tuple[FastAPI, Casebook, str]:
    """A service for mistakes, which change nothing, its casebook, and a draft by K01."""
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    casebook = Casebook.open(settings.casebook_address)
    app = create_app(settings, Stores(settings, ledger, casebook, Graph(driver, "bolt://127.0.0.1:1")))
    return app, casebook, post(app, "/v1/instructions", DRAFT)["id"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def ask(app: FastAPI, verb: str, path: str, status: int = 200, **given: Any) -> Any:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return await client.request(verb, path, **given)

    answer = asyncio.run(asked())
    assert answer.status_code == status, answer.text
    return answer.json()


def post(app: FastAPI, path: str, body: Any, status: int = 200) -> Any:
    return ask(app, "POST", path, status, json=body)


def test_an_instruction_over_the_api(api: FastAPI) -> None:
    drafted = post(api, "/v1/instructions", DRAFT)
    path = f"/v1/instructions/{drafted['id']}"
    refused = post(api, f"{path}/approve", {**DECISION, "by": "k 01"}, 422)
    assert "another person" in refused["detail"]
    assert post(api, f"{path}/approve", DECISION)["state"] == "approved"
    assert post(api, f"{path}/issue", DECISION)["state"] == "issued"
    (held,) = ask(api, "GET", "/v1/instructions?in_force=true")["data"]
    assert (held["id"], held["rate"], held["action"]) == (drafted["id"], "1", "hold")
    done = post(api, f"{path}/acknowledgement", {"state": "acknowledged", "by": "H2018"})
    assert done["state"] == "acknowledged"
    assert post(api, f"{path}/acknowledgement", {"state": "acknowledged", "by": "H2018"}) == done
    post(api, f"{path}/withdraw", {**DECISION, "expected": "issued"}, 422)
    gone = post(api, f"{path}/withdraw", {**DECISION, "expected": "acknowledged"})
    assert [step["change"] for step in gone["history"]] == [
        *("drafted", "approved", "issued", "acknowledged", "withdrawn")
    ]
    assert ask(api, "GET", path) == gone
    (clearance,) = ask(api, "GET", "/v1/outbox")["data"]
    assert (clearance["channel"], clearance["configured"], clearance["waiting"]) == ("clearance", False, 2)


def test_a_draft_from_a_finding_over_the_api(api: FastAPI, opened: Stores) -> None:
    run(opened.casebook, {"f-one": found()})
    plain = {"finding": "f-one", "action": "manual review", "rate": "0.5", "to": SOON, "by": "K01"}
    drafted = post(api, "/v1/instructions", plain)
    assert (drafted["source"], drafted["scope_key"]) == ("finding", PLATFORM)
    post(api, "/v1/instructions", {**plain, "finding": "f-none"}, 404)


def test_lists_are_paged_and_filtered(api: FastAPI) -> None:
    ids = [post(api, "/v1/instructions", DRAFT)["id"] for _ in range(3)]
    post(api, f"/v1/instructions/{ids[0]}/approve", DECISION)
    first = ask(api, "GET", "/v1/instructions?limit=2")
    assert ([row["id"] for row in first["data"]], first["count"]) == (ids[:0:-1], 3)
    second = ask(api, "GET", f"/v1/instructions?limit=2&cursor={first['next']}")
    assert ([row["id"] for row in second["data"]], second["next"]) == (ids[:1], None)
    assert ask(api, "GET", "/v1/instructions?state=approved")["count"] == 1
    assert ask(api, "GET", f"/v1/instructions?scope_kind=platform&scope_key={OTHER}")["count"] == 0


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("", 422, {**DRAFT, "action": "burn"}),
        ("", 422, {**DRAFT, "scope_kind": "warehouse"}),
        ("", 422, {**DRAFT, "scope_kind": "consumer", "scope_key": IDENTITY}),
        ("", 422, {**DRAFT, "rate": "1.5"}),
        ("", 422, {**DRAFT, "rate": 0.5}),
        ("", 422, {**DRAFT, "to": "2020-01-01T00:00:00Z"}),
        ("", 422, {**DRAFT, "to": "2031-01-01T00:00:00"}),
        ("", 422, {**DRAFT, "from": "9999-12-31T23:59:59-23:00"}),
        ("", 422, {**DRAFT, "reason": f"It is {IDENTITY}"}),
        ("", 422, {**DRAFT, "by": IDENTITY}),
        ("", 422, {**DRAFT, "luck": 1}),
        ("", 422, {**DRAFT, "reason": "x" * 2001}),
        ("", 404, {**DRAFT, "finding": "f-none"}),
        ("", 404, {**DRAFT, "by_class": True}),
        ("/CI-2026-99999/approve", 404, DECISION),
        ("/CI-1/issue", 404, DECISION),
        ("/CI-2026-00001/issue", 422, DECISION),
        ("/CI-2026-00001/approve", 422, {**DECISION, "by": "K 01"}),
        ("/CI-2026-00001/approve", 422, {"by": "K02"}),
        ("/CI-2026-00001/acknowledgement", 422, {"state": "acknowledged", "by": "H2018"}),
        ("/CI-2026-00001/acknowledgement", 422, {"state": "done", "by": "H2018"}),
        ("/CI-2026-00001/withdraw", 422, {**DECISION, "expected": "issued"}),
    ],
)
def test_mistakes_are_told_and_change_nothing(
    lasting: tuple[FastAPI, Casebook, str], path: str, status: int, body: dict[str, Any]
) -> None:
    app, casebook, draft = lasting
    before = casebook.seq()
    told = post(app, f"/v1/instructions{path.replace('CI-2026-00001', draft)}", body, status)
    assert told["detail"].endswith(".")
    assert IDENTITY not in str(told)
    assert casebook.seq() == before


def test_warnings_are_listed_after_one_of_them(api: FastAPI, opened: Stores) -> None:
    run(opened.casebook, {"f-1": found(), "f-2": found(OTHER, severity="high")})
    run(opened.casebook, {"f-2": found(OTHER, severity="high")})
    first = ask(api, "GET", "/v1/warnings?limit=2")
    assert ([row["finding"] for row in first["data"]], first["count"]) == (["f-1", "f-2"], 3)
    assert first["next"] == first["data"][-1]["id"]
    rest = ask(api, "GET", f"/v1/warnings?after={first['next']}")
    assert ([row["change"] for row in rest["data"]], rest["count"], rest["next"]) == (["gone"], 1, None)
    assert ask(api, "GET", "/v1/warnings?severity=high")["count"] == 1
    assert ask(api, "GET", "/v1/warnings?rule=b-rule")["count"] == 0
    ask(api, "GET", "/v1/warnings?after=yesterday", 422)
    ask(api, "GET", "/v1/warnings/stream?after=yesterday", 422)
    ask(api, "GET", "/v1/warnings/stream?severity=grave", 422)


def test_a_subscription_over_the_api(api: FastAPI, receiver: Receiver) -> None:
    made = post(api, "/v1/webhooks", {"address": receiver.address, "severity": "high", "by": "K01"})
    path = f"/v1/webhooks/{made['id']}"
    assert made["secret"].startswith("whsec_")
    for answer in (ask(api, "GET", "/v1/webhooks"), ask(api, "GET", path)):
        assert made["secret"] not in str(answer)
        assert made["id"] in str(answer)
    assert post(api, f"{path}/test", {"by": "K01"}) == {"delivered": True, "error": None}
    receiver.replies.append(500)
    assert post(api, f"{path}/test", {"by": "K01"}) == {"delivered": False, "error": "answered 500"}
    ask(api, "POST", f"{path}/test", 422)
    assert [step["change"] for step in ask(api, "GET", path)["history"]] == ["added", "tried", "tried"]
    post(api, f"{path}/resume", DECISION, 422)
    assert post(api, f"{path}/remove", DECISION)["id"] == made["id"]
    ask(api, "GET", path, 404)
    post(api, "/v1/webhooks", {"address": "http://169.254.169.254/", "by": "K01"}, 422)
    post(api, "/v1/webhooks", {"address": "http://me:pass@example.org/", "by": "K01"}, 422)
    assert ask(api, "GET", "/v1/webhooks")["count"] == 0
