"""Casebooks and receivers of these tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
sys.path += [str(_HERE), str(_HERE.parent / "casebook")]

from postgres_server import Postgres, running_postgres  # noqa: E402
from receiver import Receiver, receiving  # noqa: E402

from app.casebook.engine import casebook_url  # noqa: E402
from app.casebook.store import Casebook  # noqa: E402


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty casebook on either engine."""
    if request.param == "sqlite":
        return casebook_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def casebook(tmp_path: Path) -> Iterator[Casebook]:
    casebook = Casebook.open(casebook_url(tmp_path))
    yield casebook
    casebook.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
