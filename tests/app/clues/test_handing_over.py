"""Clues handed over: each once, again when it materially changed, whatever is killed in between."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suspicions import Desk

from app.casebook.findings import materially_changed
from app.casework.outcomes import decide
from app.clues.handover import Batch, hand_over, run_once
from app.clues.handover_record import handover, handovers, tell_outcome
from app.errors import BadInputError, BusyError, CluegraphError, NotFoundError, UnavailableError
from app.settings import Settings
from loaders.ledger.ledger import Ledger

AT = datetime(2024, 7, 2, 1, 0, tzinfo=UTC)
SAID = {"expected": "open", "why": "Looked at.", "by": "K01", "on": date(2024, 7, 2)}
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Nothing is loaded: a handover asks the ledger for its version alone."""
    return Ledger.open(tmp_path_factory.mktemp("data") / "ledger")


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    desk = Desk(ledger, tmp_path)
    desk.shows("A", "B")
    return desk


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def give(desk: Desk, out: Path, recipient: str = "smuggling", **more: Any) -> list[Batch]:
    return hand_over(desk.ledger, desk.casebook, recipient, out, **{"by": "Li", "at": AT, **more})


def killed(desk: Desk, out: Path, step: str) -> None:
    """A handover in a process of its own that kills itself at a step."""
    child = subprocess.run(
        [sys.executable, HERE / "handover_child.py", desk.ledger.folder, desk.folder, out, step],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=120,
        check=False,
    )
    assert child.returncode == -9


def clues(folder: Path) -> dict[str, str]:
    """Finding → change, as the manifest of a batch says."""
    told = json.loads((folder / "manifest.json").read_text("utf-8"))["handover"]["clues"]
    return {clue["finding"]: clue["change"] for clue in told}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_clue_goes_out_once_to_each_recipient(desk: Desk, out: Path) -> None:
    (batch,) = give(desk, out)
    assert (batch.id, batch.clues, batch.mended) == ("smuggling-000001", {"new": 2}, False)
    assert clues(out / batch.id) == {"f-A": "new", "f-B": "new"}
    words = json.loads((out / batch.id / "findings.json").read_text("utf-8"))
    assert words == [desk.casebook.finding(name).as_dict() for name in ("f-A", "f-B")]

    desk.shows("A", "B", "C")
    (second,) = give(desk, out)
    assert (second.id, clues(out / second.id)) == ("smuggling-000002", {"f-C": "new"})
    (other,) = give(desk, out, "tariff_局")
    assert (other.id, other.clues) == ("tariff_局-000001", {"new": 3})


def test_nothing_due_makes_no_folder(desk: Desk, out: Path) -> None:
    give(desk, out)
    assert give(desk, out) == []
    assert [path.name for path in out.iterdir()] == ["smuggling-000001"]
    assert len(handovers(desk.casebook)) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"severity": "high"}, "changed"),
        ({"documents": 5}, "changed"),
        ({"members": ["M"]}, "changed"),
        ({"severity": "low"}, None),
        ({"documents": 3}, None),
    ],
)
def test_a_clue_goes_out_again_when_it_materially_changed(
    desk: Desk, out: Path, changed: dict[str, Any], told: str | None
) -> None:
    give(desk, out)
    desk.shows("A", "B", A=changed)
    assert [clues(Path(batch.folder)) for batch in give(desk, out)] == ([{"f-A": told}] if told else [])
    assert give(desk, out) == []


def test_small_changes_add_up_since_the_clue_was_handed_over(desk: Desk, out: Path) -> None:
    desk.shows("A", A={"documents": 20})
    give(desk, out)
    for documents in (22, 24):
        desk.shows("A", A={"documents": documents})
        assert give(desk, out) == []
    desk.shows("A", A={"documents": 25})
    assert [batch.clues for batch in give(desk, out)] == [{"changed": 1}]


def test_what_no_longer_holds_is_taken_back_once_and_comes_again_when_it_returns(
    desk: Desk, out: Path
) -> None:
    give(desk, out)
    desk.shows("B")
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-A": "withdrawn"}]
    assert give(desk, out) == []
    decide(desk.casebook, "f-B", "false alarm", **SAID)
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-B": "withdrawn"}]
    desk.shows("A", "B")
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-A": "changed"}]


def test_what_was_never_handed_over_is_not_taken_back(desk: Desk, out: Path) -> None:
    desk.shows("B")
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-B": "new"}]


def test_a_rule_that_is_live_no_longer_takes_its_clues_back(desk: Desk, out: Path) -> None:
    give(desk, out)
    desk.shows("A", "B", A={"maturity": "shadow"})
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-A": "withdrawn"}]


