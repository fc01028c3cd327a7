"""Measures, their effect and the day's selections over HTTP and by command; no graph is needed."""

import asyncio
import json
import sys
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from neo4j import GraphDatabase

from app.api import cursor as cursors
from app.api.service import create_app
from app.api.state import Stores
from app.cli.entry import main
from app.graph.driver import Graph
from app.local_time import today
from app.settings import Settings

_TESTS = Path(__file__).parents[2]
sys.path += [str(_TESTS / part) for part in ("app/supervision", "app/detection", "loaders/ledger")]

from firms import District, finding  # noqa: E402
from shops import inspection, sale  # noqa: E402

DAY = "2024-01-09"
PERIOD = {"from": "2024-01-01", "to": "2024-12-31"}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A hundred sales of one day, every one of them inspected at random, a third with a find."""
    documents = []
    for no in range(100):
        documents += sale("BAD" if no < 20 else "GOOD", no, no)
        sale_id = f"{'BAD' if no < 20 else 'GOOD'}|{no:05d}"
        documents += [inspection(f"I{no}", sale_id, "discrepancy" if no % 3 == 0 else "ok")]
    district = District(tmp_path_factory.mktemp("district"), documents)
    district.found(finding("BAD", "critical"))
    return district


@pytest.fixture(scope="module")
def api(district: District) -> FastAPI:
    settings = Settings(data=district.data)
    driver = GraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    graph = Graph(driver, "bolt://127.0.0.1:1")
    return create_app(settings, Stores(settings, district.ledger, district.casebook, graph))


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
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def command(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str, code: int = 0) -> str:
    """What a command prints; of a mistake its sentence."""
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(data), *arguments])
    printed = capsys.readouterr()
    assert ended.value.code == code, printed.err
    return printed.err if code else printed.out


def test_a_selection_is_made_once_and_read_page_by_page(api: FastAPI) -> None:
    made = ask(api, "POST", "/v1/selections", json={"day": DAY, "by": "K01"})
    assert (made["declared"], made["known"], made["left_out"]) == (100, False, 0)
    again = ask(api, "POST", "/v1/selections", json={"day": DAY, "by": "K02"})
    assert again == made | {"known": True}
    path = f"/v1/selections/{made['id']}"
    assert ask(api, "GET", path) == {name: value for name, value in made.items() if name != "known"}
    whole = ask(api, "GET", f"{path}/sales", params={"limit": 500})
    assert whole["count"] == len(whole["data"]) == made["selected"]
    first = ask(api, "GET", f"{path}/sales", params={"limit": 2})
    rest = ask(api, "GET", f"{path}/sales", params={"limit": 500, "cursor": first["next"]})
    assert first["data"] + rest["data"] == whole["data"]
    by_rate = ask(api, "GET", f"{path}/sales", params={"reason": "class_rate", "left_out": False})
    assert {row["reason"] for row in by_rate["data"]} == {"class_rate"}
    assert {"class", "lane", "chance", "parts"} <= set(by_rate["data"][0])
    ask(api, "POST", "/v1/selections", json={"day": DAY, "by": "K01", "seed": "other"})
    listed = ask(api, "GET", "/v1/selections", params={"day": DAY, "limit": 1})
    more = ask(api, "GET", "/v1/selections", params={"day": DAY, "limit": 1, "cursor": listed["next"]})
    assert (listed["count"], more["next"]) == (2, None)
    assert {row["id"] for row in listed["data"] + more["data"]} > {made["id"]}
    for forged in (10**30, -5):
        assert ask(api, "GET", "/v1/selections", params={"cursor": cursors.encode([forged])})["count"] >= 2
        assert ask(api, "GET", f"{path}/sales", params={"cursor": cursors.encode([forged])})["count"] > 0


def test_the_effect_proposes_and_what_is_accepted_is_in_force(api: FastAPI) -> None:
    told = ask(api, "GET", "/v1/measures/effect", params=PERIOD)
    of_class = {(row["class"], row["measure"]): row for row in told["data"]}
    assert of_class["C", "physical_inspection"]["random"]["inspections"] == 100
    assert of_class["C", "physical_inspection"]["random"]["found"] == 34
    proposed = ask(api, "POST", "/v1/measures/proposals", json={**PERIOD, "by": "K01"})
    assert ask(api, "POST", "/v1/measures/proposals", json={**PERIOD, "by": "K01"}) == proposed
    (row,) = proposed["data"]
    assert (row["class"], row["rate_before"], row["rate_after"], row["state"]) == (
        "C",
        "0.02",
        "0.03",
        "proposed",
    )
    path = f"/v1/measures/proposals/{row['id']}"
    body = {"decision": "accept", "by": "K02", "why": "it pays"}
    decided = ask(api, "POST", f"{path}/decision", json=body)
    assert (decided["state"], decided["holds_from"]) == ("accepted", today().isoformat())
    assert ask(api, "GET", path) == decided
    assert "was accepted already" in ask(api, "POST", f"{path}/decision", 422, json=body)["detail"]
    measures = ask(api, "GET", "/v1/measures", params={"on": today().isoformat()})
    assert (measures["measures"]["C"]["physical_inspection"], measures["changes"]) == ("0.03", [row["id"]])
    before = ask(api, "GET", "/v1/measures", params={"on": DAY})
    assert (before["measures"]["C"]["physical_inspection"], before["changes"]) == ("0.02", [])
    assert ask(api, "GET", "/v1/measures/proposals", params={"state": "accepted"})["data"] == [decided]


def test_the_checks_that_classes_require_come_page_by_page(api: FastAPI) -> None:
    path = "/v1/measures/required-checks"
    whole = ask(api, "GET", path, params={"on": DAY, "outstanding": True})
    assert [(row["code"], row["class"]) for row in whole["data"]] == [("GOOD", "C"), ("BAD", "C")]
    assert set(whole["data"][0]["outstanding"].values()) == {"never"}
    first = ask(api, "GET", path, params={"on": DAY, "limit": 1})
    rest = ask(api, "GET", path, params={"on": DAY, "limit": 1, "cursor": first["next"]})
    assert (first["data"] + rest["data"], rest["next"]) == (whole["data"], None)


@pytest.mark.parametrize(
    ("verb", "path", "status", "given"),
    [
        ("GET", "/v1/measures", 422, {}),
        ("GET", "/v1/measures?on=2001-01-01", 404, {}),
        ("GET", "/v1/measures/effect?from=2024-12-31&to=2024-01-01", 422, {}),
        ("GET", "/v1/measures/proposals?state=luck", 422, {}),
        ("GET", "/v1/measures/proposals/MP-1", 404, {}),
        ("POST", "/v1/measures/proposals", 422, {"json": {**PERIOD, "by": " "}}),
        ("POST", "/v1/measures/proposals/MP-1/decision", 404,
         {"json": {"decision": "accept", "by": "K1", "why": "x"}}),
        ("POST", "/v1/measures/proposals/MP-1/decision", 422, {"json": {"decision": "accept", "by": "K1"}}),
        ("POST", "/v1/selections", 422, {"json": {"day": "2024-01-09", "by": "13800000001"}}),
        ("POST", "/v1/selections", 422, {"json": {"day": "9998-01-01", "by": "K1"}}),
        ("POST", "/v1/selections", 422, {"json": {"day": DAY, "by": "K1", "version": 99}}),
        ("POST", "/v1/selections", 422, {"json": {"day": DAY, "by": "K1", "seed": "s" * 999}}),
        ("POST", "/v1/selections", 404, {"json": {"day": "2020-01-01", "by": "K1"}}),
        ("GET", "/v1/selections/none", 404, {}),
        ("GET", "/v1/selections/none/sales", 404, {}),
        ("GET", "/v1/selections?cursor=stolen", 422, {}),
    ],
)  # fmt: skip
def test_mistakes_are_problem_details(
    api: FastAPI, district: District, verb: str, path: str, status: int, given: dict[str, Any]
) -> None:
    before = district.casebook.seq()
    ask(api, verb, path, status, **given)
    assert district.casebook.seq() == before


def test_the_commands_tell_the_same(
    district: District, api: FastAPI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = district.data
    made = json.loads(command(capsys, data, "selection", "make", "--on", DAY, "--by", "K01", "--json"))
    assert made["id"] == ask(api, "POST", "/v1/selections", json={"day": DAY, "by": "K01"})["id"]
    assert f"Selection {made['id']}: of 100 sales" in command(capsys, data, "selection", "show", made["id"])
    listed = json.loads(command(capsys, data, "selection", "list", "--on", DAY, "--json"))
    assert made["id"] in {row["id"] for row in listed["data"]}
    out = tmp_path / "out.csv"
    assert command(capsys, data, "selection", "export", made["id"], str(out)).startswith(
        f"{made['selected']} rows"
    )
    assert len(out.read_text("utf-8-sig").splitlines()) == made["selected"] + 1
    period = ("--from", "2024-01-01", "--to", "2024-12-31")
    effect = json.loads(command(capsys, data, "measures", "effect", *period, "--json"))
    assert effect["data"] == ask(api, "GET", "/v1/measures/effect", params=PERIOD)["data"]
    required = json.loads(command(capsys, data, "measures", "required", "--on", DAY, "--json"))
    assert required["data"] == ask(api, "GET", "/v1/measures/required-checks", params={"on": DAY})["data"]
    shown = json.loads(command(capsys, data, "measures", "show", "--on", DAY, "--json"))
    assert shown["measures"] == ask(api, "GET", "/v1/measures", params={"on": DAY})["measures"]
    listed = json.loads(command(capsys, data, "measures", "proposals", "--json"))
    assert listed == ask(api, "GET", "/v1/measures/proposals")["data"]
    tomorrow = (today() + timedelta(days=1)).isoformat()
    sentence = command(capsys, data, "selection", "make", "--on", tomorrow, "--by", "K01", code=2)
    assert "a day after today" in sentence
    decision = ("MP-1", "accept", "--by", "K", "--why", "x")
    assert "no proposal" in command(capsys, data, "measures", "decide", *decision, code=2)


def test_a_table_is_checked_by_command_and_an_own_one_is_used(
    district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = files("app.supervision").joinpath("data/measures.yaml").read_text("utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("1.0.0", "9.0.0"), "utf-8")
    assert "9.0.0 from 2019-01-01" in command(capsys, district.data, "measures", "check", str(own))
    monkeypatch.setenv("CLUEGRAPH_MEASURES", str(own))
    shown = json.loads(command(capsys, district.data, "measures", "show", "--on", DAY, "--json"))
    assert shown["version"] == "9.0.0"
    own.write_text(text.replace("physical_inspection: 0.02\n", "physical_inspection: 2\n"), "utf-8")
    line = text[: text.index("physical_inspection: 0.02\n")].count("\n") + 1
    assert f"own.yaml:{line}:" in command(capsys, district.data, "measures", "check", str(own), code=2)
    refused = command(
        capsys, district.data, "selection", "make", "--on", DAY, "--seed", "x", "--by", "K", code=2
    )
    assert "own.yaml" in refused
