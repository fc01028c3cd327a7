"""The casebook: migrations, change counting, findings folded run by run, ids of communities that stay."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres_server import Postgres, running_postgres
from sqlalchemy import inspect

from app.casebook.canonical import canonical
from app.casebook.engine import alembic_config, casebook_url, make_engine
from app.casebook.models import Base, DerivedNode
from app.casebook.registry import Registered, keep, match
from app.casebook.store import Casebook
from app.casework.outcomes import decide
from app.detection.fold import Folded, fold
from app.errors import BadInputError, NotFoundError

SAID: dict[str, Any] = {"why": "looked into", "by": "officer 7", "on": date(2025, 2, 1)}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty casebook on either engine."""
    if request.param == "sqlite":
        return casebook_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def casebook(address: str) -> Iterator[Casebook]:
    casebook = Casebook.open(address)
    yield casebook
    casebook.close()


def result(severity: str = "medium", members: tuple[str, ...] = (), documents: int = 4) -> dict[str, Any]:
    return {
        "subject": {"kind": "Platform", "key": "P1", "name": "One"},
        "members": [{"kind": "Platform", "key": key, "name": key} for key in members],
        "severity": severity,
        "score": 1.5,
        "reason": {"en": "because", "zh": "因为"},
        "numbers": {"sales": {"value": documents, "unit": "sales"}},
        "denominator": {"looked_at": 3, "judgeable": 2, "found": 1},
        "evidence": {"ids": ["P1|1"], "count": documents, "query": "RETURN 1"},
    }


def row(**changed: Any) -> dict[str, Any]:
    found = result(**changed)
    return {
        "rule": "a-rule",
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "window_months": 12,
        "as_of": date(2025, 1, 31),
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": "Platform",
        "subject_key": "P1",
        "severity": found["severity"],
        "score": 1.5,
        "result": canonical(found),
        "query": "RETURN 1",
        "picture": "RETURN 1",
    }


def run(casebook: Casebook, fresh: dict[str, dict[str, Any]], version: int) -> Folded:
    with casebook.change() as change:
        return fold(change, "a-rule", fresh, version)


