"""`since`: a ledger version, or a date that stands for one."""

from datetime import date

from app.casework.then import version_before
from app.errors import BadInputError
from loaders.ledger.ledger import Ledger


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
    return version_before(ledger, day)
