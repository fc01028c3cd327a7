"""The outbox and a real receiver: never lost, in order for a subject, twice only with the same key."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from casebooks import NOW, OTHER, PLATFORM, issued
from receiver import Receiver, Reply, Request, receiving
from sqlalchemy import select

from app.casebook.outbox_models import OutboxChannel, OutboxEntry
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.outbox.deliver import Delivered, deliver_once
from app.outbox.entries import put
from app.outbox.http import check_address
from app.outbox.outcome import Policy
from app.settings import Settings
from app.supervision import instructions as orders
from app.supervision.clearance import ClearanceHttp, clearance

_DELIVERER = Path(__file__).with_name("deliverer.py")
HASTY = Policy(attempt=0.5, connect=0.5)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def deliver(
    casebook: Casebook,
    receiver: Receiver | str,
    clock: Clock,
    policy: Policy = HASTY,
    token: str | None = None,
) -> Delivered:
    address = receiver if isinstance(receiver, str) else receiver.address
    return deliver_once(
        casebook, {orders.CHANNEL: ClearanceHttp(address, token, clock(), policy)}, clock, policy
    )


def entries(casebook: Casebook) -> list[dict[str, Any]]:
    with casebook.read() as connection:
        rows = connection.execute(select(OutboxEntry.__table__).order_by(OutboxEntry.number)).mappings()
        return [dict(row) for row in rows]


def state_of(casebook: Casebook, identity: str) -> str:
    return orders.instruction(casebook, identity)[0].state


def sent_about(receiver: Receiver, platform: str) -> list[str]:
    """Instructions about a platform in the order in which they came."""
    messages = [request.message for request in receiver.requests]
    return [one["instruction"] for one in messages if one["scope"]["key"] == platform]


def withdraw(casebook: Casebook, identity: str) -> None:
    orders.withdraw(casebook, identity, expected="issued", by="K03", why="A mistake.", at=NOW)


def test_what_is_issued_arrives_once_with_its_key(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    identity = issued(casebook)
    assert deliver(casebook, receiver, clock, token="opensesame") == Delivered(delivered=1)
    assert deliver(casebook, receiver, clock) == Delivered()
    (request,) = receiver.requests
    assert request.path == "/instructions?system=clearance"
    assert request.message["instruction"] == identity
    assert request.key == entries(casebook)[0]["key"]
    assert request.key.startswith(f"{identity}.issue.")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer opensesame"
    assert state_of(casebook, identity) == "issued"  # arrived, and not yet acknowledged


def test_the_answer_may_be_the_acknowledgement(casebook: Casebook, receiver: Receiver, clock: Clock) -> None:
    receiver.reply = lambda _: (200, {}, b'{"state": "acknowledged", "by": "H2018"}')
    identity = issued(casebook)
    deliver(casebook, receiver, clock)
    assert state_of(casebook, identity) == "acknowledged"
    assert orders.instruction(casebook, identity)[1][-1]["by"] == "H2018"
    orders.withdraw(casebook, identity, expected="acknowledged", by="K03", why="No.", at=NOW)
    deliver(casebook, receiver, clock)
    assert orders.instruction(casebook, identity)[1][-1]["change"] == "withdrawal acknowledged"


def test_a_refusal_comes_back_with_its_reason_cut_and_masked(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    told = orjson.dumps({"detail": "No lane for 11010519491231002X at this port. " + "x" * 5000})
    receiver.reply = lambda _: (422, {}, told)
    identity = issued(casebook)
    assert deliver(casebook, receiver, clock) == Delivered(refused=1)
    one, history = orders.instruction(casebook, identity)
    assert one.state == "refused"
    assert history[-1]["why"].startswith("No lane for *** at this port.")
    assert len(history[-1]["why"]) == 1000
    (entry,) = entries(casebook)
    assert (entry["state"], entry["last_error"]) == ("refused", "refused with status 422")
    assert orders.in_force(casebook, clock()) == []


def test_what_was_taken_may_be_refused_in_the_answer(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    receiver.reply = lambda _: (202, {}, b'{"state": "refused", "by": "H2018", "reason": "No such lane."}')
    identity = issued(casebook)
    assert deliver(casebook, receiver, clock) == Delivered(delivered=1)
    assert orders.instruction(casebook, identity)[1][-1]["why"] == "No such lane."
    assert state_of(casebook, identity) == "refused"


@pytest.mark.parametrize(
    "body", [b"", b"no", b"[]", b"{", b'{"state": 7}', b'{"state": "acknowledged", "by": 7}']
)
def test_an_answer_that_says_nothing_is_none(
    casebook: Casebook, receiver: Receiver, clock: Clock, body: bytes
) -> None:
    receiver.reply = lambda _: (200, {}, body)
    identity = issued(casebook)
    assert deliver(casebook, receiver, clock) == Delivered(delivered=1)
    assert state_of(casebook, identity) == ("acknowledged" if b"ack" in body else "issued")


@pytest.mark.parametrize("status", [301, 307, 408, 409, 425, 429, 500, 503])
def test_a_failure_is_tried_again_later_with_the_same_key(
    casebook: Casebook, receiver: Receiver, clock: Clock, status: int
) -> None:
    issued(casebook)
    elsewhere = {"Location": receiver.address.replace("instructions", "elsewhere")}
    receiver.reply = lambda _: (status, elsewhere, b"")
    assert deliver(casebook, receiver, clock) == Delivered(failed=1)
    assert deliver(casebook, receiver, clock) == Delivered()  # not before its time
    receiver.reply = None
    clock.later(seconds=1)
    assert deliver(casebook, receiver, clock) == Delivered(delivered=1)
    assert len(set(receiver.keys)) == 1
    assert {request.path for request in receiver.requests} == {"/instructions?system=clearance"}


def test_waits_grow_up_to_the_longest_and_a_receiver_may_ask_for_more(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    issued(casebook)
    receiver.reply = lambda _: (500, {}, b"")
    waits = []
    for _ in range(12):
        assert deliver(casebook, receiver, clock) == Delivered(failed=1)
        due = datetime.fromisoformat(entries(casebook)[0]["due"])
        waits.append((due - clock()).total_seconds())
        clock.now = due
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    receiver.reply = lambda _: (503, {"Retry-After": "77"}, b"")
    policy = Policy(longest_wait=100)
    assert policy.wait(1, 77).total_seconds() == 77
    assert policy.wait(1, 10**9).total_seconds() == 100


def test_a_failed_one_holds_back_its_subject_and_no_other(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    first, other = issued(casebook), issued(casebook, scope_key=OTHER)
    withdraw(casebook, first)
    second = issued(casebook)
    bad = {first}
    receiver.reply = lambda one: (500 if one.message["instruction"] in bad else 200, {}, b"")
    deliver(casebook, receiver, clock)
    assert [
        one.message["instruction"] for one in receiver.requests if one.message["instruction"] != first
    ] == [other]
    clock.later(seconds=1)
    deliver(casebook, receiver, clock)
    bad.clear()
    clock.later(seconds=2)
    assert deliver(casebook, receiver, clock) == Delivered(delivered=3)
    of_it = [one.message for one in receiver.requests if one.message["scope"]["key"] == PLATFORM]
    assert [(one["instruction"], one["type"]) for one in of_it] == [
        *[(first, "instruction.issued")] * 3,
        (first, "instruction.withdrawn"),
        (second, "instruction.issued"),
    ]


def test_a_refused_issue_lets_the_next_of_its_subject_go(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    first, second = issued(casebook), issued(casebook)
    receiver.reply = lambda one: (400 if one.message["instruction"] == first else 200, {}, b"")
    assert deliver(casebook, receiver, clock) == Delivered(delivered=1, refused=1)
    assert (state_of(casebook, first), state_of(casebook, second)) == ("refused", "issued")


def test_where_nobody_is_configured_all_wait(casebook: Casebook, clock: Clock, tmp_path: Path) -> None:
    issued(casebook)
    assert clearance(Settings(data=tmp_path), clock()) is None
    assert deliver_once(casebook, {}, clock) == Delivered()
    assert [entry["state"] for entry in entries(casebook)] == ["waiting"]


def test_where_nobody_listens_one_attempt_is_made_a_time(casebook: Casebook, clock: Clock) -> None:
    for n in range(6):
        issued(casebook, scope_key=f"440196800{n}")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        told = deliver(casebook, address, clock)
        assert 1 <= told.failed <= HASTY.parallel
        assert deliver(casebook, address, clock) == Delivered()
        clock.later(seconds=1)
        assert deliver(casebook, address, clock) == Delivered(failed=1)
        with casebook.read() as connection:
            fares = connection.execute(select(OutboxChannel.__table__)).mappings().one()
        assert (fares["last_error"], fares["failures"]) == ("nobody listens there", 2)


@contextmanager
def rude(speak: Any) -> Iterator[str]:
    """Address of a receiver that is none: `speak(connection, stop)` says what it likes."""
    stop = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        speak(connection, stop)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def silent(_: socket.socket, stop: threading.Event) -> None:
    stop.wait(5)


def trickling(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not stop.wait(0.1):
        connection.sendall(b"x")


def endless(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stop.is_set():
        connection.sendall(b" " * 65536)


def nonsense(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")


@pytest.mark.parametrize("speak", [silent, trickling, nonsense])
def test_a_receiver_that_never_answers_is_left_in_time(casebook: Casebook, clock: Clock, speak: Any) -> None:
    issued(casebook)
    with rude(speak) as address:
        assert deliver(casebook, address, clock) == Delivered(failed=1)
    assert entries(casebook)[0]["last_error"].startswith("no answer")


def test_of_an_endless_answer_a_little_is_read(casebook: Casebook, clock: Clock) -> None:
    issued(casebook)
    with rude(endless) as address:
        assert deliver(casebook, address, clock) == Delivered(delivered=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost that nobody else vouches for, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    asked = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {path} -out {path}.crt"
    subprocess.run(
        [openssl, *asked.split(), "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )
    path.write_text(path.read_text() + path.with_name("both.pem.crt").read_text())
    return path


def test_a_receiver_by_tls_must_be_who_it_says(
    casebook: Casebook, clock: Clock, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    issued(casebook)
    with receiving(context) as receiver:
        here = f"https://localhost:{receiver.port}/"
        assert deliver(casebook, here, clock) == Delivered(failed=1)
        assert entries(casebook)[0]["last_error"] == "no trustworthy TLS"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        clock.later(seconds=1)
        assert deliver(casebook, here.replace("localhost", "127.0.0.1"), clock) == Delivered(failed=1)
        assert receiver.requests == []
        clock.later(seconds=2)
        assert deliver(casebook, here, clock) == Delivered(delivered=1)
        assert receiver.requests[0].headers["host"] == f"localhost:{receiver.port}"


def begun(casebook: str, receiver: Receiver, after: float = 0) -> "subprocess.Popen[str]":
    """A deliverer in a process of its own, which waits for a line before it begins."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(_DELIVERER),
            casebook,
            receiver.address,
            str(after),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_deliverer_killed_between_sending_and_keeping_sends_the_same_key_again(
    either: str, receiver: Receiver
) -> None:
    casebook = Casebook.open(either)
    identity = issued(casebook)
    came, killed = threading.Event(), threading.Event()

    def reply(_: Request) -> Reply:
        came.set()
        killed.wait(30)
        return 200, {}, b'{"state": "acknowledged"}'

    receiver.reply = reply
    first = begun(either, receiver)
    go(first)
    assert came.wait(60)
    os.kill(first.pid, signal.SIGKILL)  # the receiver has it, the casebook does not know
    first.wait()
    killed.set()
    assert state_of(casebook, identity) == "issued"

    again = begun(either, receiver)
    assert again.communicate("\n", 60)[0].strip() == str(Delivered())  # the lease of the killed one holds
    again = begun(either, receiver, after=61)
    assert again.communicate("\n", 60)[0].strip() == str(Delivered(delivered=1))
    assert len(receiver.keys) == 2
    assert len(set(receiver.keys)) == 1
    assert len({request.body for request in receiver.requests}) == 1
    assert state_of(casebook, identity) == "acknowledged"
    casebook.close()


