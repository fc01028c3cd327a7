"""Asking the graph: managed transactions, values as parameters, errors as one sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any, LiteralString, Self, cast

from neo4j import (
    Driver,
    GraphDatabase,
    ManagedTransaction,
    NotificationDisabledClassification,
    NotificationMinimumSeverity,
)
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from app.errors import NotFoundError, UnavailableError

Row = dict[str, Any]
_TOO_MUCH = (
    "TransactionTimedOut",
    "OutOfMemoryError",
    "NoThreadsAvailable",
)


@cache
def named(name: str) -> LiteralString:
    """Text of `cypher/queries/<name>.cypher`. Raises NotFoundError."""
    path = files("cypher") / "queries" / f"{name}.cypher"
    if not name.replace("_", "").replace("-", "").isalnum() or not path.is_file():
        raise NotFoundError(f"There is no query named {name}.")
    return path.read_text("utf-8")


class Graph:
    """One Neo4j, embedded or not. Use as a context manager, or `close` it."""

    def __init__(self, driver: Driver, uri: str) -> None:
        self.driver = driver
        self.uri = uri

    @classmethod
    def connect(cls, uri: str, user: str, password: str) -> Self:
        """Connect and make sure that the server answers and lets us in. Raises UnavailableError.

        A warning of the server about a query (deprecated, slow by construction) becomes a Python warning,
        which tests turn into an error; that a label does not occur yet is no reason for one.
        """
        with _sentences(uri):
            driver = GraphDatabase.driver(
                uri,
                auth=(user, password),
                warn_notification_severity=NotificationMinimumSeverity.WARNING,
                notifications_disabled_classifications=[NotificationDisabledClassification.UNRECOGNIZED],
                # A server that is away is told within seconds, not after the half minute of the default.
                max_transaction_retry_time=5.0,
            )
            try:
                driver.verify_connectivity()
            except BaseException:
                driver.close()
                raise
        return cls(driver, uri)

    def read(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        """Rows of a query that only reads. It may be run again after a lost connection."""
        with _sentences(self.uri), self.driver.session() as session:
            return session.execute_read(_rows(query, parameters))

    def write(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        """Rows of a query that writes, in its own transaction. It may be run again: let it be idempotent."""
        with _sentences(self.uri), self.driver.session() as session:
            return session.execute_write(_rows(query, parameters))

    def execute(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        """Rows of a query that brings its own transactions (`CALL { … } IN TRANSACTIONS`), run once."""
        with _sentences(self.uri), self.driver.session() as session:
            return session.run(query, parameters).data()

    def meta(self) -> Row | None:
        """Properties of the `Meta` node, None where the graph has not been built to its end."""
        rows = self.read(named("meta"))
        return cast(Row, rows[0]["meta"]) if rows else None

    def ready(self) -> bool:
        """Whether the graph has been built to its end."""
        return self.meta() is not None

    def close(self) -> None:
        """Close all connections."""
        self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _rows(query: LiteralString, parameters: Row) -> Callable[[ManagedTransaction], list[Row]]:
    return lambda transaction: transaction.run(query, parameters).data()


@contextmanager
def _sentences(uri: str) -> Iterator[None]:
    """Turn what is no fault of a query into an UnavailableError."""
    try:
        yield
    except AuthError as error:
        raise UnavailableError(
            f"The Neo4j at {uri} does not accept user and password; check CLUEGRAPH_NEO4J_USER and "
            "CLUEGRAPH_NEO4J_PASSWORD."
        ) from error
    except (ServiceUnavailable, SessionExpired, OSError) as error:
        raise UnavailableError(
            f"The Neo4j at {uri} does not answer; start it (cluegraph neo4j start), or check "
            "CLUEGRAPH_NEO4J_URI."
        ) from error
    except (ConfigurationError, ValueError) as error:
        raise UnavailableError(f"CLUEGRAPH_NEO4J_URI cannot be used ({uri}): {error}.") from error
    except (ClientError, TransientError) as error:
        if any(name in (error.code or "") for name in _TOO_MUCH):
            raise UnavailableError(
                f"The Neo4j at {uri} gave up on a query that took too long or too much memory; ask for less, "
                "or give it more memory (CLUEGRAPH_NEO4J_HEAP)."
            ) from error
        raise
