"""What was not accepted, as it is listed."""

from typing import Any

from loaders.ledger.ledger import Ledger

_REJECTS = """
    SELECT file_name, message_guid, kind, position, field, reason, "offset", file_id, load_seq,
           replaced_in
    FROM rejects
    ORDER BY load_seq, file_name, position NULLS FIRST, kind, field, reason
"""


def rejects_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Every reject: file, message, kind, position (from 1), field, reason, byte offset, load, and the
    load that brought another file of that name later. Never a value."""
    with ledger.connect() as connection:
        result = connection.execute(_REJECTS)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
