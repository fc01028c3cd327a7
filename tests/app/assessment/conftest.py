"""The small documents of the ledger's tests serve here too."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[2]
sys.path += [
    str(_TESTS / part) for part in ("loaders/ledger", "app/detection", "app/assessment", "app/casebook")
]

from counter import Counter  # noqa: E402


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """An office without a sale in its ledger."""
    with Counter(tmp_path / "data") as counter:
        yield counter
