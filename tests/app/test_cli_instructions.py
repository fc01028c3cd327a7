"""Commands of instructions, of what goes out, and of webhooks, with a real receiver."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commanding import Run

_TESTS = Path(__file__).parent
sys.path += [str(_TESTS / "outbox")]

from casebooks import PLATFORM, found  # noqa: E402
from casebooks import run as fold  # noqa: E402
from receiver import Receiver, receiving  # noqa: E402

from app.casebook.store import Casebook  # noqa: E402
from app.local_time import today  # noqa: E402
from app.settings import Settings  # noqa: E402
from loaders.ledger.ledger import Ledger  # noqa: E402

YEAR = today().year + 1
END = f"{YEAR}-05-31"
DECISION = ("--by", "K02", "--why", "Checked.")
DRAFT = ("--scope", f"platform:{PLATFORM}", "--action", "hold", "--reason", "Two raids.", "--by", "K01")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Ledger.open(tmp_path / "ledger")
    return tmp_path


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def drafted(run: Run, data: Path, *more: str) -> str:
    told = run("instructions", "draft", *DRAFT, "--to", END, *more, "--json", data=data)
    assert told.code == 0, told.err
    return str(told.json["id"])


def test_an_instruction_from_draft_to_withdrawal(
    run: Run, data: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = drafted(run, data)
    refused = run("instructions", "approve", identity, "--by", "k 01", "--why", "Mine.", data=data)
    assert (refused.code, refused.out) == (2, "")
    assert "another person must approve it" in refused.err
    assert f"{identity} is approved" in run("instructions", "approve", identity, *DECISION, data=data).out
    assert run("instructions", "list", "--in-force", "--json", data=data).json == []
    run("instructions", "issue", identity, *DECISION, data=data)
    (held,) = run("instructions", "list", "--in-force", "--json", data=data).json
    assert (held["id"], held["rate"], held["ends"]) == (identity, "1", f"{END}T16:00:00.000000Z")

    (waiting,) = run("outbox", "status", "--json", data=data).json
    assert (waiting["configured"], waiting["waiting"]) == (False, 1)
    assert "0 messages delivered" in run("outbox", "deliver", data=data).out
    monkeypatch.setenv("CLUEGRAPH_CLEARANCE", receiver.address)
    monkeypatch.setenv("CLUEGRAPH_CLEARANCE_TOKEN", "opensesame")
    assert run("outbox", "deliver", "--json", data=data).json["delivered"] == 1
    assert receiver.requests[0].headers["authorization"] == "Bearer opensesame"

    answer = ("--of", "issue", "--by", "H2018", "--json")
    assert run("instructions", "acknowledge", identity, *answer, data=data).json["state"] == "acknowledged"
    stale = run("instructions", "withdraw", identity, "--expected", "issued", *DECISION, data=data)
    assert (stale.code, "is acknowledged, not issued" in stale.err) == (2, True)
    run("instructions", "withdraw", identity, "--expected", "acknowledged", *DECISION, data=data)
    assert "1 messages delivered" in run("outbox", "deliver", data=data).out
    assert [one.message["type"] for one in receiver.requests] == [
        "instruction.issued",
        "instruction.withdrawn",
    ]
    shown = run("instructions", "show", identity, data=data).out
    assert all(word in shown for word in (f"hold for 100% of platform:{PLATFORM}", "withdrawn", "H2018"))
    assert "opensesame" not in run("outbox", "status", data=data).out + shown


def test_a_draft_from_a_finding(run: Run, data: Path) -> None:
    casebook = Casebook.open(Settings(data=data).casebook_address)
    fold(casebook, {"f-one": found()})
    casebook.close()
    asked = ("--finding", "f-one", "--action", "manual review", "--rate", "0.5", "--to", f"{END}T08:00")
    one = run("instructions", "draft", *asked, "--by", "K01", "--json", data=data).json
    assert (one["finding"], one["scope_key"], one["ends"]) == (
        "f-one",
        PLATFORM,
        f"{END}T00:00:00.000000Z",
    )


@pytest.mark.parametrize(
    "changed",
    [
        ("--action", "burn"),
        ("--scope", PLATFORM),
        ("--scope", "warehouse:X"),
        ("--rate", "2"),
        ("--to", "yesterday"),
        ("--to", "2020-01-01"),
        ("--from", f"{YEAR}-06-30"),
        ("--to", "9999-12-31"),
        ("--reason", "Call 13812345678"),
        ("--by", ""),
        ("--finding", "f-none"),
        ("--class",),
    ],
)
def test_mistakes_are_told_in_one_sentence(run: Run, data: Path, changed: tuple[str, ...]) -> None:
    told = run("instructions", "draft", *DRAFT, "--to", END, *changed, data=data)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert "13812345678" not in told.err
    assert run("instructions", "list", "--json", data=data).json == []


def test_expired_ones_are_told(run: Run, data: Path) -> None:
    drafted(run, data)
    assert run("instructions", "expire", "--json", data=data).json == []
    assert "1 instructions." in run("instructions", "list", data=data).out


def test_a_webhook_from_its_making_to_its_end(
    run: Run, data: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("webhooks", "add", receiver.address, "--severity", "high", "--by", "K01")
    refused = run(*asked, data=data)
    assert (refused.code, "Nothing is sent to that machine" in refused.err) == (2, True)
    monkeypatch.setenv("CLUEGRAPH_WEBHOOK_LOOPBACK", "1")
    made = run(*asked, "--json", data=data).json
    identity = made["id"]
    assert stat.S_IMODE((data / "webhooks" / identity).stat().st_mode) == 0o600

    assert run("webhooks", "test", identity, "--by", "K01", data=data).code == 0
    receiver.replies.append(500)
    failed = run("webhooks", "test", identity, "--by", "K01", data=data)
    assert (failed.code, "answered 500" in failed.err) == (2, True)
    casebook = Casebook.open(Settings(data=data).casebook_address)
    fold(casebook, {"f-one": found(severity="high")})
    casebook.close()
    assert run("outbox", "deliver", "--json", data=data).json["warnings"] == 1
    assert receiver.requests[-1].message["data"]["finding"] == "f-one"

    told = [run("webhooks", *command, data=data).out for command in (("list",), ("show", identity))]
    assert all(identity in text and made["secret"] not in text for text in told)
    assert run("webhooks", "resume", identity, *DECISION, data=data).code == 2
    assert run("webhooks", "remove", identity, *DECISION, data=data).code == 0
    assert run("webhooks", "list", "--json", data=data).json == []
    assert run("webhooks", "show", identity, data=data).code == 2
