"""The ledger: every document and row of external data ever received, with its versions and origin."""

from loaders.ledger.ledger import Ledger, PastLedger, entities_of
from loaders.ledger.load import Counts, LoadReport, land, load
from loaders.ledger.lock import writer_lock
from loaders.ledger.views import show_unjoined

__all__ = [
    "Counts",
    "Ledger",
    "LoadReport",
    "PastLedger",
    "entities_of",
    "land",
    "load",
    "show_unjoined",
    "writer_lock",
]
