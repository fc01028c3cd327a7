"""What detection works out before the rules ask: computations, each leaving rows for the graph."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import pyarrow as pa

from app.casebook.protections import PERIODS
from app.casebook.registry import Registered
from app.detection.rulebook import StepNeeds
from app.detection.tally import Tallies

NodeRows = dict[tuple[str, str], dict[str, Any]]
RelationshipRows = dict[tuple[str, str, str, str, str], dict[str, Any]]


@dataclass
class Rows:
    """What a step gives the graph: properties by (label, key), relationships by (type, both ends)."""

    nodes: NodeRows = field(default_factory=dict)
    relationships: RelationshipRows = field(default_factory=dict)

    def put(self, key: str, properties: Mapping[str, Any], *, label: str = "Enterprise") -> None:
        """Add properties to a node; absent values and empty lists are no property."""
        self.nodes.setdefault((label, key), {}).update(_said(properties))

    def join(
        self, kind: str, start: tuple[str, str], end: tuple[str, str], properties: Mapping[str, Any]
    ) -> None:
        """Add a relationship between two nodes, each (label, key)."""
        self.relationships.setdefault((kind, *start, *end), {}).update(_said(properties))


def _said(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in properties.items()
        if value is not None and value != []
    }


@dataclass
class Context:
    """What a step may look at.

    `parameters` are those of every rule of the run, by rule id, `asking` the rules that need the step;
    `register` gives communities of a kind, each the keys of its members, their ids; `protections` gives the
    days on which identities are protected (columns of PERIODS).
    """

    tallies: Tallies
    since: date | None
    until: date
    parameters: dict[str, dict[str, Any]]
    asking: list[str]
    flags: "Flags"
    register: Callable[[str, list[tuple[str, ...]]], list[Registered]]
    protections: Callable[[], pa.Table] = PERIODS.empty_table


@dataclass
class Flags:
    """Base flags of this run: whom base rules could judge, and whom they flag, by kind of risk."""

    judged: dict[str, set[str]] = field(default_factory=dict)
    flagged: dict[str, set[str]] = field(default_factory=dict)

    def judge(self, kind: str, platforms: Iterable[str]) -> None:
        """These platforms could be judged for this kind."""
        self.judged.setdefault(kind, set()).update(platforms)

    def flag(self, kind: str, platforms: Iterable[str]) -> None:
        """These platforms are flagged; whoever is flagged was judged."""
        self.flagged.setdefault(kind, set()).update(platforms)
        self.judge(kind, self.flagged[kind])

    def of(self, platform: str) -> list[str]:
        """Kinds of flags that a platform has."""
        return sorted(kind for kind, platforms in self.flagged.items() if platform in platforms)


@dataclass(frozen=True)
class Scope:
    """Keys of the nodes that a run is about, by the label that carries the key (Enterprise of platforms)."""

    keys: Mapping[str, frozenset[str]]

    def of(self, label: str) -> frozenset[str]:
        """Keys of one label."""
        return self.keys.get(label, frozenset())

    def table(self, label: str) -> pa.Table:
        """Keys of one label as tallies take them."""
        return pa.table({"key": pa.array(sorted(self.of(label)), pa.string())})


@dataclass(frozen=True)
class Step(StepNeeds):
    """One computation by name; what it needs, what it takes, and what it does.

    `whole` names labels whose nodes get everything even where the step is run for some keys: counts of all.
    """

    name: str = ""
    run: Callable[[Context], Rows] = lambda _context: Rows()
    whole: frozenset[str] = frozenset()


def names_of_fields(kind: type) -> frozenset[str]:
    """Names of a dataclass's fields: the parameters that a step takes from the rules that need it."""
    return frozenset(field.name for field in fields(kind))