def test_migrations_from_nothing_make_exactly_the_models(casebook: Casebook) -> None:
    assert set(inspect(casebook.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    with casebook.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_migration_can_be_taken_back(address: str) -> None:
    engine = make_engine(address)
    folder = Path(Base.__module__.replace(".", "/")).parent / "migrations"
    with engine.begin() as connection:
        command.upgrade(alembic_config(folder, connection), "head")
        command.downgrade(alembic_config(folder, connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_two_who_open_an_empty_casebook_at_once_both_get_it(address: str) -> None:
    opened: list[int] = []

    def open_it() -> None:
        casebook = Casebook.open(address)
        opened.append(casebook.seq())
        casebook.close()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [0, 0, 0, 0]


def test_the_sequence_counts_changes_and_an_equal_row_is_none(casebook: Casebook) -> None:
    node = {"label": "Enterprise", "key": "P1", "step": "s", "properties": '{"sales": 3}'}
    for _ in range(3):
        with casebook.change() as change:
            change.replace(DerivedNode, [node], step="s")
    assert casebook.seq() == 1
    with casebook.change() as change:
        change.replace(DerivedNode, [], step="s")
    assert casebook.seq() == 2
    assert casebook.derived()[0].nodes == {}


def test_a_change_that_fails_leaves_nothing(casebook: Casebook) -> None:
    def fail() -> None:
        with casebook.change() as change:
            change.set_watermark("detection", 1, {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (casebook.seq(), casebook.watermark("detection")) == (0, None)


def test_an_equal_result_writes_nothing(casebook: Casebook) -> None:
    assert run(casebook, {"f": row()}, 1) == Folded(new=1)
    assert run(casebook, {"f": row()}, 2) == Folded(equal=1)
    assert casebook.seq() == 1
    finding = casebook.finding("f")
    assert (finding.first_seen, [entry["change"] for entry in finding.history]) == (1, ["found"])


def test_history_says_what_changed_and_decisions_stay(casebook: Casebook) -> None:
    run(casebook, {"f": row(members=("A", "B"))}, 1)
    decide(casebook, "f", "snoozed", expected="open", snoozed_until=date(2025, 3, 1), **SAID)
    assert not casebook.finding("f").materially_changed
    run(casebook, {"f": row(severity="high", members=("B", "C"), documents=9)}, 2)
    finding = casebook.finding("f")
    assert finding.history[-1] == {
        "ledger_version": 2,
        "change": "changed",
        "detail": {
            "severity": {"from": "medium", "to": "high", "rose": True},
            "joined": ["C"],
            "left": ["A"],
            "evidence": {"from": 4, "to": 9},
            "numbers": {"sales": {"from": 4, "to": 9}},
        },
    }
    assert (finding.decision, finding.snoozed_until, finding.first_seen) == ("snoozed", date(2025, 3, 1), 1)
    assert finding.materially_changed


@pytest.mark.parametrize(
    ("before", "now", "material"),
    [
        ({"documents": 100}, {"documents": 124}, False),
        ({"documents": 100}, {"documents": 125}, True),
        ({"severity": "high"}, {"severity": "low"}, False),
        ({"members": tuple("ABCDEFGHI")}, {"members": tuple("ABCDEFGHIJ")}, False),
        ({"members": tuple("ABC")}, {"members": tuple("ABCD")}, True),
    ],
)
def test_what_a_material_change_is(
    casebook: Casebook, before: dict[str, Any], now: dict[str, Any], material: bool
) -> None:
    run(casebook, {"f": row(**before)}, 1)
    decide(casebook, "f", "in case", expected="open", **SAID)
    run(casebook, {"f": row(**now)}, 2)
    assert casebook.finding("f").materially_changed is material


def test_a_finding_that_vanishes_is_kept_and_may_return(casebook: Casebook) -> None:
    run(casebook, {"f": row()}, 1)
    assert run(casebook, {}, 2) == Folded(gone=1)
    assert run(casebook, {}, 3) == Folded()
    assert casebook.findings() == []
    assert not casebook.findings(present=None)[0].present
    assert run(casebook, {"f": row()}, 4) == Folded(back=1)
    assert [entry["change"] for entry in casebook.finding("f").history] == ["found", "gone", "returned"]


def test_findings_are_told_by_gravity_rule_and_time(casebook: Casebook) -> None:
    run(casebook, {"a": row()}, 1)
    run(casebook, {"a": row(), "b": row(severity="high") | {"subject_key": "P2"}}, 5)
    assert [finding.id for finding in casebook.findings()] == ["b", "a"]
    assert [finding.id for finding in casebook.findings(severity="high")] == ["b"]
    assert [finding.id for finding in casebook.findings(since=1)] == ["b"]
    assert casebook.findings(rule="other") == []


def test_what_is_not_there_is_said(casebook: Casebook) -> None:
    with pytest.raises(NotFoundError, match="There is no finding 'x'"):
        casebook.finding("x")
    with pytest.raises(BadInputError, match="is no severity"):
        casebook.findings(severity="bad")
    with pytest.raises(BadInputError, match="address cannot be used"):
        Casebook.open("nonsense")


def register(casebook: Casebook, found: list[str], version: int) -> list[Registered]:
    """Communities written as strings, one letter a member."""
    members = [tuple(text) for text in found]
    with casebook.change() as change:
        ids = match(change.connection, "platforms", members, version)
        keep(change, "platforms", members, ids, version)
    return ids


def test_a_community_keeps_its_id_while_half_of_it_stays(casebook: Casebook) -> None:
    (first,) = register(casebook, ["ABCD"], 1)
    assert register(casebook, ["ABCD"], 2) == [first]
    assert casebook.seq() == 1
    assert register(casebook, ["ABCEF"], 3)[0].id == first.id  # 3 of 6
    (other,) = register(casebook, ["AFXYZ"], 4)  # 2 of 8
    assert other.id != first.id


def test_a_community_that_was_gone_returns_under_its_id(casebook: Casebook) -> None:
    (first,) = register(casebook, ["ABCD"], 1)
    register(casebook, [], 2)
    assert register(casebook, ["ABC"], 3)[0].id == first.id


def test_of_two_halves_the_greater_keeps_the_id_and_the_other_says_where_it_is_from(
    casebook: Casebook,
) -> None:
    (first,) = register(casebook, ["ABCDEFG"], 1)
    small, large = register(casebook, ["EFG", "ABCD"], 2)
    assert large.id == first.id
    assert small.split_from == (first.id,)
    assert register(casebook, ["EFG", "ABCD"], 3) == [small, large]


def test_a_community_says_whom_it_took_in(casebook: Casebook) -> None:
    large, small = register(casebook, ["ABCDE", "XYZ"], 1)
    (merged,) = register(casebook, ["ABCDEXYZ"], 2)
    assert (merged.id, merged.merged_from) == (large.id, (small.id,))
    assert register(casebook, ["ABCDEXYZ"], 3) == [merged]


def test_canonical_json_knows_no_order_and_nine_digits() -> None:
    assert canonical({"b": [3, 1], "a": 1 / 3}) == '{"a":0.333333333,"b":[1,3]}'
    assert canonical(-0.0) == canonical(0.0)
    with pytest.raises(ValueError, match="not finite"):
        canonical(float("nan"))
