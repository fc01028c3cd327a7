"""`since`: a ledger version, or a date that stands for one."""

from datetime import date, datetime, time

from app.errors import BadInputError
from app.local_time import LOCAL
from loaders.ledger.ledger import Ledger

_LAST_LOAD_BEFORE = 'SELECT coalesce(max(load_seq), 0) FROM loads WHERE epoch_us("at") < ?'


def ledger_version_of(ledger: Ledger, since: str) -> int:
    """The ledger version after which something is new.

    `since` is a ledger version (digits), or a date YYYY-MM-DD (Asia/Shanghai): then what the loads of that
    day and later brought is new. Raises BadInputError for anything else, and for a version not reached yet.
    """
    if since.isascii() and since.isdigit():
        if int(since) > ledger.version:
            raise BadInputError(f"The ledger is at version {ledger.version}; {since} is not reached yet.")
        return int(since)
    try:
        day = date.fromisoformat(since)
    except ValueError as error:
        raise BadInputError(
            f"{since!r} is neither a ledger version (see `cluegraph status`) nor a date like 2024-06-30."
        ) from error
    midnight = int(datetime.combine(day, time(), LOCAL).timestamp()) * 1_000_000
    with ledger.connect() as connection:
        row = connection.execute(_LAST_LOAD_BEFORE, [midnight]).fetchone()
    return int(row[0]) if row else 0
