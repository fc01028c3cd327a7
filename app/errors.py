"""The hierarchy of errors, defined where the lowest layer can raise it."""

from loaders.errors import BadInputError, BusyError, CluegraphError, NotFoundError, UnavailableError

__all__ = ["BadInputError", "BusyError", "CluegraphError", "NotFoundError", "UnavailableError"]