def test_a_snoozed_clue_waits_for_its_day(desk: Desk, out: Path) -> None:
    decide(desk.casebook, "f-A", "snoozed", snoozed_until=date(2024, 7, 10), **SAID)
    assert [clues(Path(one.folder)) for one in give(desk, out)] == [{"f-B": "new"}]
    later = datetime(2024, 7, 9, 16, 0, tzinfo=UTC)  # midnight of the tenth in Shanghai
    assert [clues(Path(one.folder)) for one in give(desk, out, at=later)] == [{"f-A": "new"}]


def test_only_what_is_grave_enough_goes_out(desk: Desk, out: Path) -> None:
    desk.shows("A", "B", B={"severity": "high"})
    (batch,) = give(desk, out, severity="high")
    assert clues(Path(batch.folder)) == {"f-B": "new"}
    (rest,) = give(desk, out)
    assert clues(Path(rest.folder)) == {"f-A": "new"}


_SEVERITY = st.sampled_from(["low", "medium", "high"])
_WORLD = st.dictionaries(st.sampled_from("ABCDE"), st.tuples(_SEVERITY, st.integers(1, 60)))


@settings(max_examples=12, deadline=None)
@given(st.lists(_WORLD, min_size=1, max_size=5))
def test_whoever_keeps_what_came_and_drops_what_was_withdrawn_has_every_clue_that_holds(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory, worlds: list[dict[str, tuple[str, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("handed")
    desk, held = Desk(ledger, folder), {}
    for world in worlds:
        desk.shows(*world, **{key: {"severity": s, "documents": n} for key, (s, n) in world.items()})
        before = dict(held)
        for batch in give(desk, folder / "out"):
            words = json.loads((Path(batch.folder) / "findings.json").read_text("utf-8"))
            for finding, change in clues(Path(batch.folder)).items():
                assert (finding in before) == (change == "withdrawn") or change == "changed"
                (told,) = [one for one in words if one["id"] == finding]
                held.pop(finding, None) if change == "withdrawn" else held.update({finding: told})
        assert set(held) == {f"f-{key}" for key in world}
        for finding, told in held.items():  # and not much has changed since it was told
            assert not materially_changed(told, desk.casebook.finding(finding).as_dict())
    desk.casebook.close()


@pytest.mark.parametrize("step", ["prepared", "writing", "written", "recorded"])
def test_killed_at_any_step_nothing_is_lost_and_nothing_goes_out_under_two_ids(
    desk: Desk, out: Path, step: str
) -> None:
    killed(desk, out, step)
    before = {path.name: files(path) for path in out.glob("*") if not path.name.startswith(".")}
    assert set(before) == ({"smuggling-000001"} if step in ("written", "recorded") else set())
    (kept,) = handovers(desk.casebook)
    assert kept["state"] == ("handed over" if step == "recorded" else "not finished")
    words = [desk.casebook.finding(name).as_dict() for name in ("f-A", "f-B")]
    desk.shows("A", "B", "C", A={"severity": "critical"})  # the world goes on in between

    batches = give(desk, out)
    if step != "recorded":
        mended = batches.pop(0)
        assert (mended.id, mended.mended, mended.clues) == ("smuggling-000001", True, {"new": 2})
    assert [batch.id for batch in batches] == ["smuggling-000002"]
    assert clues(out / "smuggling-000002") == {"f-A": "changed", "f-C": "new"}
    assert json.loads((out / "smuggling-000001" / "findings.json").read_text("utf-8")) == words
    for name, content in before.items():
        assert files(out / name) == content
    assert sorted(path.name for path in out.iterdir()) == ["smuggling-000001", "smuggling-000002"]
    assert give(desk, out) == []


def test_a_batch_that_the_disk_refused_is_finished_by_the_next_run(
    desk: Desk, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UnavailableError, match="cannot be written"):
        give(desk, tmp_path / "file")
    (batch,) = give(desk, out)
    assert (batch.id, batch.mended, Path(batch.folder).parent) == ("smuggling-000001", True, out)


def test_a_batch_that_is_out_already_is_not_written_again_elsewhere(
    desk: Desk, out: Path, tmp_path: Path
) -> None:
    killed(desk, out, "written")
    (batch,) = give(desk, tmp_path / "elsewhere")
    assert (batch.mended, Path(batch.folder)) == (True, out / "smuggling-000001")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_of_somebody_else_is_left_alone(desk: Desk, out: Path) -> None:
    (out / "smuggling-000001").mkdir(parents=True)
    (out / "smuggling-000001" / "notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match="not an empty folder"):
        give(desk, out)
    assert [path.name for path in (out / "smuggling-000001").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "recipient", ["", "..", "a/b", "a\\b", ".hidden", "A", "a b", "x" * 41, "a\n", "13812345678"]
)
def test_a_recipient_that_names_no_folder_is_refused(desk: Desk, out: Path, recipient: str) -> None:
    with pytest.raises(BadInputError):
        give(desk, out, recipient)
    assert (out.exists(), handovers(desk.casebook)) == (False, [])


@pytest.mark.parametrize("wrong", [{"severity": "grave"}, {"by": " "}, {"by": "x" * 81}])
def test_what_cannot_be_used_changes_nothing(desk: Desk, out: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        give(desk, out, **wrong)
    assert handovers(desk.casebook) == []


def test_two_runs_at_once_take_turns(desk: Desk, out: Path) -> None:
    refused: list[CluegraphError] = []

    def meanwhile(step: str) -> None:
        if step == "prepared":
            with pytest.raises(BusyError, match="Another run") as told:
                give(desk, out)
            refused.append(told.value)
            give(desk, out, "tariff")  # another recipient has no need to wait

    give(desk, out, tell=meanwhile)
    assert len(refused) == 1
    assert sorted(path.name for path in out.iterdir()) == ["smuggling-000001", "tariff-000001"]


def test_the_scheduler_serves_every_recipient_and_none_keeps_another_waiting(desk: Desk, out: Path) -> None:
    asked = Settings(data=desk.folder, export_folder=out, export_to="a/b, smuggling,tariff")
    rounds = run_once(asked, desk.ledger, desk.casebook, AT)
    assert [(one.recipient, len(one.batches), one.error is None) for one in rounds] == [
        ("a/b", 0, False),
        ("smuggling", 1, True),
        ("tariff", 1, True),
    ]
    assert all(one.batches == [] for one in run_once(asked, desk.ledger, desk.casebook, AT))
    assert run_once(Settings(data=desk.folder), desk.ledger, desk.casebook, AT) == []


def told(desk: Desk, outcome: str, **more: Any) -> dict[str, Any]:
    return tell_outcome(desk.casebook, "smuggling-000001", outcome, **{"by": "Wang", "at": AT, **more})


def test_what_came_of_a_clue_is_kept_with_who_and_when(desk: Desk, out: Path) -> None:
    give(desk, out)
    told(desk, "taken up", reason="to be looked at")
    told(desk, "case opened", findings=["f-A"], expected="taken up")
    batch = told(desk, "returned", findings=["f-B"], reason="known already")
    assert batch["outcomes"] == {"case opened": 1, "returned": 1}
    (first, second) = batch["items"]
    assert [one["outcome"] for one in first["outcomes"]] == ["taken up", "case opened"]
    assert second["outcomes"][-1] == {
        "outcome": "returned",
        "reason": "known already",
        "by": "Wang",
        "at": "2024-07-02T01:00:00+00:00",
    }
    assert handover(desk.casebook, "smuggling-000001") == batch
    assert handovers(desk.casebook)[0]["outcomes"] == batch["outcomes"]


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("praised", {}),
        ("returned", {}),
        ("not pursued", {"reason": " "}),
        ("taken up", {"findings": ["f-A", "f-Z"]}),
        ("taken up", {"by": ""}),
        ("taken up", {"expected": "case opened"}),
        ("not pursued", {"reason": "his number is 13812345678"}),
        ("not pursued", {"reason": "x" * 1001}),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_and_changes_nothing(
    desk: Desk, out: Path, outcome: str, more: dict[str, Any]
) -> None:
    give(desk, out)
    with pytest.raises((BadInputError, NotFoundError)):
        told(desk, outcome, **more)
    assert handover(desk.casebook, "smuggling-000001")["outcomes"] == {"not told yet": 2}


def test_of_two_who_tell_the_second_is_told_what_the_first_said(desk: Desk, out: Path) -> None:
    give(desk, out)
    told(desk, "taken up", expected="")
    with pytest.raises(BadInputError, match="is taken up by now"):
        told(desk, "not pursued", reason="no", expected="")
    with pytest.raises(BadInputError, match="cannot follow"):
        told(desk, "taken up")


@pytest.mark.parametrize("name", ["smuggling-000002", "smuggling-1", "smuggling", "", "a-99999999999", "-"])
def test_an_unknown_batch_is_told(desk: Desk, out: Path, name: str) -> None:
    give(desk, out)
    with pytest.raises(NotFoundError):
        handover(desk.casebook, name)
