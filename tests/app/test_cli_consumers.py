"""Commands about consumers over a small ledger: numbers come on standard input and are never shown."""

from pathlib import Path

import pytest
from commanding import Answer, cluegraph

from app.casebook.store import Casebook
from app.settings import Settings
from world import make

NUMBER = "11010519491231002X"
SAID = ("--why", "asked for it", "--by", "officer 7")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small world in its ledger; no graph."""
    folder = tmp_path_factory.mktemp("consumers")
    make(folder / "files", orders=500, seed=3, format="csv")
    assert cluegraph("--data", folder / "data", "load", folder / "files").code == 0
    return folder / "data"


def consumers(data: Path, *arguments: object, given: str = "") -> Answer:
    answer = cluegraph("--data", data, "consumers", *arguments, given=given)
    for number in given.split():
        assert number not in answer.out + answer.err
    return answer


def somebody(data: Path) -> tuple[str, str]:
    """Identity number of a person in the ledger with several sales, and a report of anybody."""
    from loaders.ledger.ledger import Ledger

    with Ledger.open(data / "ledger").connect() as connection:
        number = connection.execute(
            "SELECT buyerIdNumber FROM inventories GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchall()[0][0]
        report = connection.execute("SELECT min(reportId) FROM consumer_reports").fetchall()[0][0]
    return str(number), str(report)


def test_a_statement_as_json_as_a_page_and_for_a_person(data: Path, tmp_path: Path) -> None:
    number, _ = somebody(data)
    told = consumers(data, "statement", "--json", given=f"{number}\n").json
    assert len(told["sales"]) >= 2
    assert told["person"]["masked_number"].startswith(number[:3])
    assert told["years"][0]["left_at_most"]

    page = tmp_path / "page.html"
    text = consumers(data, "statement", "--year", 2025, "--out", page, given=f"{number}\n")
    assert "left at most" in text.out
    assert page.stat().st_mode & 0o077 == 0
    html = page.read_text("utf-8")
    assert number not in html
    assert "最多剩余" in html
    again = consumers(data, "statement", "--out", page, given=f"{number}\n")
    assert (again.code, "is there already" in again.err) == (2, True)


@pytest.mark.parametrize("given", ["", "\n", "110105199001011234\n110105199001011235\n", "1"])
def test_exactly_one_number_is_wanted(data: Path, given: str) -> None:
    answer = consumers(data, "statement", given=given)
    assert answer.code == 2
    assert answer.err.count("\n") == 1


def test_who_is_likely_hit(data: Path) -> None:
    _, report = somebody(data)
    told = consumers(data, "likely-hit", report, "--limit", 5, "--json").json
    assert len(told["data"]) <= 5
    assert told["looked_at"] > 0
    assert "lower bound" in consumers(data, "likely-hit", report).out
    unknown = consumers(data, "likely-hit", "NONE")
    assert (unknown.code, unknown.err) == (2, "There is no report 'NONE' in the ledger.\n")


def test_a_protection_from_its_beginning_to_its_end(data: Path) -> None:
    number = "110105199001019999"
    dates = ("--since", "2030-01-01", "--until", "2030-06-30")
    one = consumers(data, "protect", *dates, *SAID, "--json", given=number).json
    assert (one["level"], one["since"], one["until"]) == ("locked", "2030-01-01", "2030-06-30")
    key = one["consumer"]

    overlap = consumers(data, "protect", "--level", "watched", "--since", "2030-06-30", *SAID, given=number)
    assert (overlap.code, f"protection {one['number']}" in overlap.err) == (2, True)
    wrong = consumers(data, "protect", "--since", "2030-09-02", "--until", "2030-09-01", *SAID, given=number)
    assert (wrong.code, "before it begins" in wrong.err) == (2, True)
    assert consumers(data, "protect", "--since", "soon", *SAID, "--key", key).code == 2

    longer = consumers(data, "extend", one["number"], "--until", "2030-12-31", *SAID, "--json").json
    assert longer["until"] == "2030-12-31"
    lifted = consumers(data, "lift", "--day", "2030-07-15", *SAID, "--json", given=number).json
    assert (lifted["number"], lifted["lifted"]) == (one["number"], "2030-07-15")
    assert [step["change"] for step in lifted["history"]] == ["set", "extended", "lifted"]
    assert consumers(data, "protected", "--key", key, "--json").json == [lifted]
    assert consumers(data, "protected", "--on", "2030-07-15", "--key", key, "--json").json == []
    assert key in consumers(data, "protected").out


def test_no_identity_number_stands_in_the_data_folder_casebook(data: Path) -> None:
    assert consumers(data, "protect", *SAID, given=NUMBER).code == 0
    assert consumers(data, "protect", "--why", f"of {NUMBER}", "--by", "x", "--key", "a" * 32).code == 2
    Casebook.open(Settings(data=data).casebook_address).close()
    for file in data.glob("casebook.sqlite*"):
        assert NUMBER.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("protect", NUMBER, *SAID),
        ("statement", "--year", NUMBER),
        ("protect", "--key", NUMBER, *SAID),
        ("protected", "--key", NUMBER),
        ("likely-hit", NUMBER),
    ],
)
def test_a_number_on_the_command_line_is_refused_and_not_repeated(
    data: Path, arguments: tuple[object, ...]
) -> None:
    answer = consumers(data, *arguments)
    assert answer.code == 2
    assert NUMBER not in answer.out + answer.err


def test_a_protection_of_a_number_that_is_none_is_not_found(data: Path) -> None:
    answer = consumers(data, "lift", 10**30, *SAID)
    assert (answer.code, "There is no protection" in answer.err) == (2, True)
