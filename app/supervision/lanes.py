"""The lanes of clearance: what happens with a declaration before its goods are released."""

from typing import Final

LANES: Final = (
    "release",
    "machine review",
    "manual review",
    "machine inspection",
    "physical inspection",
    "hold",
)
"""From the lightest to the gravest: of several that something asks for, the gravest is taken."""


def gravest(lanes: list[str]) -> str:
    """The gravest of these lanes; release where there is none. ValueError for a name that is no lane."""
    return max(lanes, key=LANES.index, default="release")