def test_two_deliverers_at_once_send_each_once_and_in_order(either: str, receiver: Receiver) -> None:
    casebook = Casebook.open(either)
    for _ in range(6):
        for n in range(4):
            issued(casebook, scope_key=f"440196800{n}")
    both = [begun(either, receiver) for _ in range(2)]
    for process in both:
        go(process)
    for process in both:
        assert process.wait(120) == 0
    assert Counter(receiver.keys) == {entry["key"]: 1 for entry in entries(casebook)}
    for n in range(4):
        came = sent_about(receiver, f"440196800{n}")
        assert came == sorted(came)
    casebook.close()


def test_killed_again_and_again_nothing_is_lost_and_nothing_overtakes(
    either: str, receiver: Receiver
) -> None:
    casebook = Casebook.open(either)
    for _ in range(5):
        for n in range(4):
            issued(casebook, scope_key=f"440196800{n}")
    enough = threading.Event()
    for kill in range(3):
        enough.clear()
        most = len(receiver.requests) + 5

        def reply(_: Request, most: int = most) -> Reply:
            if len(receiver.requests) >= most:
                enough.set()
            return 200, {}, b""

        receiver.reply = reply
        process = begun(either, receiver, after=61 * kill)
        go(process)
        enough.wait(60)
        process.kill()
        process.wait()
    last = begun(either, receiver, after=61 * 3)
    last.communicate("\n", 60)
    assert [entry["state"] for entry in entries(casebook)] == ["delivered"] * 20
    assert set(receiver.keys) == {entry["key"] for entry in entries(casebook)}
    for n in range(4):
        first = list(dict.fromkeys(sent_about(receiver, f"440196800{n}")))
        assert first == sorted(first)
    casebook.close()


