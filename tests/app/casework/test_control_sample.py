"""Random inspections against what live rules had said before: what no rule sees."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cases import DAY, RULE, detected, new_casebook
from ledger_desk import Desk
from shops import inspection, sale

from app.casebook.store import Casebook
from app.casework.control_sample import control_sample
from app.casework.precision_table import precision_on
from app.errors import BadInputError
from loaders.contract import Keys

TABLE = precision_on(DAY)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two shops with twenty sales each, and nothing known of them."""
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    sales = [sale(shop, no, no, agent=f"A-{shop}") for shop in ("KNOWN", "UNKNOWN") for no in range(20)]
    desk.load(*(document for one in sales for document in one))
    return desk


@pytest.fixture
def casebook(tmp_path: Path) -> Casebook:
    return new_casebook(tmp_path)


def inspected(shop: str, no: int, result: str = "ok", **says: Any) -> Any:
    return inspection(f"I-{shop}-{no}", f"{shop}|{no:05d}", result, **says)


def sample(desk: Desk, casebook: Casebook, **options: Any) -> dict[str, Any]:
    return control_sample(desk.ledger, casebook, TABLE, **options)


def test_what_no_live_rule_had_spoken_of_before_is_what_rules_miss(desk: Desk, casebook: Casebook) -> None:
    detected(casebook, "KNOWN")
    detected(casebook, "UNKNOWN", rule="platform-unverified", maturity="shadow")  # shadows do not speak
    desk.load(
        *[inspected("KNOWN", no, "discrepancy") for no in range(3)],
        *[inspected("KNOWN", no) for no in range(3, 10)],
        inspected("UNKNOWN", 0, "seized"),
        *[inspected("UNKNOWN", no) for no in range(1, 10)],
        *[inspected("UNKNOWN", no, "discrepancy", why="clue") for no in (10, 11)],
    )
    detected(casebook, "KNOWN", "UNKNOWN", version=2)  # found by then, but not before
    told = sample(desk, casebook)
    assert (told["random"], told["not_judged"], told["discrepancies"]) == (20, 0, 4)
    assert (told["missed"]["count"], told["missed"]["of"], told["missed"]["share"]) == (1, 4, 0.25)
    assert (told["unseen"]["count"], told["unseen"]["of"]) == (1, 20)
    # Quantiles of Beta(1.5, 19.5).
    assert told["unseen"]["low"] == pytest.approx(0.00554, abs=2e-4)
    assert told["unseen"]["high"] == pytest.approx(0.2109, abs=2e-3)
    assert (told["yield_spoken"]["share"], told["yield_unspoken"]["share"]) == (0.3, 0.1)
    assert [(one["discrepancy"], one["missed"]["count"], one["missed"]["of"]) for one in told["kinds"]] == [
        ("other", 1, 4)
    ]
    yields = {one["selection"]: (one["yield"]["count"], one["yield"]["of"]) for one in told["selections"]}
    assert yields == {"random": (4, 20), "clue": (2, 2)}


def test_a_finding_that_was_gone_by_then_speaks_of_nothing(desk: Desk, casebook: Casebook) -> None:
    detected(casebook, "KNOWN")
    desk.load(*sale("THIRD", 1, 1))
    detected(casebook, version=2)
    desk.load(inspected("KNOWN", 0, "discrepancy"))
    assert sample(desk, casebook)["missed"]["count"] == 1


def test_only_findings_grave_enough_speak(desk: Desk, casebook: Casebook) -> None:
    detected(casebook, "KNOWN")
    desk.load(inspected("KNOWN", 0, "discrepancy"), inspected("KNOWN", 1, at="2024-03-01"))
    assert sample(desk, casebook)["missed"]["count"] == 0
    assert sample(desk, casebook, severity="high")["missed"]["count"] == 1
    march = {"since": date(2024, 3, 1), "until": date(2024, 3, 31)}
    assert (sample(desk, casebook, **march)["random"], sample(desk, casebook)["random"]) == (1, 2)


def test_what_nothing_had_looked_at_before_is_not_judged(desk: Desk, casebook: Casebook) -> None:
    assert sample(desk, casebook)["missed"] == {
        "count": 0, "of": 0, "share": None, "low": 0.0, "high": 1.0, "level": 0.95,
    }  # fmt: skip
    desk.load(inspected("KNOWN", 0, "discrepancy"), inspected("NOBODY", 1, "discrepancy"))
    assert (sample(desk, casebook)["random"], sample(desk, casebook)["not_judged"]) == (2, 2)
    detected(casebook, "KNOWN", version=2)
    desk.load(inspected("NOBODY", 2, "discrepancy"), inspected("UNKNOWN", 3, "discrepancy"))
    told = sample(desk, casebook)
    assert (told["not_judged"], told["judged"], told["missed"]["count"]) == (3, 1, 1)


def test_an_unknown_severity_and_a_period_backwards_are_refused(desk: Desk, casebook: Casebook) -> None:
    with pytest.raises(BadInputError, match="'worst' is no severity"):
        sample(desk, casebook, severity="worst")
    with pytest.raises(BadInputError, match="before it begins"):
        sample(desk, casebook, since=date(2024, 3, 2), until=date(2024, 3, 1))
    assert RULE == "platform-traffic"
