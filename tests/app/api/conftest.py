"""The small documents of the ledger's tests, and the offices of other tests, serve here too."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[2]
_PARTS = ("loaders/ledger", "app/detection", "app/supervision", "app/api", "app/assessment")
sys.path += [str(_TESTS / part) for part in _PARTS]
