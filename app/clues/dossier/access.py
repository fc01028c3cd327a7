"""Personal values in a dossier: only in a role that may, for a purpose, with a line that is kept first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select

from app.casebook.handover_models import Access
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.masking import refuse_numbers_of_persons

LEAST_PURPOSE, MOST_PURPOSE, LONGEST_NAME = 5, 500, 80


@dataclass(frozen=True)
class Asker:
    """Who asks for personal values, in which role, for what: what they say, as there are no accounts yet."""

    by: str
    role: str
    purpose: str


def checked_asker(by: str | None, role: str | None, purpose: str | None, roles: Sequence[str]) -> Asker:
    """The asker, trimmed. Raises BadInputError where one of the three is missing or too long, where the role
    is none of `roles`, or where a text holds a number of a person."""
    who, why = (by or "").strip(), (purpose or "").strip()
    if not who or len(who) > LONGEST_NAME:
        raise BadInputError(
            f"Personal values need the name of who asks (--by), of at most {LONGEST_NAME} characters."
        )
    if role is None or role not in roles:
        raise BadInputError(
            f"Personal values need a role that may have them (--role): "
            f"{', '.join(roles) or 'no role may'}; CLUEGRAPH_UNMASKED_ROLES lists them."
        )
    if not LEAST_PURPOSE <= len(why) <= MOST_PURPOSE:
        raise BadInputError(
            f"Personal values need a purpose (--purpose), of {LEAST_PURPOSE} to {MOST_PURPOSE} characters."
        )
    refuse_numbers_of_persons(who, why)
    return Asker(who, role, why)


def keep_access(casebook: Casebook, asker: Asker, findings: Sequence[str], persons: int, at: datetime) -> int:
    """Keep the line of an access, before any value is read; returns its number. `persons`: identities."""
    with casebook.change(shown=False) as change:
        # The casebook's sequence stays: it counts what the graph is given, and an access is none of that.
        number = 1 + (change.connection.execute(select(func.max(Access.number))).scalar() or 0)
        change.connection.execute(
            insert(Access),
            {
                "number": number,
                "asked_by": asker.by,
                "role": asker.role,
                "purpose": asker.purpose,
                "at": at.astimezone(UTC).isoformat(timespec="seconds"),
                "findings": orjson.dumps(sorted(findings)).decode(),
                "persons": persons,
            },
        )
    return number


def accesses(casebook: Casebook) -> list[dict[str, Any]]:
    """Every access, the newest first: number, by, role, purpose, at, findings, persons."""
    with casebook.read() as connection:
        rows = connection.execute(select(Access.__table__).order_by(Access.number.desc())).mappings().all()
    return [
        {
            "number": row["number"],
            "by": row["asked_by"],
            **{name: row[name] for name in ("role", "purpose", "at", "persons")},
            "findings": orjson.loads(row["findings"]),
        }
        for row in rows
    ]