def test_an_attempt_that_another_took_over_is_not_kept(
    casebook: Casebook, receiver: Receiver, clock: Clock
) -> None:
    identity = issued(casebook)

    def reply(_: Request) -> Reply:
        if len(receiver.requests) > 1:
            return 200, {}, b""
        clock.later(seconds=HASTY.lease + 1)  # so slow that the lease has ended
        assert deliver(casebook, receiver, clock) == Delivered(delivered=1)
        return 422, {}, b""

    receiver.reply = reply
    deliver(casebook, receiver, clock, Policy(attempt=20))
    (entry,) = entries(casebook)
    assert (entry["state"], entry["attempts"], state_of(casebook, identity)) == ("delivered", 1, "issued")


def test_keys_of_other_messages_differ_even_where_numbers_repeat(casebook: Casebook) -> None:
    with casebook.change() as change:
        keys = {
            put(change, channel, "platform:P", "CI-2026-00001.issue", {"reason": reason}, NOW)
            for channel in ("clearance", "other")
            for reason in ("one", "two")
        }
    assert len(keys) == 4


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "example.org",
        "http://",
        "http://user:secret@example.org/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://[::1/",
        "http://example.org/\r\nHost: elsewhere",
        "http://example.org/" + "x" * 500,
        "http://例.org/",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check_address(address)
    assert "secret" not in str(refused.value)
    with pytest.raises(BadInputError):
        clearance(Settings(clearance=address if "://" in address else f"gopher://{address}"), NOW)
