"""What the stores' own libraries raise, as one sentence."""

import duckdb
from deltalake.exceptions import DeltaError
from neo4j.exceptions import DriverError, Neo4jError
from sqlalchemy.exc import DBAPIError

_LEDGER = "The ledger cannot be read or written ({}): check disk and permissions, or restore your backup."
_STORES: tuple[tuple[type[Exception], str], ...] = (
    (DBAPIError, "The casebook cannot be used ({}): check its file or address, or restore your backup."),
    (DeltaError, _LEDGER),
    (duckdb.OperationalError, _LEDGER),
    (DriverError, "The graph cannot be used ({}): see `cluegraph neo4j status` and `cluegraph neo4j log`."),
    (
        Neo4jError,
        "The graph refused ({}): see `cluegraph neo4j log`; `cluegraph project --rebuild` makes it anew.",
    ),
)
"""What the stores' own libraries raise. The sentence names the kind of error: its text may quote values."""

STORE_ERRORS = tuple(kind for kind, _ in _STORES)


def store_error(error: Exception) -> str | None:
    """The sentence for an error of a store that cannot be used; None for any other error."""
    for kind, sentence in _STORES:
        if isinstance(error, kind):
            return sentence.format(type(error).__name__)
    return None
