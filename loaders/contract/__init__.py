"""The contract: what a document is, how it is checked, typed, hashed and keyed."""

from loaders.contract.batch import Conformed, Locate, Place, RawBatch, Reject, SourceFile, rejects_table
from loaders.contract.conform import conform
from loaders.contract.keys import Keys, normalise
from loaders.contract.kinds import KINDS
from loaders.contract.model import CONTRACT_VERSION, REJECTS_SCHEMA, Field, Kind
from loaders.contract.normal import NORMALISER_VERSION

__all__ = [
    "CONTRACT_VERSION",
    "KINDS",
    "NORMALISER_VERSION",
    "REJECTS_SCHEMA",
    "Conformed",
    "Field",
    "Keys",
    "Kind",
    "Locate",
    "Place",
    "RawBatch",
    "Reject",
    "SourceFile",
    "conform",
    "normalise",
    "rejects_table",
]
