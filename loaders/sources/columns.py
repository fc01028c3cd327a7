"""Which table a flat file is: by its name, or (without one) by its columns; and which of its columns are
ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.contract import KINDS, Kind

_SENDER = ("copCode", "dxpId")
_BY_LENGTH = sorted(KINDS, key=len, reverse=True)
_STEM = re.compile(rf"({'|'.join(_BY_LENGTH)})(?![a-z])")


class WrongColumnsError(Exception):
    """The file cannot be one of its kind; the text says why, `field` which column."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True)
class Columns:
    """Columns of a flat file that the contract knows, and the others."""

    kind: Kind
    known: tuple[str, ...]
    unknown: tuple[str, ...]


def accepted(kind: Kind) -> tuple[str, ...]:
    """Every column that a flat file of this kind may have."""
    return (*(f.name for f in kind.fields), *kind.envelope, *(_SENDER if kind.document else ()))


def required(kind: Kind) -> tuple[str, ...]:
    """Columns that it must have."""
    return tuple(f.name for f in kind.fields if f.required and not f.optional_when_flat)


def kind_of_name(name: str) -> Kind | None:
    """Kind by the stem of a file's name (`orders-2024.csv.gz`, `orders.part1.parquet`), else by its
    folder's."""
    parts = re.split(r"[/!\\]", name.lower())
    for part in reversed(parts[-2:]):
        if found := _STEM.match(part):
            return KINDS[found[1]]
    return None


def match(kind: Kind, header: Sequence[str]) -> Columns:
    """The columns of a header. Raises WrongColumnsError for a missing or a repeated column."""
    known = tuple(name for name in accepted(kind) if name in header)
    if twice := next((name for name in known if list(header).count(name) > 1), None):
        raise WrongColumnsError(f"has the column {twice} twice", twice)
    if missing := [name for name in required(kind) if name not in known]:
        several = "s" if len(missing) > 1 else ""
        raise WrongColumnsError(f"lacks the required column{several} {', '.join(missing)}", missing[0])
    return Columns(kind, known, tuple(name for name in header if name not in known))


def recognise(header: Sequence[str]) -> Kind:
    """The kind whose columns these are. Raises WrongColumnsError where none or several fit."""
    have = set(header)
    fitting = [kind for kind in KINDS.values() if have.issuperset(required(kind))]
    if not fitting:
        raise WrongColumnsError("has columns that fit no table; give it as a file named after one")
    most = max(len(have.intersection(accepted(kind))) for kind in fitting)
    best = [kind for kind in fitting if len(have.intersection(accepted(kind))) == most]
    if len(best) > 1:
        names = " or ".join(kind.name for kind in best)
        raise WrongColumnsError(f"has columns that fit {names}; give it as a file named after one")
    return best[0]
