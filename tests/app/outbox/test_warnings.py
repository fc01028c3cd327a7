"""Warnings: what changed in live findings so that somebody should hear of it, in an order that stays."""

import re

import pytest
from casebooks import OTHER, PLATFORM, found, run

from app.casebook.store import Casebook
from app.casebook.warnings import BEGINNING, count_warnings, latest, page_after, read_warnings
from app.errors import BadInputError


def told(casebook: Casebook, **asked: object) -> list[tuple[str, str, str]]:
    with casebook.read() as connection:
        rows = read_warnings(connection, limit=100, **asked)  # type: ignore[arg-type]
    return [(row.finding, row.change, row.severity) for row in rows]


def test_new_graver_gone_and_back_are_warnings_and_little_changes_are_none(either: str) -> None:
    casebook = Casebook.open(either)
    for row in (
        found(),
        found(documents=4),  # equal: no change at all
        {**found(), "rule_version": "1.0.1"},  # changed, and says the same
        found(severity="high"),
        found(severity="low"),  # less grave is no warning
        found(severity="low", documents=40),  # ten times the documents
        found(severity="low", documents=40, members=("A", "B")),
        found(severity="low", documents=41, members=("A", "B")),
    ):
        run(casebook, {"f-one": row})
    run(casebook, {})
    run(casebook, {"f-one": found(severity="low", documents=41, members=("A", "B"))})
    assert told(casebook) == [
        ("f-one", "found", "medium"),
        ("f-one", "changed", "high"),
        ("f-one", "changed", "low"),
        ("f-one", "changed", "low"),
        ("f-one", "gone", "low"),
        ("f-one", "returned", "low"),
    ]
    casebook.close()


def test_ids_are_sorted_as_warnings_came_and_lead_on(either: str) -> None:
    casebook = Casebook.open(either)
    assert (told(casebook), page(casebook, BEGINNING)) == ([], ([], BEGINNING))
    run(casebook, {"f-b": found(), "f-a": found(OTHER, severity="high")})
    run(casebook, {"f-b": found(severity="critical"), "f-a": found(OTHER, severity="high")})
    with casebook.read() as connection:
        rows = read_warnings(connection, limit=100)
        newest = latest(connection)
    ids = [row.id for row in rows]
    assert ids == sorted(ids)
    assert newest == ids[-1]
    assert [row.finding for row in rows] == ["f-a", "f-b", "f-b"]
    assert rows[0].subject == {"kind": "Platform", "key": OTHER, "name": f"示例{OTHER}"}
    assert rows[2].detail == {"severity": {"from": "medium", "to": "critical", "rose": True}}
    for place, identity in enumerate(ids):
        assert [finding for finding, *_ in told(casebook, after=identity)] == ["f-a", "f-b", "f-b"][
            place + 1 :
        ]
    assert told(casebook, severity="critical") == [("f-b", "changed", "critical")]
    assert told(casebook, rule="another") == []
    with casebook.read() as connection:
        assert count_warnings(connection, severity="high") == 2
    assert page(casebook, BEGINNING, limit=2) == (["f-a", "f-b"], ids[1])
    assert page(casebook, ids[1], limit=2) == (["f-b"], ids[2])
    casebook.close()


def page(casebook: Casebook, after: str, limit: int = 100) -> tuple[list[str], str]:
    with casebook.read() as connection:
        rows, came_to = page_after(connection, after, severity=None, rule=None, limit=limit)
    return [row.finding for row in rows], came_to


def test_what_is_not_live_warns_nobody_until_it_is(casebook: Casebook) -> None:
    shadow = {**found(), "maturity": "shadow"}
    run(casebook, {"f-one": shadow})
    assert told(casebook) == []
    assert page(casebook, BEGINNING)[1] != BEGINNING  # looked at, and passed by
    after = page(casebook, BEGINNING)[1]
    run(casebook, {"f-one": found()})
    assert told(casebook, after=after) == [("f-one", "changed", "medium")]


def test_thousands_of_members_are_counted(casebook: Casebook) -> None:
    run(casebook, {"f-one": found()})
    run(casebook, {"f-one": found(members=tuple(f"M{n}" for n in range(2000)))})
    with casebook.read() as connection:
        (last,) = read_warnings(connection, limit=9)[1:]
    assert last.detail["joined"] == 2000
    assert len(str(last.as_dict())) < 1000


@pytest.mark.parametrize(
    "identity",
    ["", "x", "1.f.1", f"{PLATFORM}", "9999999999.f-a.00001", f"{BEGINNING}\n", "0000000001.F'.00001"],
)
def test_an_id_that_is_none_is_refused(casebook: Casebook, identity: str) -> None:
    with pytest.raises(BadInputError, match="no id of a warning"):
        told(casebook, after=identity)


def test_an_unknown_severity_is_refused(casebook: Casebook) -> None:
    with pytest.raises(BadInputError, match=re.escape("'grave' is no severity")):
        told(casebook, severity="grave")
