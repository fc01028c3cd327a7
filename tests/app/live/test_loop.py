"""What arrives is taken once, whole or with its mistakes told, also around a kill and with the graph away."""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from commanding import begun, cluegraph, serving
from ledger_documents import order, payment
from live_desk import desk_of, flat, settings_for
from pydantic import SecretStr
from shops import check, sale

from app.errors import BadInputError, NotFoundError, UnavailableError
from app.graph.server import EmbeddedServer
from app.live.batch import Desk
from app.live.dropped import DropFolder, Patience
from app.live.inbox import Inbox
from app.live.loop import Batch, Loop, Task, all_rules, all_rules_due
from app.settings import Settings

AT = datetime(2024, 6, 30, 8, tzinfo=UTC)
SALE = json.dumps(flat(sale("P1", 1, 1))).encode()


@pytest.fixture
def settings(neo4j_server: EmbeddedServer, tmp_path: Path) -> Settings:
    return settings_for(neo4j_server, tmp_path / "data")


@pytest.fixture
def loop(settings: Settings) -> Iterator[Loop]:
    with desk_of(settings) as desk:
        yield Loop(desk, Inbox.of(settings))


def heard(loop: Loop) -> list[Batch]:
    batches: list[Batch] = []
    loop.tell = batches.append
    return batches


def test_a_body_is_kept_loaded_once_and_followed(loop: Loop) -> None:
    batches = heard(loop)
    first = loop.inbox.put(SALE, "json", AT)
    assert (first.state, first.id) == ("waiting", hashlib.sha256(SALE).hexdigest())
    assert loop.inbox.put(SALE, "json", AT) == first
    assert loop.turn()
    receipt = loop.inbox.receipt(first.id)
    assert (receipt.state, receipt.load, receipt.received) == ("loaded", 1, AT)
    assert receipt.new["orders"] == 1
    assert loop.inbox.put(SALE, "json", AT) == receipt
    assert not loop.turn()
    [batch] = batches
    assert batch.brought_up is not None
    assert {one.rule for one in loop.desk.casebook.findings()} == set()


def test_mistakes_are_told_by_their_place_and_the_others_land(loop: Loop) -> None:
    good, bad = flat([order("O1", "E1")])[0], flat([payment("O2", "E1")])[0] | {"amountPaid": "much"}
    body = json.dumps([good, {"table": "nonsense"}, "text", bad, {"table": "orders"}]).encode()
    identity = loop.inbox.put(body, "json", AT).id
    loop.turn()
    receipt = loop.inbox.receipt(identity)
    assert receipt.state == "loaded"
    assert dict(receipt.new) == {"orders": 1}
    told = {(one["position"], one["kind"], one["field"]) for one in receipt.refused}
    assert {(2, None, "table"), (3, None, None), (4, "payments", "amountPaid")} <= told
    assert any(position == 5 and kind == "orders" for position, kind, _ in told)
    assert "much" not in json.dumps(receipt.as_dict())


@pytest.mark.parametrize("body", [b"[", b"[]", b"[1, 2]", b'{"no": "payment"}', b"<Message>", b"[NaN]"])
def test_a_body_that_is_nothing_is_refused_as_a_whole(loop: Loop, body: bytes) -> None:
    identity = loop.inbox.put(body, "xml" if body[:1] == b"<" else "json", AT).id
    loop.turn()
    receipt = loop.inbox.receipt(identity)
    assert receipt.state == "refused"
    assert receipt.reason


def test_an_empty_body_and_a_full_inbox_are_refused(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, limit=1)
    with pytest.raises(BadInputError):
        inbox.put(b"  \n", "json", AT)
    inbox.put(b"[1]", "json", AT)
    with pytest.raises(UnavailableError, match="wait to be loaded already"):
        inbox.put(b"[2]", "json", AT)
    with pytest.raises(NotFoundError):
        inbox.receipt("0" * 64)


def test_checks_among_other_documents_are_sent_back(loop: Loop) -> None:
    """One mistake anywhere would refuse them all, and nobody would be told which."""
    body = json.dumps(flat([order("O1", "E1"), check("E1", "pass")])).encode()
    identity = loop.inbox.put(body, "json", AT).id
    loop.turn()
    [refused] = loop.inbox.receipt(identity).refused
    assert refused["kind"] == "platform_verifications"
    assert "by itself" in refused["reason"]


def test_killed_between_load_and_receipt_a_body_is_loaded_once(loop: Loop) -> None:
    identity = loop.inbox.put(SALE, "json", AT).id
    [waiting] = loop.inbox.waiting()
    loop.desk.take([waiting.path], AT)  # and no receipt
    loop.turn()
    receipt = loop.inbox.receipt(identity)
    assert (receipt.state, receipt.load) == ("loaded", 1)
    assert "came before" in str(receipt.reason)
    assert loop.desk.ledger.version == 1


def test_with_the_graph_away_documents_land_and_warnings_follow(loop: Loop) -> None:
    there = loop.desk.settings
    loop.desk.forget_graph()
    loop.desk.settings = there.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})
    loop.inbox.put(SALE, "json", AT)
    loop.inbox.put(
        json.dumps(flat([check("P1", "fail", at="2024-01-08T10:00:00")])).encode(), "json", AT.replace(hour=9)
    )
    loop.turn()
    assert loop.desk.ledger.version == 1
    assert not loop.desk.casebook.findings()
    loop.desk.settings = there
    loop._not_before = 0.0
    assert loop.turn()
    assert [one.rule for one in loop.desk.casebook.findings()] == ["platform-failed-checks"]


