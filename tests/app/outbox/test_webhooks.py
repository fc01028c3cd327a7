"""Webhooks: each warning once for a subscription, signed, in order, given up and resumed without a loss."""

import base64
import hashlib
import hmac
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from casebooks import NOW, OTHER, PLATFORM, found, issued, run
from receiver import Receiver, Reply, Request, receiving
from sqlalchemy import select

from app.casebook.engine import casebook_url
from app.casebook.outbox_models import OutboxEntry
from app.casebook.store import Casebook
from app.cli.console import configure_logging
from app.clues import webhooks
from app.clues.outgoing import GIVE_UP, keep_going, outbox_status, run_once, try_webhook
from app.errors import BadInputError, NotFoundError
from app.outbox.outcome import Policy
from app.settings import Settings

HASTY = Policy(attempt=1, connect=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, webhook_loopback=True)


def added(settings: Settings, casebook: Casebook, receiver: Receiver, **asked: str) -> tuple[str, str]:
    row, secret = webhooks.add(settings, casebook, receiver.address, by="K01", at=NOW, **asked)  # type: ignore[arg-type]
    return row["id"], secret


def go(settings: Settings, casebook: Casebook, *, after: timedelta = timedelta()) -> tuple[int, int, int]:
    """A run some time after NOW: how many warnings were put in, delivered, failed."""
    told = run_once(settings, casebook, lambda: NOW + after, HASTY)
    return told.warnings, told.sent.delivered, told.sent.failed


def put_in(casebook: Casebook, state: str | None = None) -> list[str]:
    """Subjects of everything in the outbox, or of what is in a state."""
    asked = select(OutboxEntry.subject)
    with casebook.read() as connection:
        return list(
            connection.execute(asked if state is None else asked.where(OutboxEntry.state == state)).scalars()
        )


