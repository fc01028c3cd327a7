"""Where assessments keep what is local: in a folder of the data folder, all of it but the journal to be made
again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.settings import Settings


@dataclass(frozen=True)
class Places:
    """Files of a data folder."""

    index: Path
    snapshot: Path
    journal: Path
    scratch: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings' data folder."""
        folder = settings.data / "assessment"
        return cls(folder / "sales.sqlite", folder / "snapshot", folder / "journal", settings.data / "work")
