"""Classes: bands with hysteresis, official limits, ratings that can be repeated, a history that stays."""

from datetime import date
from pathlib import Path

import pytest
from firms import BAD, HONEST, District, documents, finding, firm, shop
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.casebook.class_models import ClassRating, Rating
from app.errors import BadInputError, NotFoundError
from app.supervision import classes
from app.supervision.class_history import classes_on, history_of, letter_of
from app.supervision.classes import RatingReport, banded, class_of, rate
from app.supervision.credit import Limits, better, within
from app.supervision.scorecard import CLASSES, Letter, read_scorecards

CARD = read_scorecards().versions[0]
_EDGES = [band.lower for band in CARD.bands[:-1]]
_SCORE = st.floats(0, 100)
_LETTER = st.sampled_from(CLASSES)


def rated(district: District, on: date, by: str = "K01", *, last: date | None = None) -> RatingReport:
    return rate(
        district.ledger,
        district.casebook,
        on=on,
        first=date(2024, 1, 1),
        last=last or date(2024, 12, 31),
        by=by,
    )


@given(_SCORE, _LETTER)
def test_nobody_changes_twice_for_one_score(score: float, previous: Letter) -> None:
    once = banded(score, previous, CARD)
    assert banded(score, once, CARD) == once


@given(st.sampled_from(_EDGES), st.floats(-0.999, 0.999), st.floats(-0.999, 0.999), _LETTER)
def test_a_score_that_goes_to_and_fro_around_an_edge_changes_nothing(
    edge: float, one: float, other: float, before: Letter
) -> None:
    first = banded(edge + one * CARD.hysteresis, before, CARD)
    second = banded(edge + other * CARD.hysteresis, first, CARD)
    assert banded(edge + one * CARD.hysteresis, second, CARD) == second


@given(_SCORE, _SCORE, _LETTER)
def test_a_better_score_is_never_a_worse_class(one: float, other: float, previous: Letter) -> None:
    low, high = sorted((one, other))
    assert not better(banded(low, previous, CARD), banded(high, previous, CARD))


@given(_SCORE, _LETTER)
def test_past_the_edge_by_the_width_the_class_is_that_of_the_score(score: float, previous: Letter) -> None:
    if all(abs(score - edge) > CARD.hysteresis for edge in _EDGES):
        assert banded(score, previous, CARD) == class_of(score, CARD.bands)
    assert banded(score, None, CARD) == class_of(score, CARD.bands)


@pytest.mark.parametrize(
    ("score", "previous", "now"),
    [
        (87.9, "A", "A"),
        (85.1, "A", "A"),
        (84.9, "A", "B"),
        (90.9, "B", "B"),
        (91, "B", "A"),
        (20, "A", "D"),
        (0, None, "D"),
    ],
)
def test_hysteresis_by_example(score: float, previous: Letter | None, now: Letter) -> None:
    assert banded(score, previous, CARD) == now


@given(_LETTER, _LETTER, _LETTER)
def test_official_limits_are_kept(letter: Letter, one: Letter, other: Letter) -> None:
    worse, best = sorted((one, other), key=CLASSES.index, reverse=True)
    held = within(letter, Limits(at_least=worse, at_best=best))
    assert not better(worse, held)
    assert not better(held, best)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    district = District(tmp_path_factory.mktemp("district"), documents())
    district.found(finding(BAD, "critical"))
    return district


def test_a_rating_gives_everybody_a_class_and_is_not_made_twice(district: District) -> None:
    report = rated(district, date(2025, 1, 5))
    seq = district.casebook.seq()
    again = rated(district, date(2025, 1, 5), by="K09")
    assert (again.id, again.known, report.known) == (report.id, True, False)
    assert district.casebook.seq() == seq
    assert (
        sum(report.classes.values())
        == report.enterprises
        == len(classes_on(district.casebook, date(2025, 1, 5)))
    )
    history = history_of(district.casebook, BAD, date(2025, 1, 5))
    assert [row["rated_by"] for row in history["ratings"]] == ["K01"]


