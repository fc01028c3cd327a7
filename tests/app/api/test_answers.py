"""The API over a small world, asked over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from commanding import Job, serving


@pytest.fixture(scope="module")
def api(job: Job) -> Iterator[httpx.Client]:
    """The service over the shared world."""
    with serving(job.data) as service, httpx.Client(base_url=service.address, timeout=60) as client:
        yield client


def get(api: httpx.Client, path: str, **parameters: Any) -> Any:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def problem(api: httpx.Client, path: str) -> Any:
    answer = api.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["instance"] == path.partition("?")[0]
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


def test_findings_come_page_by_page_without_gap_or_repetition(api: httpx.Client) -> None:
    whole = get(api, "/v1/findings", limit=500)
    assert whole["count"] == len(whole["data"]) > 5
    assert whole["next"] is None

    pages, cursor = [], {}
    while cursor is not None:
        page = get(api, "/v1/findings", limit=4, **cursor)
        assert page["count"] == whole["count"]
        pages += page["data"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert pages == whole["data"]


def test_findings_are_filtered(api: httpx.Client) -> None:
    grave = get(api, "/v1/findings", severity="high")
    assert {row["severity"] for row in grave["data"]} <= {"high", "critical"}
    assert grave["count"] > 0
    ring = get(api, "/v1/findings", rule="ring-platforms")
    assert {row["rule"] for row in ring["data"]} == {"ring-platforms"}
    assert get(api, "/v1/findings", since="1")["count"] == 0
    assert get(api, "/v1/findings", present=False)["count"] == 0
    assert get(api, "/v1/findings", rule="none-such") == {"data": [], "count": 0, "next": None}


def test_every_finding_has_its_evidence_and_its_picture(api: httpx.Client) -> None:
    for row in get(api, "/v1/findings", limit=12)["data"]:
        one = get(api, f"/v1/findings/{row['id']}")
        assert one == row
        evidence = get(api, f"/v1/findings/{row['id']}/evidence", limit=500)
        assert {document["id"] for document in evidence["data"]} == set(row["evidence"]["ids"])
        assert all(
            document["file"] and document["position"] > 0 and document["load"] == 1
            for document in evidence["data"]
        )
        picture = get(api, f"/v1/findings/{row['id']}/picture")
        ids = {node["id"] for node in picture["nodes"]}
        assert ids
        assert {end for edge in picture["edges"] for end in (edge["source"], edge["target"])} <= ids


def test_a_picture_is_cut_where_it_is_asked_to_be(api: httpx.Client) -> None:
    ring = get(api, "/v1/findings", rule="ring-platforms")["data"][0]
    picture = get(api, f"/v1/findings/{ring['id']}/picture", limit=3)
    assert len(picture["nodes"]) == 3
    assert picture["cut"] is True


def test_evidence_comes_page_by_page(api: httpx.Client) -> None:
    row = max(get(api, "/v1/findings", limit=500)["data"], key=lambda one: one["evidence"]["count"])
    path = f"/v1/findings/{row['id']}/evidence"
    whole = get(api, path, limit=500)["data"]
    first = get(api, path, limit=2)
    second = get(api, path, limit=2, cursor=first["next"])
    assert first["data"] + second["data"] == whole[:4]


def test_a_platform_of_the_ring_is_known_with_its_finding(api: httpx.Client) -> None:
    ring = get(api, "/v1/findings", rule="ring-platforms")["data"][0]
    code = next(part["key"] for part in ring["members"] if part["kind"] == "Platform")
    known = get(api, f"/v1/enterprises/{code}")
    assert "Platform" in known["roles"]
    assert known["counts"]["transactions_on"] > 0
    assert ring["id"] in {finding["key"] for finding in known["findings"]}

    near = get(api, f"/v1/enterprises/{code}/neighbours", limit=2)
    types = {row["type"]: row for row in near["data"]}
    assert types["SETTLES_WITH"]["neighbours"][0]["kind"] == "PaymentCompany"
    assert all(row["shown"] == min(row["total"], 2) for row in near["data"])
    assert any(text.startswith("ON: ") for text in near["cut"])


def test_a_consumer_is_known_by_key_and_masked(api: httpx.Client, job: Job) -> None:
    from loaders.ledger.ledger import Ledger

    with Ledger.open(job.data / "ledger").connect() as connection:
        key, number, name = connection.execute(
            "SELECT buyerIdNumber_key, buyerIdNumber, buyerName FROM current_orders ORDER BY 1 LIMIT 1"
        ).fetchall()[0]
    known = get(api, f"/v1/consumers/{key}")
    near = get(api, f"/v1/consumers/{key}/neighbours")
    assert known["counts"]["bought"] >= 1
    assert {"BOUGHT_BY", "BUYS_ON"} <= {row["type"] for row in near["data"]}
    assert number not in json.dumps([known, near])
    assert name not in json.dumps([known, near], ensure_ascii=False)


def test_clusters_are_listed_and_told_with_their_members(api: httpx.Client) -> None:
    listed = get(api, "/v1/clusters", limit=1)
    assert listed["count"] >= 1
    cluster = get(api, f"/v1/clusters/{listed['data'][0]['id']}")
    assert cluster["total"] == len(cluster["members"]) > 1


def test_it_is_alive_and_ready(api: httpx.Client) -> None:
    assert get(api, "/health")["status"] == "ok"
    ready = get(api, "/ready")
    assert ready["ready"] is True
    assert all(check["ok"] for check in ready["checks"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/findings/none", 404),
        ("/v1/findings/none/evidence", 404),
        ("/v1/findings/none/picture", 404),
        ("/v1/enterprises/none", 404),
        ("/v1/enterprises/none/neighbours", 404),
        ("/v1/consumers/" + "a" * 32, 404),
        ("/v1/consumers/110105194912310020", 422),
        ("/v1/clusters/none", 404),
        ("/nowhere", 404),
        ("/v1", 404),
        ("/v1/findings?limit=0", 422),
        ("/v1/findings?limit=many", 422),
        ("/v1/findings?severity=awful", 422),
        ("/v1/findings?cursor=stolen", 422),
        ("/v1/findings?since=yesterday", 422),
        ("/v1/findings?since=99", 422),
        ("/v1/findings?severty=high", 422),
        ("/health?x=1", 422),
    ],
)
def test_errors_are_problem_details(api: httpx.Client, path: str, status: int) -> None:
    body = problem(api, path)
    assert body["status"] == status
    if "severty" in path:
        assert body["errors"] == [{"where": "query", "name": "severty", "what": "unknown parameter"}]
    assert "110105194912310020" not in body["detail"]


def test_nothing_can_be_changed(api: httpx.Client) -> None:
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        answer = api.request(verb, "/v1/findings")
        assert answer.status_code == 405
        assert answer.headers["content-type"] == "application/problem+json"
        assert "GET" in answer.headers["allow"]