def test_all_rules_run_on_schedule_where_something_is_new(loop: Loop) -> None:
    ran: list[float] = []
    loop.tasks.append(Task("all rules", 0.0, all_rules(loop.desk, ran.append)))
    loop.turn()
    assert ran == []  # an empty ledger
    loop.inbox.put(SALE, "json", AT)
    loop.turn()
    assert len(ran) == 1
    assert not all_rules_due(loop.desk)
    loop.turn()
    assert len(ran) == 1


def test_a_task_that_fails_is_tried_again_and_stops_nothing(loop: Loop) -> None:
    def fails() -> None:
        raise UnavailableError("away")

    task = Task("fails", 3600.0, fails)
    loop.tasks.append(task)
    loop.inbox.put(SALE, "json", AT)
    assert loop.turn()
    assert task.due > time.monotonic()


def test_what_was_refused_is_refused_when_it_comes_again(loop: Loop, tmp_path: Path) -> None:
    """Posted after it was dropped, or dropped again: a mistake is never `loaded`."""
    bad = flat([payment("O2", "E1")])[0] | {"amountPaid": "much"}
    mixed = json.dumps([*flat([order("O1", "E1")]), bad]).encode()
    folder = tmp_path / "drop"
    folder.mkdir()
    with closing(DropFolder(folder, Patience(0.0, 0.0))) as dropped:
        loop.folders = [dropped]
        for _ in range(2):
            (folder / "no.json").write_bytes(b'[{"table": ]')
            (folder / "bad.json").write_bytes(json.dumps([bad]).encode())
            (folder / "mixed.json").write_bytes(mixed)
            loop.turn()
    names = {"no.json", "bad.json", "no-2.json", "bad-2.json"}
    assert {path.name for path in (folder / "refused").iterdir() if "receipt" not in path.name} == names
    receipt = json.loads((folder / "refused" / "bad-2.json.receipt.json").read_text())
    assert [one["field"] for one in receipt["refused"]] == ["amountPaid"]
    assert "came before" in receipt["reason"]
    assert (folder / "done" / "mixed-2.json").exists()
    identity = loop.inbox.put(b'[{"table": ]', "json", AT).id
    loop.turn()
    receipt_of_body = loop.inbox.receipt(identity)
    assert receipt_of_body.state == "refused"
    [no] = receipt_of_body.refused
    assert no["reason"] == "It cannot be read: it is no JSON (line 1)"  # and not the name that was dropped


def test_dropped_files_are_put_away(loop: Loop, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "sale.json").write_bytes(SALE)
    (folder / "nothing.csv").write_text("a,b\n1,2\n")
    with closing(DropFolder(folder, Patience(0.0, 0.0))) as dropped:
        loop.folders = [dropped]
        loop.turn()
    assert (folder / "done" / "sale.json").read_bytes() == SALE
    receipt = json.loads((folder / "refused" / "nothing.csv.receipt.json").read_text())
    assert "named after no table" in receipt["reason"]
    assert loop.desk.ledger.version == 1


def environment(settings: Settings) -> dict[str, str]:
    password = settings.neo4j_password or SecretStr("")
    return {
        "CLUEGRAPH_NEO4J_URI": str(settings.neo4j_uri),
        "CLUEGRAPH_NEO4J_PASSWORD": password.get_secret_value(),
    }


def test_watch_once_takes_what_is_there_and_killed_loses_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    with desk_of(settings):
        pass
    folder = tmp_path / "drop"
    folder.mkdir()
    for no in range(5):
        (folder / f"sale{no}.json").write_text(json.dumps(flat(sale("P1", no, no))))
    for seconds in (1.5, 3.0, 4.5):
        killed = begun("--data", settings.data, "watch", folder)
        time.sleep(seconds)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    done = cluegraph("--data", settings.data, "watch", folder, "--once")
    assert done.code == 0, done.err
    assert len(list((folder / "done").glob("sale?.json"))) == 5
    with closing(Desk(settings)) as desk, desk.ledger.connect() as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(5,)]
    again = cluegraph("--data", settings.data, "watch", folder, "--once", "--json")
    assert (again.code, again.out) == (0, "")


def test_the_data_folder_is_not_watched(tmp_path: Path) -> None:
    """What lies there, the key of the office first of all, would be moved away as refused."""
    data = tmp_path / "data"
    (data / "inbox").mkdir(parents=True)
    (data / "key").write_text("secret")
    for folder in (data, data / "inbox"):
        answer = cluegraph("--data", data, "watch", folder, "--once")
        assert (answer.code, "belongs to the data folder" in answer.err) == (2, True)
    assert sorted(path.name for path in data.iterdir()) == ["inbox", "key"]


def test_the_service_takes_what_is_posted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    with desk_of(settings) as desk:
        first = replace(Loop(desk, Inbox.of(settings)))
        first.inbox.put(SALE, "json", AT)
        first.turn()
    with serving(settings.data) as service, httpx.Client(base_url=service.address, timeout=60) as client:
        checks = json.dumps(flat([check("P1", "fail", at="2024-01-08T10:00:00")])).encode()
        posted = client.post("/v1/documents", content=checks, headers={"Content-Type": "application/json"})
        assert posted.status_code == 202
        where = posted.headers["Location"]
        until = time.monotonic() + 60
        while client.get(where).json()["state"] == "waiting":
            assert time.monotonic() < until
            time.sleep(0.2)
        while not (found := client.get("/v1/findings").json()["data"]):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert [one["rule"] for one in found] == ["platform-failed-checks"]
        again = client.post("/v1/documents", content=checks, headers={"Content-Type": "application/json"})
        assert (again.status_code, again.json()["load"]) == (200, 2)
        wrong = client.post("/v1/documents", content=b"x", headers={"Content-Type": "text/plain"})
        assert wrong.status_code == 415
        assert client.get("/v1/loads/" + "0" * 64).status_code == 404
        assert client.get("/v1/loads/x").status_code == 422
