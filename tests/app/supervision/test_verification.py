"""The register: what is known of the checks of every platform, with one definition of the latest result."""

from datetime import date
from pathlib import Path

import pytest
from inspectors import DAY, Office, open_office
from shops import check

from app.detection.tally import Tallies
from app.errors import NotFoundError
from app.supervision.verification import one_platform, register


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = open_office(tmp_path_factory.mktemp("office"))
    office.find("platform-traffic", "FAILED", "high")
    return office


def test_every_platform_is_there_by_sale_by_check_and_by_the_register(office: Office) -> None:
    known = register(office.ledger, office.casebook)
    states = {code: one.state for code, one in known.platforms.items()}
    assert known.as_of == DAY
    assert states == {
        "NEVER": "never", "OLD": "passed", "FRESH": "passed", "FAILED": "failed", "MENDED": "passed",
        "BIG": "passed", "QUIET": "never", "LAST": "never", "UNSEEN": "failed", "4401960001": "never",
    }  # fmt: skip
    registered = known.platforms["4401960001"]
    assert (registered.name, registered.site, registered.window_sales) == ("Registered", "shop.example", 0)
    assert (known.platforms["QUIET"].window_sales, known.platforms["BIG"].window_sales) == (0, 12)


def test_a_check_tells_result_day_reason_and_who(office: Office) -> None:
    one = one_platform(office.ledger, office.casebook, "FAILED")
    login = next(check for check in one.checks if check.check == "can_login")
    # The later unknown is no result.
    assert (login.state, login.checked_at, login.age_days) == ("fail", "2024-03-01T10:00:00", 121)
    assert (login.selection, login.observed) == ("random", "no form")
    assert {check.check: check.state for check in one.checks} == {
        "can_register": "never", "can_login": "fail", "can_purchase": "never", "goods_shipped": "never",
        "goods_on_sale": "never", "traffic_match": "never", "licence_valid": "not_applicable",
    }  # fmt: skip
    assert [(row["result"], row["day"]) for row in one.history] == [
        ("unknown", "2024-04-01"),
        ("not_applicable", "2024-03-01"),
        ("fail", "2024-03-01"),
    ]
    assert [finding["rule"] for finding in one.findings] == ["platform-traffic"]
    assert one_platform(office.ledger, office.casebook, "OLD").checks[0].inspector == "Li"


def test_the_latest_result_is_that_of_the_tally(office: Office) -> None:
    known = register(office.ledger, office.casebook).platforms
    with office.ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=DAY)
        for row in tallies.table("platform_checks").to_pylist():
            for result, name in (("pass", "passed"), ("fail", "failed")):
                shown = [check.check for check in known[row["platform"]].checks if check.state == result]
                assert sorted(shown) == (row[name] or [])
            assert known[row["platform"]].last_checked == row["last_checked"]


def test_a_register_is_as_of_a_day(office: Office) -> None:
    then = register(office.ledger, office.casebook, date(2024, 3, 31)).platforms
    assert then["MENDED"].state == "failed"
    assert then["FRESH"].state == "never"
    # Half past eleven at night in China is the day before in UTC, and the day itself here.
    assert register(office.ledger, office.casebook, date(2024, 4, 1)).platforms["MENDED"].state == "passed"


def test_filters(office: Office) -> None:
    known = register(office.ledger, office.casebook)
    assert [one.code for one in known.where(state="failed")] == ["FAILED", "UNSEEN"]
    # Those that were never checked are older than any number of days.
    older = [one.code for one in known.where(older=365)]
    assert older == ["4401960001", "LAST", "NEVER", "OLD", "QUIET"]


def test_a_platform_is_found_by_any_code_of_the_firm(office: Office) -> None:
    assert one_platform(office.ledger, office.casebook, "91350100M000100Y43").code == "4401960001"
    with pytest.raises(NotFoundError, match="no platform 'NOBODY'"):
        one_platform(office.ledger, office.casebook, "NOBODY")


def test_a_check_after_the_last_sale_counts_at_once(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    office.desk.load(check("NEVER", "fail", at="2024-07-15T09:00:00"))
    known = register(office.ledger, office.casebook)
    assert (known.as_of, known.platforms["NEVER"].state) == (date(2024, 7, 15), "failed")


def test_an_empty_ledger_has_an_empty_register(tmp_path: Path) -> None:
    from ledger_desk import Desk

    from app.casebook.store import Casebook
    from loaders.contract import Keys

    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    book = Casebook.open(f"sqlite:///{tmp_path / 'casebook.sqlite'}")
    assert register(desk.ledger, book).platforms == {}