def verified(secret: str, request: Request) -> bool:
    """As a receiver verifies it (Standard Webhooks 1.0.0)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = [request.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")]
    text = f"{said[0]}.{said[1]}.".encode() + request.body
    expected = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    return hmac.compare_digest(f"v1,{expected}", said[2])


def test_a_warning_goes_once_to_each_subscription_signed(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    run(casebook, {"f-old": found()})
    identity, secret = added(settings, casebook, receiver)
    assert go(settings, casebook) == (0, 0, 0)  # what was before is not told
    run(casebook, {"f-old": found(), "f-new": found(OTHER)})
    assert go(settings, casebook) == (1, 1, 0)
    assert go(settings, casebook) == (0, 0, 0)
    (request,) = receiver.requests
    assert verified(secret, request)
    assert not verified(webhooks.new_secret(), request)
    assert request.headers["webhook-id"] == request.key
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.message["type"] == "warning.found"
    assert request.message["data"]["finding"] == "f-new"
    assert identity in request.key


def test_the_example_of_the_page_verifies(casebook: Casebook, settings: Settings, receiver: Receiver) -> None:
    page = (Path(__file__).parents[3] / "docs" / "instructions.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    told: dict[str, Any] = {}
    exec(code, told)
    identity, secret = added(settings, casebook, receiver)
    for now, fits in ((datetime.now(UTC), True), (NOW, False)):
        try_webhook(settings, casebook, identity, by="K01", at=now)
        request = receiver.requests[-1]
        assert told["verified"](secret, request.headers, request.body) is fits
    assert not told["verified"](secret, receiver.requests[0].headers, b"{}")


def test_a_subscription_may_want_grave_ones_or_those_of_a_rule(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    grave, _ = added(settings, casebook, receiver, severity="high")
    ruled, _ = added(settings, casebook, receiver, rule="b-rule")
    run(casebook, {"f-1": found(), "f-2": found(OTHER, severity="critical")})
    run(casebook, {"f-3": found()}, rule="b-rule")
    assert go(settings, casebook) == (2, 2, 0)
    told = {(one.key.split(".")[0], one.message["data"]["finding"]) for one in receiver.requests}
    assert told == {(grave, "f-2"), (ruled, "f-3")}


def test_warnings_about_a_subject_arrive_in_order(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    added(settings, casebook, receiver)
    run(casebook, {"f-1": found(), "f-2": found(OTHER)})
    run(casebook, {"f-1": found(severity="high")})
    failing = [500]
    receiver.reply = lambda one: (
        failing.pop() if failing and one.message["data"]["finding"] == "f-1" else 200,
        {},
        b"",
    )
    assert go(settings, casebook)[0] == 4
    go(settings, casebook, after=timedelta(seconds=2))
    changes = [one.message["type"] for one in receiver.requests if one.message["data"]["finding"] == "f-1"]
    assert changes == ["warning.found", "warning.found", "warning.changed"]
    assert len({one.key for one in receiver.requests}) == 4


def test_many_pages_are_put_in_once(casebook: Casebook, settings: Settings, receiver: Receiver) -> None:
    added(settings, casebook, receiver)
    run(casebook, {f"f-{n:03}": found(f"44019{n:05}") for n in range(405)})
    assert webhooks.fill(casebook, NOW) == 405
    assert webhooks.fill(casebook, NOW) == 0
    assert len(set(put_in(casebook))) == 405


def test_what_fails_for_days_is_given_up_and_resumed_without_a_loss(
    either: str, settings: Settings, receiver: Receiver
) -> None:
    casebook = Casebook.open(either)
    identity, _ = added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    receiver.reply = lambda _: (404, {}, b"secrets of a page")
    assert go(settings, casebook) == (1, 0, 1)
    assert webhooks.webhook(casebook, identity)["state"] == "active"
    assert go(settings, casebook, after=GIVE_UP) == (0, 0, 1)
    row = webhooks.webhook(casebook, identity)
    assert (row["state"], row["waiting"], row["last_error"]) == ("disabled", 1, "answered 404")
    assert row["history"][-1]["why"] == "it has failed for 3 days: answered 404"
    run(casebook, {"f-1": found(), "f-2": found(OTHER)})  # meanwhile something happens
    receiver.reply = None
    assert go(settings, casebook, after=GIVE_UP * 2) == (0, 0, 0)
    back = NOW + GIVE_UP * 3
    webhooks.resume(casebook, identity, by="K02", why="Mended.", at=back)
    assert go(settings, casebook, after=GIVE_UP * 3) == (1, 2, 0)
    assert {one.message["data"]["finding"] for one in receiver.requests[2:]} == {"f-1", "f-2"}
    with pytest.raises(BadInputError, match="nothing to resume"):
        webhooks.resume(casebook, identity, by="K02", why="Again.", at=back)
    casebook.close()


def test_a_receiver_that_says_gone_is_given_up_at_once(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    identity, _ = added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    receiver.replies.append(410)
    go(settings, casebook)
    assert webhooks.webhook(casebook, identity)["state"] == "disabled"


def test_a_removed_one_is_told_no_more_and_its_secret_is_gone(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    identity, _ = added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    receiver.replies.append(500)
    go(settings, casebook)
    webhooks.remove(settings, casebook, identity, by="K02", why="Over.", at=NOW)
    assert go(settings, casebook, after=timedelta(days=1)) == (0, 0, 0)
    assert list((settings.data / "webhooks").iterdir()) == []
    assert [row["dropped"] for row in outbox_status(settings, casebook)] == [1]
    assert webhooks.webhooks(casebook) == []
    with pytest.raises(NotFoundError):
        webhooks.webhook(casebook, identity)


def test_the_secret_is_nowhere_but_in_its_file(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    identity, secret = added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    go(settings, casebook)
    kept = settings.data / "webhooks" / identity
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert kept.read_text("ascii") == secret
    casebook.close()
    with_it = [
        path
        for path in settings.data.rglob("*")
        if path.is_file() and secret[6:].encode() in path.read_bytes()
    ]
    assert with_it == [kept]
    assert secret not in str(webhooks.webhook(casebook, identity))
    kept.unlink()
    run(casebook, {"f-1": found(severity="high")})
    assert go(settings, casebook) == (1, 0, 1)
    assert webhooks.webhook(casebook, identity)["last_error"] == "its secret is not in this data folder"


def test_a_subscription_can_be_tried(casebook: Casebook, settings: Settings, receiver: Receiver) -> None:
    identity, secret = added(settings, casebook, receiver)
    assert try_webhook(settings, casebook, identity, by="K01", at=NOW).kind == "delivered"
    assert verified(secret, receiver.requests[0])
    assert receiver.requests[0].message["type"] == "test"
    receiver.replies.append(500)
    assert try_webhook(settings, casebook, identity, by="K01", at=NOW).error == "answered 500"
    with pytest.raises(NotFoundError):
        try_webhook(settings, casebook, "wh-unknown", by="K01", at=NOW)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"),
        *("169.254.169.254", "[fe80::1]", "224.0.0.1", "240.0.0.1"),
    ],
)
def test_this_machine_and_its_link_are_told_nothing(casebook: Casebook, tmp_path: Path, host: str) -> None:
    strict = Settings(data=tmp_path)
    with pytest.raises(BadInputError, match="Nothing is sent to that machine"):
        webhooks.add(strict, casebook, f"http://{host}:8600/v1/findings", by="K01", at=NOW)
    assert webhooks.webhooks(casebook) == []
    assert not (tmp_path / "webhooks").exists() or not any((tmp_path / "webhooks").iterdir())


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "192.168.1.4", "[fd00::1]", "hooks.example.org", "93.184.215.14"]
)
def test_the_network_of_an_office_may_be_told(casebook: Casebook, tmp_path: Path, host: str) -> None:
    row, _ = webhooks.add(Settings(data=tmp_path), casebook, f"https://{host}/", by="K01", at=NOW)
    assert row["state"] == "active"


def test_a_name_that_leads_to_this_machine_is_told_nothing(
    casebook: Casebook, settings: Settings, receiver: Receiver, tmp_path: Path
) -> None:
    # Added where loopback was allowed, as a name that was pointed elsewhere since would be.
    identity, _ = added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    assert go(Settings(data=tmp_path), casebook) == (1, 0, 1)
    assert webhooks.webhook(casebook, identity)["last_error"] == "nothing is sent to that machine"
    assert receiver.requests == []


@pytest.mark.parametrize(
    "asked",
    [{"severity": "grave"}, {"rule": "No Rule"}, {"rule": "x" * 81}, {"by": " "}, {"by": "13812345678"}],
)
def test_bad_subscriptions_are_refused(casebook: Casebook, settings: Settings, asked: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        webhooks.add(settings, casebook, "https://example.org/", **{"by": "K01", **asked}, at=NOW)  # type: ignore[arg-type]
    assert webhooks.webhooks(casebook) == []


def test_there_are_not_endlessly_many(casebook: Casebook, settings: Settings, receiver: Receiver) -> None:
    for _ in range(webhooks.MOST):
        added(settings, casebook, receiver)
    with pytest.raises(BadInputError, match="remove one first"):
        added(settings, casebook, receiver)
    assert len(list((settings.data / "webhooks").iterdir())) == webhooks.MOST


def test_killed_while_it_puts_warnings_in_each_is_put_in_once(
    settings: Settings, receiver: Receiver, tmp_path: Path
) -> None:
    casebook = Casebook.open(casebook_url(tmp_path))
    added(settings, casebook, receiver)
    run(casebook, {f"f-{n:04}": found(f"44019{n:05}") for n in range(1000)})
    code = (
        "import sys; from datetime import UTC, datetime\n"
        "from app.casebook.store import Casebook; from app.clues.webhooks import fill\n"
        "fill(Casebook.open(sys.argv[1]), datetime(2026, 7, 1, tzinfo=UTC))"
    )
    for killed in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", code, casebook_url(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        while len(put_in(casebook)) <= 200 * killed and process.poll() is None:
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    while webhooks.fill(casebook, NOW):
        pass
    subjects = put_in(casebook)
    assert len(subjects) == len(set(subjects)) == 1000
    casebook.close()


def test_what_was_delivered_long_ago_makes_room(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    added(settings, casebook, receiver)
    run(casebook, {"f-1": found()})
    go(settings, casebook)
    for after, left in ((webhooks.KEPT, 2), (webhooks.KEPT * 2 + timedelta(seconds=1), 1)):
        run(casebook, {"f-1": found(severity="critical" if left == 1 else "high")})
        go(settings, casebook, after=after)
        assert len(put_in(casebook)) == left


def test_it_keeps_going_until_it_is_told_to_stop(
    settings: Settings, receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("warning")
    casebook, stop = Casebook.open(casebook_url(tmp_path)), threading.Event()
    added(settings, casebook, receiver)
    going = {"every": 0.02, "policy": HASTY}
    wrong = settings.model_copy(update={"clearance": "http://me:secret@example.org/"})
    threads = [
        threading.Thread(target=keep_going, args=(some, casebook, lambda: NOW, stop), kwargs=going)
        for some in (settings, wrong)
    ]
    threads[1].start()  # a mistake in the settings is told once, and waited for
    deadline = time.monotonic() + 30
    said = ""
    while "nothing goes out now" not in said and time.monotonic() < deadline:
        said += capsys.readouterr().err
        time.sleep(0.05)
    threads[0].start()
    run(casebook, {"f-1": found()})
    while not receiver.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    said += capsys.readouterr().err
    assert said.count("nothing goes out now") == 1
    assert "secret" not in said
    assert len(receiver.requests) == 1
    casebook.close()


def test_a_slow_receiver_holds_up_no_other(
    casebook: Casebook, settings: Settings, receiver: Receiver
) -> None:
    added(settings, casebook, receiver)
    answered, stop = threading.Event(), threading.Event()

    def slow(_: Request) -> Reply:
        answered.wait(30)
        return 200, {}, b""

    receiver.reply = slow
    run(casebook, {"f-1": found()})
    with receiving() as other:
        both = settings.model_copy(update={"clearance": other.address})
        patient = {"every": 0.02, "policy": Policy(attempt=60)}
        thread = threading.Thread(target=keep_going, args=(both, casebook, lambda: NOW, stop), kwargs=patient)
        thread.start()
        deadline = time.monotonic() + 30
        while not receiver.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        identity = issued(casebook)  # while the webhook is being waited for
        while not other.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [one.message["instruction"] for one in other.requests] == [identity]
        assert f"Platform:{PLATFORM}" in put_in(casebook, state="waiting")
        stop.set()
        answered.set()
        thread.join(30)
        assert not thread.is_alive()
    assert put_in(casebook, state="waiting") == []  # what was under way is kept
