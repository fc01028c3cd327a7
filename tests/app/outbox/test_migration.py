"""What a casebook of before knows of warnings, once its tables are those of now."""

from datetime import date
from pathlib import Path

from alembic import command
from casebooks import found
from sqlalchemy import insert, text

from app.casebook.canonical import canonical
from app.casebook.engine import alembic_config, make_engine
from app.casebook.models import Base, Finding

_STEPS = [
    ("found", {"severity": "low", "evidence": 3, "members": 0}),
    ("changed", {"evidence": {"from": 3, "to": 4}}),
    ("changed", {"severity": {"from": "low", "to": "high", "rose": True}}),
    ("changed", {"severity": {"from": "high", "to": "medium", "rose": False}}),
    ("gone", {}),
    ("returned", {"severity": {"from": "medium", "to": "critical", "rose": True}}),
]


def test_changes_of_before_are_told_by_their_details(either: str) -> None:
    engine = make_engine(either)
    folder = Path(Base.__module__.replace(".", "/")).parent / "migrations"
    with engine.begin() as connection:
        config = alembic_config(folder, connection)
        command.upgrade(config, "0007")
        command.downgrade(config, "-1")
        row = {**found(), "id": "f-one", "first_seen": 1, "last_seen": 1, "present": True, "decision": "open"}
        connection.execute(insert(Finding), {**row, "as_of": date(2026, 6, 30)})
        keep = text(
            "INSERT INTO finding_history (finding, number, ledger_version, casebook_seq, change, detail) "
            "VALUES ('f-one', :number, 1, :number, :change, :detail)"
        )
        for number, (change, detail) in enumerate(_STEPS, 1):
            connection.execute(keep, {"number": number, "change": change, "detail": canonical(detail)})
        command.upgrade(config, "0007")
        told = connection.execute(
            text("SELECT severity, material FROM finding_history ORDER BY number")
        ).all()
    engine.dispose()
    assert [(severity, bool(material)) for severity, material in told] == [
        ("low", True),
        ("low", False),
        ("high", True),
        ("medium", False),
        ("medium", True),
        ("critical", True),
    ]
