"""The sources: files, folders and archives as batches of raw rows."""

from loaders.sources.files import Limits
from loaders.sources.reading import MAX_ROWS, read

__all__ = ["MAX_ROWS", "Limits", "read"]
