"""Engine of the casebook: SQLite (WAL, BEGIN IMMEDIATE) or PostgreSQL, brought to the latest migration."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.errors import BadInputError, UnavailableError

_BUSY_MILLISECONDS = 30_000
_UPGRADE_LOCK = 0x636C7565  # one advisory lock for all who upgrade the same PostgreSQL


def casebook_url(data: Path) -> str:
    """Address of the SQLite casebook of a data folder."""
    return f"sqlite:///{data / 'casebook.sqlite'}"


def make_engine(url: str) -> Engine:
    """Engine for `url` (SQLAlchemy address); raises BadInputError where it is no address that can be used."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise BadInputError(
            "The casebook's address cannot be used: give sqlite:///<file> or postgresql+pg8000://… "
            "(the latter needs the 'postgres' extra)."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be deferred
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Connection) -> None:
    """A writer takes the lock when it begins: a deferred one could fail half-way, when it first writes."""
    reading = connection.get_execution_options().get("cluegraph_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction; two processes at once take turns."""
    try:
        with as_file(files("app.casebook") / "migrations") as folder, engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
            command.upgrade(alembic_config(folder, connection), "head")
    except DBAPIError as error:
        raise UnavailableError(
            f"The casebook cannot be opened or brought up to date: {error.orig}."
        ) from error


def alembic_config(folder: Path, connection: Connection) -> Config:
    """Alembic's configuration over an open connection: there is no ini file and no second address."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
