"""Outcomes, precision, moves, proposals and the control sample over HTTP."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from ledger_desk import Desk
from neo4j import GraphDatabase
from shops import inspection, sale

sys.path.append(str(Path(__file__).parents[1] / "casework"))

from cases import RULE, decided, detected

from app.api.service import create_app
from app.api.state import Stores
from app.casebook.store import Casebook
from app.graph.driver import Graph
from app.settings import Settings
from loaders.contract import Keys

SAID = {"why": "looked into", "by": "officer 7"}
FIRST = f"{RULE}-P00"


@pytest.fixture
def api(tmp_path: Path) -> FastAPI:
    """The service over a ledger and a casebook with sixteen findings; the graph is away."""
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    settings = Settings(data=desk.folder)
    book = Casebook.open(settings.casebook_address)
    desk.load(*(document for no in range(4) for document in sale("P00", no, no)))
    detected(book, *(f"P{number:02}" for number in range(16)))
    desk.load(inspection("I1", "P00|00001", "discrepancy"))
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    return create_app(settings, Stores(settings, desk.ledger, book, Graph(driver, "bolt://127.0.0.1:1")))


def ask(app: FastAPI, verb: str, path: str, status: int = 200, **options: Any) -> Any:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return await client.request(verb, path, **options)

    answer = asyncio.run(asked())
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_finding_is_decided_on_while_the_graph_is_away(api: FastAPI) -> None:
    wanted = {"decision": "confirmed", "expected": "open", **SAID}
    made = ask(api, "POST", f"/v1/findings/{FIRST}/decision", json=wanted)
    assert (made["number"], made["former"], made["decision"], made["by"]) == (
        1,
        "open",
        "confirmed",
        "officer 7",
    )
    assert ask(api, "GET", f"/v1/findings/{FIRST}")["decision"] == "confirmed"
    assert ask(api, "GET", f"/v1/findings/{FIRST}/decisions")["data"] == [made]
    assert ask(api, "GET", "/v1/findings", params={"decision": "confirmed"})["count"] == 1
    assert ask(api, "GET", "/v1/findings", params={"decision": "open"})["count"] == 15


@pytest.mark.parametrize(
    ("path", "changed", "status", "told"),
    [
        (FIRST, {"expected": "valuable"}, 422, "by now, not 'valuable'"),
        (FIRST, {"decision": "sure"}, 422, ""),
        (FIRST, {"by": "x" * 81}, 422, ""),
        (FIRST, {"by": " "}, 422, "says by"),
        (FIRST, {"colour": "red"}, 422, ""),
        (FIRST, {"decision": "snoozed"}, 422, "needs the day"),
        ("nope", {}, 404, "There is no finding"),
    ],
)
def test_what_is_no_decision_is_refused(
    api: FastAPI, path: str, changed: dict[str, str], status: int, told: str
) -> None:
    wanted = {"decision": "confirmed", "expected": "open", **SAID, **changed}
    assert told in ask(api, "POST", f"/v1/findings/{path}/decision", status, json=wanted)["detail"]
    assert ask(api, "GET", f"/v1/findings/{FIRST}/decisions")["count"] == 0


def test_a_rule_under_its_floor_is_proposed_and_accepted(api: FastAPI) -> None:
    book: Casebook = ask(api, "GET", "/health") and api.state.stores.casebook
    decided(book, "false alarm", *(f"{RULE}-P{number:02}" for number in range(12)))
    told = {row["rule"]: row for row in ask(api, "GET", "/v1/rules/precision")["data"]}
    assert (told[RULE]["wrong"], told[RULE]["precision"], told[RULE]["below"]) == (12, 0.0, True)
    (made,) = ask(api, "POST", "/v1/rule-proposals")["data"]
    assert ask(api, "POST", "/v1/rule-proposals")["count"] == 0
    ask(api, "POST", "/v1/rule-proposals/9/accept", 404, json=SAID)
    done = ask(api, "POST", f"/v1/rule-proposals/{made['number']}/accept", json=SAID)
    assert (done["state"], done["decided_by"]) == ("accepted", "officer 7")
    ask(api, "POST", f"/v1/rule-proposals/{made['number']}/reject", 422, json=SAID)
    assert ask(api, "GET", "/v1/rule-proposals", params={"state": "accepted"})["count"] == 1
    assert ask(api, "GET", f"/v1/rules/{RULE}")["maturity"] == "shadow"


def test_a_rule_is_moved_and_back(api: FastAPI) -> None:
    wanted = {"to": "shadow", "expected": "live", **SAID}
    assert ask(api, "POST", f"/v1/rules/{RULE}/maturity", json=wanted)["maturity"] == "shadow"
    ask(api, "POST", f"/v1/rules/{RULE}/maturity", 422, json=wanted)
    ask(api, "POST", "/v1/rules/nope/maturity", 404, json=wanted)
    ask(api, "POST", f"/v1/rules/{RULE}/maturity", json={**SAID, "to": "live", "expected": "shadow"})
    told = ask(api, "GET", "/v1/rules/moves", params={"rule": RULE})
    assert [one["maturity"] for one in told["data"]] == ["shadow", "live"]
    assert {row["id"]: row["maturity"] for row in ask(api, "GET", "/v1/rules")["data"]}[RULE] == "live"


def test_what_no_rule_sees_is_told(api: FastAPI) -> None:
    told = ask(api, "GET", "/v1/rules/control-sample", params={"from": "2024-01-01"})
    assert (told["random"], told["judged"], told["missed"]["count"], told["missed"]["of"]) == (1, 1, 0, 1)
    told = ask(api, "GET", "/v1/rules/control-sample", params={"severity": "high"})
    assert told["missed"]["count"] == 1
    assert told["selections"][0]["yield"]["share"] == 1.0
    ask(api, "GET", "/v1/rules/control-sample", 422, params={"from": "2024-02-01", "to": "2024-01-01"})