def test_the_official_class_holds_a_bad_score_up_and_the_history_says_so(district: District) -> None:
    rated(district, date(2025, 1, 5))
    (rating,) = history_of(district.casebook, BAD, date(2025, 1, 5))["ratings"]
    assert (rating["banded"], rating["class"], rating["at_least"]) == ("D", "B", "B")
    assert rating["why"].endswith("B by the official credit class 高级认证")
    assert rating["groups"]["findings"] < 30


def test_classes_and_the_credit_class_stand_side_by_side_for_the_graph(district: District) -> None:
    rated(district, date(2025, 1, 5))
    given = district.derived()
    assert (given[BAD]["class"], given[BAD]["class_source"]) == ("B", "rating")
    assert given[HONEST[0]]["class"] in ("A", "B")
    assert "credit_class" not in given[BAD]


def test_the_same_inputs_give_the_same_rating_in_another_office(tmp_path: Path) -> None:
    given = [*shop(HONEST[0], 1, sales=25), *shop(BAD, 2, sales=30, bad=9), firm(HONEST[0])]
    one, other = District(tmp_path / "one", given), District(tmp_path / "other", given[::-1])
    assert rated(one, date(2025, 1, 5)) == rated(other, date(2025, 1, 5))


def test_a_rating_that_is_cut_off_leaves_nothing_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tmp_path, shop(HONEST[0], 1, sales=25))

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(classes, "refresh", cut)
        with pytest.raises(KeyboardInterrupt):
            rated(district, date(2025, 1, 5))
    with district.casebook.read() as connection:
        for table in (Rating, ClassRating):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert district.casebook.seq() == 0
    assert not rated(district, date(2025, 1, 5)).known


def test_the_class_before_counts_and_is_kept(tmp_path: Path) -> None:
    district = District(
        tmp_path, [*shop(HONEST[0], 1), *shop(HONEST[1], 2), firm(HONEST[0]), firm(HONEST[1])]
    )
    district.found()
    first = rated(district, date(2025, 1, 5))
    district.found(finding(HONEST[0], "critical"))
    second = rated(district, date(2025, 4, 5), by="K02")
    assert (second.lowered, second.raised) == ([HONEST[0]], [])
    assert first.id != second.id
    rows = history_of(district.casebook, HONEST[0], date(2025, 5, 1))["ratings"]
    assert [(row["previous"], row["rated_by"]) for row in rows] == [(None, "K01"), (rows[0]["class"], "K02")]
    # Each day has the class of its time.
    assert classes_on(district.casebook, date(2025, 1, 4)) == []
    before, after = (
        {row["code"]: row["class"] for row in classes_on(district.casebook, day)}
        for day in (date(2025, 4, 4), date(2025, 4, 5))
    )
    assert better(before[HONEST[0]], after[HONEST[0]])
    assert [row["code"] for row in classes_on(district.casebook, date(2025, 4, 5), after[HONEST[0]])] == [
        HONEST[0]
    ]
    with pytest.raises(BadInputError, match="rating on 2025-04-05 already"):
        rated(district, date(2025, 2, 1))


def test_of_two_ratings_on_one_day_the_last_counts_and_both_are_kept(tmp_path: Path) -> None:
    district = District(tmp_path, [*shop(HONEST[0], 1), firm(HONEST[0])])
    district.found()
    rated(district, date(2025, 1, 5))
    district.found(finding(HONEST[0], "critical"))
    rated(district, date(2025, 1, 5))
    history = history_of(district.casebook, HONEST[0], date(2025, 1, 5))
    assert [row["previous"] for row in history["ratings"]] == [None, None]
    assert history["state"]["class"] == history["ratings"][1]["class"] != history["ratings"][0]["class"]
    assert district.derived()[HONEST[0]]["class"] == history["state"]["class"]


def test_what_cannot_be_is_said(district: District) -> None:
    with pytest.raises(BadInputError, match="who rates"):
        rated(district, date(2025, 1, 5), by=" ")
    with pytest.raises(BadInputError, match="'E' is no class"):
        letter_of("E")
    with pytest.raises(NotFoundError, match="has no class yet"):
        history_of(district.casebook, "NOBODY", date(2025, 1, 5))
    with pytest.raises(BadInputError, match="nobody knows that yet"):
        rated(district, date(2024, 6, 1))
