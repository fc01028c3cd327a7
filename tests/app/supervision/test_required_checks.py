"""The authenticity checks that a class requires, and which of them are outstanding."""

from datetime import date
from pathlib import Path
from typing import Any

from firms import District, documents
from shops import check

from app.casebook.class_models import ClassAdjustment
from app.supervision.measure_table import AUTHENTICITY, measures_on
from app.supervision.required_checks import required_checks
from app.supervision.verification import CHECKS

DAY = date(2024, 12, 31)


def test_a_worse_class_owes_more_checks_and_what_was_passed_is_settled(tmp_path: Path) -> None:
    district = District(tmp_path, documents())
    for code, letter in (("BADSHOP001", "D"), ("HONEST0000", "A"), ("SMALLSHOP1", "D")):
        row: dict[str, Any] = {
            "id": code, "code": code, "letter": letter, "since": date(2024, 1, 1), "until": date(2025, 1, 1),
            "event": None, "event_version": None, "reason": "test", "evidence": "[]", "made_by": "K01",
            "ended_on": None, "ended_by": None, "ended_why": None,
        }  # fmt: skip
        with district.casebook.change() as change:
            change.put(ClassAdjustment, [row], id=code)
    rows = required_checks(district.ledger, district.casebook, DAY, measures_on(DAY))
    assert [row.code for row in rows[:2]] == ["BADSHOP001", "SMALLSHOP1"]  # both D, the larger first
    assert rows[-1].code == "HONEST0000"
    bad, small, honest = rows[0], rows[1], rows[-1]
    assert set(bad.required) == set(AUTHENTICITY)
    # Two failed, its licence passed, and the authority has answered about its payments.
    never = set(CHECKS) - {"can_login", "can_purchase", "licence_valid"}
    assert bad.outstanding == {"can_login": "fail", "can_purchase": "fail", **dict.fromkeys(never, "never")}
    assert set(small.outstanding) == set(AUTHENTICITY)
    assert (honest.required, honest.outstanding) == ((), {})
    # Nobody who sells nothing, and who was never rated is supervised as the table says.
    assert "IDLESHOP01" not in {row.code for row in rows}
    assert {row.letter for row in rows} == {"A", "C", "D"}
    district.desk.load(check("BADSHOP001", "pass", at="2024-12-01T00:00:00"))
    again = required_checks(district.ledger, district.casebook, DAY, measures_on(DAY))
    assert "can_login" not in again[0].outstanding
