"""Synthetic worlds: message files or flat files with planted cases, honest look-alikes and a truth file."""

from world.make import Format, WorldKind, make
from world.truth import TRUTH_FILE, Truth

__all__ = ["TRUTH_FILE", "Format", "Truth", "WorldKind", "make"]
