"""Source control from the command line: the register, the work list and its way back."""

import csv
from pathlib import Path

import pytest
from commanding import Job, Run

import world


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    world.make(folder, orders=500, seed=3, format="csv")
    return folder


def test_the_register_agrees_with_what_the_world_planted(run: Run, job: Job) -> None:
    rows = run("platforms", "list", "--json", data=job.data).json
    by_code = {row["code"]: row for row in rows}
    failed = {p["subject"]["key"] for p in job.truth.planted if p["rule"] == "platform-failed-checks"}
    assert {row["code"] for row in rows if row["state"] == "failed" and row["window_sales"]} == failed
    assert all(len(row["checks"]) == 7 for row in rows)
    some = next(iter(failed))
    assert "platform-failed-checks" in {finding["rule"] for finding in by_code[some]["findings"]}

    only = run("platforms", "list", "--state", "failed", "--json", data=job.data).json
    assert {row["code"] for row in only} >= failed
    stale = run("platforms", "list", "--older", 200, "--json", data=job.data).json
    assert all(row["age_days"] is None or row["age_days"] > 200 for row in stale)
    text = run("platforms", "list", "--state", "failed", data=job.data).out
    assert some in text
    assert "platforms as of 2025-" in text

    one = run("platforms", "show", some, "--json", data=job.data).json
    assert {**by_code[some], "history": one["history"]} == one
    assert len(one["history"]) >= 14
    assert "goods_on_sale" in run("platforms", "show", some, data=job.data).out


def test_a_list_is_written_filled_in_and_loaded(run: Run, files: Path, tmp_path: Path) -> None:
    assert run("load", files).code == 0
    made = run(
        "platforms", "worklist", tmp_path / "out", "--size", 4, "--random-share", 0.5, "--seed", 3, "--json"
    )
    assert {name: made.json[name] for name in ("platforms", "random", "rows")} == {
        "platforms": 4, "random": 2, "rows": 28,
    }  # fmt: skip
    path = tmp_path / "out" / "worklist.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rows[0] |= {"result": "fail", "checkedAt": "2025-10-30", "inspector": "Li"}
    rows[1] |= {"result": "pass", "checkedAt": "2199-12-31"}

    def save() -> None:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    save()
    refused = run("platforms", "load-worklist", path)
    assert refused.code == 2
    assert "line 3, checkedAt: is after today" in refused.err
    assert run("status", "--json").json["ledger"]["version"] == 1

    rows[1]["checkedAt"] = "2025-10-30 09:15"
    save()
    assert run("platforms", "load-worklist", path, "--json").json == {
        "new": 2, "known": 0, "left_out": 26, "ledger_version": 2,
    }  # fmt: skip
    assert "0 checks loaded, 2 were known" in run("platforms", "load-worklist", path).out
    one = run("platforms", "show", rows[0]["ebpCode"], "--json").json
    assert (one["state"], one["history"][-1]["inspector"] is not None) == ("failed", True)
    assert "load-worklist" in run("load", path).out  # which skips it


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("list", "--state", "odd"), "'odd' is no state"),
        (("list", "--as-of", "yesterday"), "--as-of takes a day"),
        (("show", "NOBODY"), "no platform 'NOBODY'"),
        (("load-worklist", "/none.csv"), "cannot be read"),
        (("worklist", "/tmp", "--size", "3"), "not an empty folder"),
    ],
)
def test_mistakes_are_told_in_one_sentence(run: Run, job: Job, command: tuple[str, ...], told: str) -> None:
    answer = run("platforms", *command, data=job.data)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err


def test_without_a_ledger_nothing_is_made(run: Run) -> None:
    for command in (("list",), ("show", "X"), ("worklist", "x"), ("load-worklist", "x")):
        assert run("platforms", *command).code == 2
    assert not run.data.exists()


def test_detection_looks_back_from_a_later_day_where_one_is_named(run: Run, job: Job) -> None:
    one_rule = ("detect", "--rule", "platform-failed-checks", "--json")
    usual = run(*one_rule, data=job.data).json
    later = run(*one_rule, "--as-of", "2026-01-15", data=job.data).json
    assert (later["as_of"], later["ledger_version"]) == ("2026-01-15", usual["ledger_version"])
    early = run(*one_rule, "--as-of", "2025-02-01", data=job.data)
    assert (early.code, "findings as of 2025-02-01 would leave some of them out" in early.err) == (2, True)
    assert run(*one_rule, data=job.data).json["as_of"] == usual["as_of"]
