"""One small batch: files into the ledger, what they changed into the graph, local rules about it."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.casebook.store import Casebook
from app.detection.fold import Folded
from app.detection.local import detect_local, held_for, local_rules
from app.detection.run import RuleReport, detect, last_day_of_sales
from app.graph.driver import Graph
from app.graph.open import open_graph
from app.projection import Publisher, project, write_increment
from app.projection.project import reason_to_rebuild
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import LoadReport, load


@dataclass(frozen=True)
class BroughtUp:
    """How graph and local rules came up to the ledger: the way the graph was brought there, the sales that it
    looked at, the subjects that local rules were asked about (None: all), and how their findings changed."""

    ledger_version: int
    way: str
    sales: int
    subjects: int | None
    found: int
    changed: int
    gone: int
    seconds: dict[str, float] = field(default_factory=dict)


class Desk:
    """The stores of a data folder, held open from batch to batch by whoever works through what arrives.

    The graph is connected when it is first needed, and anew after it was away.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger.open(settings.ledger_folder)
        self.casebook = Casebook.open(settings.casebook_address)
        self.keys = Keys.open(settings.key_file)
        self._graph: Graph | None = None
        self._publisher: Publisher | None = None
        self._looked_at: int | None = None  # the change of the casebook that local rules have seen

    def close(self) -> None:
        """Lets go of graph and casebook."""
        self.forget_graph()
        self.casebook.close()

    def forget_graph(self) -> None:
        """Lets go of the graph: the next batch connects anew."""
        if self._graph is not None:
            self._graph.close()
        self._graph = self._publisher = None

    def graph(self) -> tuple[Graph, Publisher]:
        """The graph, and who knows what of the casebook it shows."""
        if self._graph is None or self._publisher is None:
            self._graph = open_graph(self.settings)
            self._publisher = Publisher(self.casebook, self._graph)
        return self._graph, self._publisher

    def take(self, paths: Sequence[Path], at: datetime) -> LoadReport:
        """Loads some files as one load. The caller holds the writer's lock."""
        return load(self.ledger, self.keys, list(paths), at=at, of_files=True, workers=1)

    def bring_up(self) -> BroughtUp | None:
        """Graph and local findings up to the ledger; None where they are. The caller holds the lock."""
        clock = _Clock()
        if self.ledger.version == 0:
            return None
        way, sales, since, touched = self._project(clock)
        graph, publish = self.graph()
        rules, day = local_rules(self.casebook), last_day_of_sales(self.ledger, self.ledger.version)
        held = held_for(self.casebook, rules, day)
        shown = self.casebook.last_shown()[0]
        if way == "none" and held == self.ledger.version and shown == self._looked_at:
            return None
        if touched is not None and held is not None and held >= since:
            told = detect_local(self.ledger, self.casebook, graph, touched, publish=publish, as_of=day)
            clock.add(told.seconds)
            folded: Iterable[Folded | RuleReport] = told.rules.values()
            subjects: int | None = told.subjects
        else:
            whole = detect(self.ledger, self.casebook, graph, publish=publish, as_of=day, rules=list(rules))
            clock.lap("local rules about everybody")
            folded, subjects = whole.rules.values(), None
        self._looked_at = self.casebook.last_shown()[0]
        return BroughtUp(
            self.ledger.version,
            way,
            sales,
            subjects,
            sum(one.new + one.back for one in folded),
            sum(one.changed for one in folded),
            sum(one.gone for one in folded),
            clock.seconds,
        )

    def _project(self, clock: "_Clock") -> tuple[str, int, int, Mapping[str, Any] | None]:
        """The graph up to the ledger: how, sales looked at, from which load on, and keys where it was few."""
        if self._rebuilds():
            self.forget_graph()
            done = project(self.settings)
            clock.lap("rebuild")
            return done.way, done.sales, 0, None
        graph, publish = self.graph()
        increment = write_increment(self.ledger, self.casebook, graph, lambda *_: None, publish)
        clock.lap("graph")
        way = "increment" if increment.touched["Transaction"] else "none"
        touched = {label: keys.to_pylist() for label, keys in increment.touched.items()}
        return way, increment.sales, increment.since, touched

    def _rebuilds(self) -> bool:
        """Whether the graph must, or had better, be built anew."""
        graph, _ = self.graph()
        return graph.meta() is None or reason_to_rebuild(self.ledger, graph) is not None


@dataclass
class _Clock:
    """Seconds of the parts of a batch."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._since, 3)
        self._since = now

    def add(self, parts: Mapping[str, float]) -> None:
        for name, seconds in parts.items():
            self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 3)
        self._since = time.perf_counter()
