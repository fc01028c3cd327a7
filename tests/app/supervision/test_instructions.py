"""Control instructions: only the moves that there are, by two persons, in force from the moment of issue."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / "outbox"), str(_TESTS / "casebook")]

from casebooks import NOW, OTHER, PLATFORM, approved, drafted, found, issued, run, wanted  # noqa: E402
from postgres_server import Postgres, running_postgres  # noqa: E402

from app.casebook.class_models import ClassAdjustment  # noqa: E402
from app.casebook.engine import casebook_url  # noqa: E402
from app.casebook.instruction_models import STATES, InstructionHistory  # noqa: E402
from app.casebook.instruction_models import Instruction as Row  # noqa: E402
from app.casebook.outbox_models import OutboxEntry  # noqa: E402
from app.casebook.store import Casebook  # noqa: E402
from app.errors import BadInputError, CluegraphError, NotFoundError  # noqa: E402
from app.supervision import instructions as orders  # noqa: E402
from app.supervision.instruction_drafts import draft  # noqa: E402
from app.supervision.measure_table import measures_on  # noqa: E402

LATER = NOW + timedelta(hours=1)
IDENTITY = "11010519491231002X"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return casebook_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def casebook(tmp_path: Path) -> Iterator[Casebook]:
    casebook = Casebook.open(casebook_url(tmp_path))
    yield casebook
    casebook.close()


def everything(casebook: Casebook) -> list[Any]:
    """All rows that an instruction can change."""
    tables = (Row.__table__, InstructionHistory.__table__, OutboxEntry.__table__)
    with casebook.read() as connection:
        return [sorted(map(repr, connection.execute(select(table)).all())) for table in tables]


def sent(casebook: Casebook) -> list[dict[str, Any]]:
    with casebook.read() as connection:
        asked = select(OutboxEntry.payload).order_by(OutboxEntry.number)
        return [orjson.loads(payload) for payload in connection.execute(asked).scalars()]


def test_an_instruction_is_drafted_approved_issued_acknowledged_and_withdrawn(address: str) -> None:
    casebook = Casebook.open(address)
    identity = drafted(casebook)
    assert identity == "CI-2026-00001"
    assert orders.in_force(casebook, LATER) == []
    orders.approve(casebook, identity, by="K02", why="Checked.", at=NOW)
    assert (orders.in_force(casebook, LATER), sent(casebook)) == ([], [])

    one = orders.issue(casebook, identity, by="K02", why="Go.", at=NOW)
    assert orders.in_force(casebook, NOW) == [one]  # from the moment it is issued
    assert (one.rate, one.action, one.subject) == (
        Decimal("0.25"),
        "physical inspection",
        f"platform:{PLATFORM}",
    )
    assert orders.in_force(casebook, NOW - timedelta(seconds=1)) == []
    assert orders.in_force(casebook, one.ends) == []
    (message,) = sent(casebook)
    assert message == {
        "type": "instruction.issued",
        "instruction": identity,
        "scope": {"kind": "platform", "key": PLATFORM},
        "action": "physical inspection",
        "rate": "0.25",
        "from": "2026-07-01T04:00:00.000000Z",
        "to": "2026-07-31T04:00:00.000000Z",
        "reason": "Two raids.",
        "finding": None,
        "class": None,
        "approved_by": "K02",
        "issued_by": "K02",
        "issued_at": "2026-07-01T04:00:00.000000Z",
    }

    orders.answer(casebook, identity, "issue", accepted=True, by="H2018", why="", at=LATER)
    assert [one.state for one in orders.in_force(casebook, LATER)] == ["acknowledged"]
    orders.withdraw(casebook, identity, expected="acknowledged", by="K03", why="A mistake.", at=LATER)
    assert orders.in_force(casebook, LATER) == []
    assert [message["type"] for message in sent(casebook)] == ["instruction.issued", "instruction.withdrawn"]
    orders.answer(casebook, identity, "withdrawal", accepted=True, by="H2018", why="", at=LATER)
    _, history = orders.instruction(casebook, identity)
    assert [(step["change"], step["state"], step["by"], step["why"]) for step in history] == [
        ("drafted", "drafted", "K01", "Two raids."),
        ("approved", "approved", "K02", "Checked."),
        ("issued", "issued", "K02", "Go."),
        ("acknowledged", "acknowledged", "H2018", ""),
        ("withdrawn", "withdrawn", "K03", "A mistake."),
        ("withdrawal acknowledged", "withdrawn", "H2018", ""),
    ]
    casebook.close()


@pytest.mark.parametrize("author", ["Wang Fang", "王芳"])
def test_an_author_cannot_approve_whatever_the_spelling(casebook: Casebook, author: str) -> None:
    identity = draft(casebook, wanted(), by=author, at=NOW).id
    before = everything(casebook)
    spaced = "\u3000".join(author)
    for name in (author, author.upper(), f" {author} ", spaced, f"{author}.", author.replace(" ", "\u200b-")):
        with pytest.raises(BadInputError, match="another person"):
            orders.approve(casebook, identity, by=name, why="Fine.", at=NOW)
    assert everything(casebook) == before
    assert orders.approve(casebook, identity, by="Li Na", why="Fine.", at=NOW).state == "approved"


def test_a_name_in_wide_letters_is_the_same_name(casebook: Casebook) -> None:
    identity = drafted(casebook)
    with pytest.raises(BadInputError, match="another person"):
        orders.approve(casebook, identity, by="Ｋ０１", why="Fine.", at=NOW)


def in_state(casebook: Casebook, state: str) -> str:
    """Id of an instruction that was brought into a state."""
    if state in ("drafted", "approved"):
        return {"drafted": drafted, "approved": approved}[state](casebook)
    identity = issued(casebook)
    if state == "withdrawn":
        orders.withdraw(casebook, identity, expected="issued", by="K03", why="No.", at=NOW)
    elif state == "expired":
        orders.expire(casebook, NOW + timedelta(days=31))
    elif state != "issued":
        accepted = state == "acknowledged"
        orders.answer(casebook, identity, "issue", accepted=accepted, by="H2018", why="Full.", at=NOW)
    return identity


MOVES: dict[str, Callable[[Casebook, str], object]] = {
    "approved": lambda book, one: orders.approve(book, one, by="K05", why="Fine.", at=LATER),
    "issued": lambda book, one: orders.issue(book, one, by="K05", why="Go.", at=LATER),
    "withdrawn": lambda book, one: orders.withdraw(
        book, one, expected=orders.instruction(book, one)[0].state, by="K05", why="No.", at=LATER
    ),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_only_these_moves_are_made(casebook: Casebook, state: str, move: str) -> None:
    identity = in_state(casebook, state)
    before = everything(casebook)
    if state in orders.MOVES[move]:
        MOVES[move](casebook, identity)
        assert orders.instruction(casebook, identity)[0].state == move
    else:
        with pytest.raises(BadInputError, match=f"is {state}: it can be {move} only while"):
            MOVES[move](casebook, identity)
        assert everything(casebook) == before


@pytest.mark.parametrize("state", ["drafted", "approved"])
def test_what_was_never_sent_is_not_answered(casebook: Casebook, state: str) -> None:
    identity = in_state(casebook, state)
    before = everything(casebook)
    for of in ("issue", "withdrawal", "everything"):
        with pytest.raises(BadInputError):
            orders.answer(casebook, identity, of, accepted=True, by="H2018", why="", at=NOW)
    assert everything(casebook) == before


def test_an_answer_that_comes_late_is_kept_and_moves_nothing(casebook: Casebook) -> None:
    identity = in_state(casebook, "withdrawn")
    for _ in range(2):  # the same answer twice is one
        one = orders.answer(casebook, identity, "issue", accepted=False, by="H2018", why="No.", at=LATER)
        assert one.state == "withdrawn"
    assert [step["change"] for step in orders.instruction(casebook, identity)[1]][-1] == "issue refused"
    assert len(orders.instruction(casebook, identity)[1]) == 5


def test_a_refusal_ends_it_and_says_why_without_long_numbers(casebook: Casebook) -> None:
    identity = issued(casebook)
    with casebook.change() as change:
        orders.answered(
            change,
            identity,
            "issue",
            accepted=False,
            by="H2018",
            why=f"Person {IDENTITY} is\n unknown",
            at=LATER,
        )
    one, history = orders.instruction(casebook, identity)
    assert (one.state, history[-1]["why"]) == ("refused", "Person *** is unknown")
    assert orders.in_force(casebook, LATER) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"action": "burn"}, "is no lane"),
        ({"action": None}, "is no lane"),
        ({"scope_kind": "warehouse"}, "no kind of scope"),
        ({"scope_kind": None}, "Name the scope"),
        ({"scope_key": "4401"}, "no platform"),
        ({"scope_key": "44019680011"}, "no platform"),
        ({"scope_kind": "consumer", "scope_key": IDENTITY}, "no consumer"),
        ({"scope_kind": "goods", "scope_key": "85x"}, "no goods"),
        ({"rate": "1.01"}, "from 0 to 1"),
        ({"rate": "-0.1"}, "from 0 to 1"),
        ({"rate": "NaN"}, "from 0 to 1"),
        ({"rate": "half"}, "from 0 to 1"),
        ({"rate": "0.0000001"}, "six decimals"),
        ({"starts": NOW + timedelta(days=2), "ends": NOW + timedelta(days=1)}, "not after"),
        ({"ends": NOW}, "not after"),
        ({"starts": NOW - timedelta(days=3), "ends": NOW - timedelta(days=1)}, "ended"),
        ({"starts": NOW - timedelta(days=2)}, "before today"),
        ({"ends": NOW.replace(year=2099)}, "within"),
        ({"ends": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=23)))}, "within"),
        ({"starts": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "before today"),
        ({"starts": NOW.replace(tzinfo=None)}, "zone"),
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 2001}, "Say why"),
        ({"reason": f"He is {IDENTITY}."}, "identity or telephone number"),
        ({"reason": "Call 13812345678."}, "identity or telephone number"),
    ],
)
def test_bad_drafts_are_refused_and_change_nothing(
    casebook: Casebook, changed: dict[str, Any], said: str
) -> None:
    before = everything(casebook)
    with pytest.raises(BadInputError, match=said) as refused:
        draft(casebook, wanted(**changed), by="K01", at=NOW)
    assert IDENTITY not in str(refused.value)
    assert everything(casebook) == before


@pytest.mark.parametrize("by", ["", " . ", "x" * 81, "13812345678"])
def test_nobody_drafts_nothing(casebook: Casebook, by: str) -> None:
    before = everything(casebook)
    with pytest.raises(BadInputError):
        draft(casebook, wanted(), by=by, at=NOW)
    assert everything(casebook) == before


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("merchant", "91440101ma5abcde0x"),
        ("agent", " 4401980001 "),
        ("consumer", "a2" * 16),
        ("address", "b3" * 16),
        ("goods", "8517"),
    ],
)
def test_everything_that_can_be_a_scope_is_one(casebook: Casebook, kind: str, key: str) -> None:
    identity = drafted(casebook, scope_kind=kind, scope_key=key)
    one = orders.instruction(casebook, identity)[0]
    assert one.subject.casefold() == f"{kind}:{key.strip()}".casefold()


def test_a_finding_tells_scope_and_reason(casebook: Casebook) -> None:
    run(casebook, {"f-one": found()})
    plain = wanted(scope_kind=None, scope_key=None, reason=None)
    one = draft(casebook, plain, by="K01", at=NOW, finding="f-one")
    assert (one.source, one.finding, one.subject) == ("finding", "f-one", f"platform:{PLATFORM}")
    assert one.reason == f"4 of {PLATFORM}'s documents differ. 单证不符。"
    with pytest.raises(NotFoundError, match="no finding"):
        draft(casebook, plain, by="K01", at=NOW, finding="f-none")


def test_of_a_group_a_member_is_named(casebook: Casebook) -> None:
    run(casebook, {"f-ring": found("c-7h2k", "Community", members=(PLATFORM,))})
    plain = wanted(scope_kind=None, scope_key=None)
    with pytest.raises(BadInputError, match=r"about a Community.*name one of its members"):
        draft(casebook, plain, by="K01", at=NOW, finding="f-ring")
    with pytest.raises(BadInputError, match="not about that platform"):
        draft(casebook, wanted(scope_key=OTHER), by="K01", at=NOW, finding="f-ring")
    assert draft(casebook, wanted(), by="K01", at=NOW, finding="f-ring").finding == "f-ring"


def test_a_class_tells_lane_rate_and_reason(casebook: Casebook) -> None:
    with pytest.raises(NotFoundError, match="no class"):
        draft(casebook, wanted(), by="K01", at=NOW, by_class=True)
    row = {"id": "a", "code": PLATFORM, "letter": "D", "reason": "Seized", "evidence": "[]", "made_by": "K09"}
    days = {"since": NOW.date() - timedelta(days=9), "until": NOW.date() + timedelta(days=9)}
    empty = dict.fromkeys(("event", "event_version", "ended_on", "ended_by", "ended_why"))
    with casebook.change() as change:
        change.put(ClassAdjustment, [{**row, **days, **empty}])
    one = draft(casebook, wanted(reason=None, action=None, rate=None), by="K01", at=NOW, by_class=True)
    measure = measures_on(NOW.date()).of("D")
    assert (one.source, one.class_letter) == ("class", "D")
    assert (one.action, one.rate) == ("physical inspection", measure.physical_inspection)
    assert one.reason.startswith("Class D since 2026-06-22, by person; measures ")
    lighter = draft(casebook, wanted(action="manual review", rate=None), by="K01", at=NOW, by_class=True)
    assert (lighter.rate, lighter.reason) == (measure.manual_review, "Two raids.")
    with pytest.raises(BadInputError, match="no rate of hold"):
        draft(casebook, wanted(action="hold", rate=None), by="K01", at=NOW, by_class=True)
    with pytest.raises(BadInputError, match="nothing has a class"):
        draft(casebook, wanted(scope_kind="goods", scope_key="8517"), by="K01", at=NOW, by_class=True)


def test_what_has_ended_expires_once(casebook: Casebook) -> None:
    short = {"ends": LATER}
    ids = [drafted(casebook, **short), approved(casebook, **short), issued(casebook, **short)]
    lasting = issued(casebook)
    assert orders.expire(casebook, LATER - timedelta(microseconds=1)) == []
    with pytest.raises(BadInputError, match="ended at"):
        orders.issue(casebook, ids[1], by="K02", why="Go.", at=LATER)
    assert orders.expire(casebook, LATER) == ids
    assert orders.expire(casebook, LATER) == []
    assert [one.id for one in orders.in_force(casebook, LATER)] == [lasting]
    assert orders.instruction(casebook, ids[2])[1][-1]["by"] == "cluegraph"


def test_an_issue_that_cannot_be_put_into_the_outbox_is_none(casebook: Casebook) -> None:
    identity = approved(casebook)
    with casebook.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    with pytest.raises(Exception, match="outbox"):
        orders.issue(casebook, identity, by="K02", why="Go.", at=NOW)
    assert orders.instruction(casebook, identity)[0].state == "approved"
    assert orders.in_force(casebook, NOW) == []


def at_once(address: str, *deeds: Callable[[Casebook], object]) -> list[str]:
    """What became of deeds that begin at the same time, each with a casebook of its own, sorted."""
    start, told = threading.Barrier(len(deeds)), list[str]()

    def do(deed: Callable[[Casebook], object]) -> None:
        casebook = Casebook.open(address)
        start.wait()
        try:
            deed(casebook)
            told.append("done")
        except CluegraphError as error:
            told.append(str(error))
        finally:
            casebook.close()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_of_two_approvals_at_once_one_is_made(address: str) -> None:
    casebook = Casebook.open(address)
    identity = drafted(casebook)
    approvals = [
        lambda book, by=by: orders.approve(book, identity, by=by, why="Fine.", at=NOW)  # type: ignore[misc]
        for by in ("K02", "K03", "K04")
    ]
    told = at_once(address, *approvals)
    assert told[2:] == ["done"]
    assert all("is approved" in text for text in told[:2])
    assert len(orders.instruction(casebook, identity)[1]) == 2
    casebook.close()


def test_of_an_issue_and_a_withdrawal_at_once_one_is_made(address: str) -> None:
    casebook = Casebook.open(address)
    for _ in range(5):
        identity = approved(casebook)
        told = at_once(
            address,
            lambda book: orders.issue(book, identity, by="K02", why="Go.", at=NOW),  # noqa: B023
            lambda book: orders.withdraw(book, identity, expected="approved", by="K03", why="No.", at=NOW),  # noqa: B023
        )
        assert told[1] == "done"
        state = orders.instruction(casebook, identity)[0].state
        assert told[0].startswith(f"Instruction {identity} is {state}")
        messages = [one["type"] for one in sent(casebook) if one["instruction"] == identity]
        assert messages == (["instruction.issued"] if state == "issued" else [])
    casebook.close()


def test_two_drafts_at_once_are_two(address: str) -> None:
    assert at_once(address, *[lambda book: drafted(book)] * 4) == ["done"] * 4
    casebook = Casebook.open(address)
    assert [one.id for one in orders.instructions(casebook)] == [f"CI-2026-{n:05}" for n in (4, 3, 2, 1)]
    casebook.close()


def test_every_move_counts_as_a_change_that_the_graph_need_not_follow(casebook: Casebook) -> None:
    before = casebook.seq()
    issued(casebook)
    assert casebook.seq() == before + 3
    assert casebook.shown_by(before)
