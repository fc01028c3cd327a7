"""The errors a person may meet. Each message names the thing, what was wrong with it, and what to do."""


class CluegraphError(Exception):
    """Base of every error that is shown to a person as one sentence (exit code 2)."""


class BadInputError(CluegraphError):
    """What was given cannot be used as it is."""


class NotFoundError(CluegraphError):
    """What was asked for does not exist."""


class UnavailableError(CluegraphError):
    """A part that is needed (graph, download, port, disk) cannot be used now."""


class BusyError(CluegraphError):
    """Another process holds what is needed; says which."""
