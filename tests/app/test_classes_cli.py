"""Commands of portraits and classes, over a district without a graph."""

import sys
from pathlib import Path

import pytest
from commanding import Run

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / part) for part in ("app/supervision", "app/detection", "loaders/ledger")]

from firms import BAD, HONEST, SMALL, District, documents, finding  # noqa: E402

YEAR = "--from", "2024-01-01", "--to", "2024-12-31"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    district = District(tmp_path_factory.mktemp("district"), documents())
    district.found(finding(BAD, "critical"))
    return district.data


def test_portraits_are_listed_shown_taken_apart_and_printed(run: Run, data: Path, tmp_path: Path) -> None:
    listed = run("portraits", "list", *YEAR, "--role", "platform", "--limit", 2, "--json", data=data).json
    assert listed["data"][0]["code"] == BAD
    assert (len(listed["data"]), listed["count"]) == (2, 9)
    assert BAD in run("portraits", "list", *YEAR, data=data).out
    shown = run("portraits", "show", BAD, *YEAR, "--json", data=data).json
    assert shown["score"] == listed["data"][0]["score"]
    assert "document_amount" in run("portraits", "show", BAD, *YEAR, data=data).out
    facts = run("portraits", "facts", BAD, "document_amount", *YEAR, "--limit", 3, "--json", data=data).json
    assert (len(facts["data"]), facts["counted"], facts["total"]) == (3, 12, 40)
    assert "12 of 40 count" in run("portraits", "facts", BAD, "document_amount", *YEAR, data=data).out
    page = tmp_path / "page.html"
    assert run("portraits", "page", BAD, page, *YEAR, "--on", "2025-01-05", data=data).code == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert run("portraits", "export", tmp_path / "all", *YEAR, data=data).code == 0
    assert (tmp_path / "all" / f"{BAD}.html").is_file()


def test_classes_are_rated_adjusted_ended_and_told(run: Run, data: Path) -> None:
    asked = ("classes", "rate", "--on", "2025-01-05", *YEAR, "--by", "K01")
    report = run(*asked, "--json", data=data).json
    assert report["known"] is False
    assert "there already" in run(*asked, data=data).out
    listed = run("classes", "list", "--on", "2025-01-05", "--json", data=data).json
    assert listed["count"] == report["enterprises"]
    decision = ("--to", "D", "--reason", "Seized", "--evidence", "I1", "--until", "2025-06-30", "--by", "K02")
    done = run("classes", "adjust", HONEST[0], *decision, "--on", "2025-02-01", "--json", data=data).json
    assert (done["class"], done["since"]) == ("D", "2025-02-01")
    worst = run("classes", "list", "--class", "D", "--on", "2025-02-01", "--json", data=data).json
    assert HONEST[0] in [row["code"] for row in worst["data"]]
    assert (
        "1 adjustments"
        in run(
            "classes",
            "end",
            HONEST[0],
            "--on",
            "2025-03-01",
            "--reason",
            "Cleared up",
            "--by",
            "K02",
            data=data,
        ).out
    )
    told = run("classes", "show", HONEST[0], "--on", "2025-03-01", "--json", data=data).json
    assert told["state"]["source"] == "rating"
    assert "Cleared up" in run("classes", "show", HONEST[0], "--on", "2025-03-01", data=data).out
    first = run("classes", "events", "--on", "2025-01-06", "--json", data=data).json
    assert (BAD, "refuted-payments") in [(row["code"], row["event"]) for row in first["applied"]]
    assert run("classes", "events", "--on", "2025-01-06", "--json", data=data).json["applied"] == []


def test_a_scorecard_is_shown_tried_and_refused(run: Run, data: Path, tmp_path: Path) -> None:
    shown = run("scorecard", "show", "--on", "2025-01-01", "--json").json
    assert shown["version"] == "1.0.0"
    assert "hysteresis 3" in run("scorecard", "show").out
    import app.supervision

    text = (Path(app.supervision.__file__).parent / "data" / "scorecard.yaml").read_text("utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("neutral: 70", "neutral: 0"), "utf-8")
    assert "1.0.0 from 2019-01-01" in run("scorecard", "check", mine).out
    tried = run("portraits", "show", SMALL, *YEAR, "--scorecard", mine, "--json", data=data).json
    assert tried["score"] < run("portraits", "show", SMALL, *YEAR, "--json", data=data).json["score"]
    mine.write_text(text.replace("checks_passed: 14", "checks_passed: 15"), "utf-8")
    refused = run("scorecard", "check", mine)
    assert refused.code == 2
    assert "add up to 101" in refused.err
    before = run("classes", "list", "--on", "2026-01-05", "--json", data=data).json
    rated = run("classes", "rate", "--on", "2026-01-05", *YEAR, "--by", "K01", "--scorecard", mine, data=data)
    assert rated.code == 2
    assert run("classes", "list", "--on", "2026-01-05", "--json", data=data).json == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("portraits", "show", "NOBODY", *YEAR), "no enterprise NOBODY"),
        (("portraits", "list", "--from", "last year"), "is no day"),
        (("portraits", "list", *YEAR, "--role", "bank"), "no role 'bank'"),
        (("portraits", "facts", BAD, "luck", *YEAR), "no indicator 'luck'"),
        (("classes", "list", "--class", "E"), "'E' is no class"),
        (("classes", "show", "NOBODY"), "no enterprise NOBODY"),
        (("scorecard", "check", "/nowhere.yaml"), "no file"),
        (("classes", "events", "--table", "/nowhere.yaml"), "no file"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    run: Run, data: Path, arguments: tuple[str, ...], why: str
) -> None:
    answer = run(*arguments, data=data)
    assert answer.code == 2
    assert why in answer.err
    assert answer.err.count("\n") == 1
