"""Ledgers to load small documents into."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_desk import Desk

from loaders.contract import Keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.open(tmp_path_factory.mktemp("keys") / "key")


@pytest.fixture
def desk(tmp_path: Path, keys: Keys) -> Desk:
    return Desk(tmp_path, keys)


@pytest.fixture
def new_desk(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Callable[[], Desk]:
    return lambda: Desk(tmp_path_factory.mktemp("desk"), keys)
