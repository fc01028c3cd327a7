"""Protection of identities: one at a time, nothing is lost, and no number is ever kept."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.casebook.protections import periods
from app.casebook.store import Casebook
from app.errors import BadInputError, NotFoundError
from app.supervision.protection import (
    consumer_key,
    extend,
    lift,
    protect,
    protection,
    protections,
    running,
)
from loaders.contract import Keys

KEYS = Keys(bytes(32))
NUMBER = "11010519491231002X"
SELF = consumer_key(KEYS, NUMBER)
OTHER = consumer_key(KEYS, "110101199001010017")
SAID: dict[str, Any] = {"why": "asked for it", "by": "officer 7", "on": date(2025, 3, 1)}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Casebook]:
    book = Casebook.open(f"sqlite:///{tmp_path / 'casebook.sqlite'}")
    yield book
    book.close()


def days(since: str, until: str | None = None) -> dict[str, Any]:
    return {
        "since": date.fromisoformat(since),
        "until": None if until is None else date.fromisoformat(until),
    }


def test_what_was_done_is_kept_with_who_and_why(book: Casebook) -> None:
    one = protect(book, SELF, "locked", **days("2025-03-01", "2025-05-31"), **SAID)
    extend(book, one.number, until=date(2025, 8, 31), **(SAID | {"why": "still wanted"}))
    one = lift(book, one.number, day=date(2025, 6, 10), **(SAID | {"by": "officer 9"}))

    assert (one.since, one.until, one.lifted) == (date(2025, 3, 1), date(2025, 8, 31), date(2025, 6, 10))
    assert [(step["change"], step["until"], step["why"], step["by"]) for step in one.history] == [
        ("set", date(2025, 5, 31), "asked for it", "officer 7"),
        ("extended", date(2025, 8, 31), "still wanted", "officer 7"),
        ("lifted", date(2025, 8, 31), "asked for it", "officer 9"),
    ]
    assert protection(book, one.number) == one
    assert one.holds(date(2025, 6, 9))
    assert not one.holds(date(2025, 6, 10))
    with book.read() as connection:
        assert periods(connection).to_pylist() == [
            {"key": SELF, "level": "locked", "since": date(2025, 3, 1), "until": date(2025, 6, 9)}
        ]


def test_every_change_counts_and_shows_in_what_the_graph_is_given(book: Casebook) -> None:
    before = book.seq()
    one = protect(book, SELF, "watched", **days("2025-03-01"), **SAID)
    assert book.seq() == before + 1
    assert book.derived()[0].nodes["Consumer", SELF] == {
        "watched_from": ["2025-03-01"],
        "watched_to": ["9999-12-31"],
    }
    lift(book, one.number, day=date(2025, 3, 1), **SAID)  # before it ever held
    assert ("Consumer", SELF) not in book.derived()[0].nodes
    assert len(protections(book)) == 1


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2025-03-31", None),
        ("2025-01-01", "2025-03-01"),
        ("2025-03-10", "2025-03-20"),
        ("2025-01-01", None),
    ],
)
def test_an_overlap_is_refused_and_changes_nothing(book: Casebook, since: str, until: str | None) -> None:
    protect(book, SELF, "locked", **days("2025-03-01", "2025-03-31"), **SAID)
    seq = book.seq()
    with pytest.raises(BadInputError, match="locked from 2025-03-01 to 2025-03-31"):
        protect(book, SELF, "watched", **days(since, until), **SAID)
    assert book.seq() == seq
    assert len(protections(book)) == 1


def test_before_after_and_for_somebody_else_there_may_be_another(book: Casebook) -> None:
    protect(book, SELF, "locked", **days("2025-03-01", "2025-03-31"), **SAID)
    protect(book, SELF, "watched", **days("2025-04-01"), **SAID)
    protect(book, OTHER, "locked", **days("2025-03-01"), **SAID)
    assert [one.number for one in protections(book, on=date(2025, 3, 15))] == [1, 3]
    assert [one.number for one in protections(book, consumer=SELF)] == [1, 2]
    assert [one.number for one in protections(book, level="locked")] == [1, 3]
    assert running(book, SELF, date(2025, 4, 2)).number == 2
    with pytest.raises(BadInputError, match="protection 2"):
        extend(book, 1, until=date(2025, 4, 1), **SAID)


def test_after_a_lift_the_days_are_free_again(book: Casebook) -> None:
    protect(book, SELF, "watched", **days("2025-03-01"), **SAID)
    lift(book, 1, day=date(2025, 4, 1), **SAID)
    protect(book, SELF, "locked", **days("2025-04-01"), **SAID)
    assert [(one.level, one.holds(date(2025, 4, 1))) for one in protections(book)] == [
        ("watched", False),
        ("locked", True),
    ]


def test_mistakes_are_told_in_one_sentence(book: Casebook) -> None:
    with pytest.raises(BadInputError, match="before it begins"):
        protect(book, SELF, "locked", **days("2025-03-02", "2025-03-01"), **SAID)
    with pytest.raises(BadInputError, match="no level"):
        protect(book, SELF, "frozen", **days("2025-03-01"), **SAID)
    with pytest.raises(BadInputError, match="begins on 2000-01-01 or later"):
        protect(book, SELF, "locked", **days("0001-01-01"), **SAID)
    with pytest.raises(BadInputError, match="no key of a consumer"):
        protections(book, consumer=NUMBER)
    with pytest.raises(NotFoundError, match="There is no protection"):
        protection(book, 10**30)
    with pytest.raises(BadInputError, match="no key"):
        protect(book, NUMBER, "locked", **days("2025-03-01"), **SAID)
    with pytest.raises(BadInputError, match="says why"):
        protect(book, SELF, "locked", **days("2025-03-01"), **(SAID | {"why": " "}))
    with pytest.raises(NotFoundError, match="no protection 5"):
        lift(book, 5, day=date(2025, 3, 1), **SAID)
    with pytest.raises(NotFoundError, match="no protection that holds"):
        running(book, SELF, date(2025, 3, 1))
    protect(book, SELF, "locked", **days("2025-03-01", "2025-03-31"), **SAID)
    for until in (date(2025, 3, 31), date(2025, 3, 30)):
        with pytest.raises(BadInputError, match="must end later"):
            extend(book, 1, until=until, **SAID)
    with pytest.raises(BadInputError, match="by itself"):
        lift(book, 1, day=date(2025, 4, 1), **SAID)
    lift(book, 1, day=date(2025, 3, 15), **SAID)
    with pytest.raises(BadInputError, match="was lifted"):
        lift(book, 1, day=date(2025, 3, 16), **SAID)
    with pytest.raises(BadInputError, match="was lifted"):
        extend(book, 1, until=None, **SAID)


@pytest.mark.parametrize("said", [{"why": f"card {NUMBER}"}, {"by": "13800138000"}, {"why": "138 0013 8000"}])
def test_no_number_of_a_person_is_kept_or_repeated(book: Casebook, said: dict[str, str]) -> None:
    with pytest.raises(BadInputError, match="no identity or telephone number") as refused:
        protect(book, SELF, "locked", **days("2025-03-01"), **(SAID | said))
    assert not any(text in str(refused.value) for text in said.values())
    assert protections(book) == []


@pytest.mark.parametrize("given", ["", "  ", "\n", "12", "1\n2", "x" * 61, "###"])
def test_what_is_no_identity_number_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(BadInputError, match="no identity number"):
        consumer_key(KEYS, given)
    with pytest.raises(BadInputError, match="one letter or digit"):
        consumer_key(KEYS, NUMBER, "12")


def test_a_number_is_keyed_however_it_was_typed() -> None:
    assert consumer_key(KEYS, " 11010519491231002x\n") == SELF == KEYS.key_of("id", f"1:{NUMBER}")
    assert consumer_key(KEYS, NUMBER, "2") != SELF


def test_a_protection_that_is_lifted_on_the_first_day_of_all_can_be_read(book: Casebook) -> None:
    one = protect(book, SELF, "locked", **days("2000-01-01"), **SAID)
    lift(book, one.number, day=date.min, **SAID)
    with book.read() as connection:
        assert periods(connection).to_pylist() == []
    assert protect(book, SELF, "locked", **days("2000-01-01"), **SAID).number == 2
