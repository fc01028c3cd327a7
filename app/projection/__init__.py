"""Composes the graph: what the ledger yields, and what the casebook adds to it."""

from app.projection.build import empty
from app.projection.increment import write_increment
from app.projection.migrations import migrate
from app.projection.project import Projection, project, project_embedded, project_foreign
from app.projection.publish import Publisher, write_derived

__all__ = [
    "Projection",
    "Publisher",
    "empty",
    "migrate",
    "project",
    "project_embedded",
    "project_foreign",
    "write_derived",
    "write_increment",
]
