"""The small documents of the ledger's tests and the shops of detection's serve here too."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[2]
sys.path += [str(_TESTS / part) for part in ("loaders/ledger", "app/detection")]
