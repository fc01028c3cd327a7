"""Offices and inspectors of other tests serve here too."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[2]
sys.path += [str(_TESTS / part) for part in ("loaders/ledger", "app/detection", "app/casework")]
