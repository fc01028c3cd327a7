"""Trying rules where nothing is at stake: a scratch data folder with a graph and a casebook of its own.

A changed parameter may reach a rule through its statement, a step before it, or both, so a rule is tried by a
whole detection of what it needs, never by asking its statement of a graph that was worked out for another
version. The ledger, the casebook and the graph that are in use are read at most.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from app.casebook.derived import Derived
from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.detection.catalogue import STEPS
from app.detection.rule import Rule, read_rule
from app.detection.rulebook import load_rules, matured, together
from app.detection.run import RuleReport, detect
from app.errors import BadInputError, BusyError, NotFoundError
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import Publisher, project_embedded
from app.settings import Settings
from loaders.ledger.ledger import Ledger

Tell = Callable[..., None]
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Tried:
    """What one rule found in a trial, the gravest first.

    `extent` has all documents of each finding's evidence, by its id, `derived` what steps gave the graph.
    """

    rule: Rule
    as_of: date
    report: RuleReport
    findings: list[FindingRecord]
    extent: dict[str, list[str]]
    derived: Derived


@dataclass
class Trial:
    """A graph of one ledger and a casebook beside it; `seconds` of each part and `megabytes` on disk tell
    what it cost."""

    settings: Settings
    ledger: Ledger
    casebook: Casebook
    graph: Graph
    seconds: dict[str, float] = field(default_factory=dict)
    megabytes: int = 0

    def ask(self, rules: Mapping[str, Rule], identity: str, tell: Tell) -> Tried:
        """Run what one of the rules needs and ask it, beside the others; raises as `detect` does."""
        begun = time.perf_counter()
        publish = Publisher(self.casebook, self.graph)
        report = detect(
            self.ledger,
            self.casebook,
            self.graph,
            publish=publish,
            rules=[identity],
            given=rules,
            progress=lambda name, _share: tell(name),
        )
        told = report.rules[identity]
        found = self.casebook.findings(rule=identity, maturity=told.maturity)
        extent = {one.id: documents_of(self.graph, one) for one in found}
        self._spent("asking", begun)
        self.megabytes = max(self.megabytes, _size(self.settings.data))
        return Tried(rules[identity], report.as_of, told, found, extent, self.casebook.derived()[0])

    def _spent(self, part: str, begun: float) -> None:
        self.seconds[part] = round(self.seconds.get(part, 0.0) + time.perf_counter() - begun, 1)


def documents_of(graph: Graph, finding: FindingRecord) -> list[str]:
    """Ids of all documents of an evidence, sorted: the finding names a bounded number of them."""
    rows: list[dict[str, Any]] = graph.read(finding.evidence["query"])
    return sorted({str(next(iter(row.values()))) for row in rows})


@contextmanager
def scratch(settings: Settings) -> Iterator[Settings]:
    """Settings of an empty data folder inside that of `settings`, with an embedded Neo4j of its own.

    One trial at a time; its folder is taken away afterwards, also where it fails, and what a killed one left
    by the next. Raises BusyError while another is under way.
    """
    made = not settings.data.exists()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.data / "trial.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"Another trial of a rule is under way in {settings.data}: wait for it to end, and try again."
        ) from None
    own = settings.model_copy(
        update={
            "data": settings.data.absolute() / "trial",
            "casebook_url": None,
            "neo4j_uri": None,
            "neo4j_bolt_port": 0,
            "neo4j_http_port": 0,
        }
    )
    try:
        _clear(own)
        own.data.mkdir(mode=0o700)
        yield own
    finally:
        _clear(own)
        lock.release()
        if made:
            Path(lock.lock_file).unlink(missing_ok=True)
            with suppress(OSError):  # somebody else has put something there
                settings.data.rmdir()


def _clear(own: Settings) -> None:
    EmbeddedServer.of(own).stop(force=True)
    shutil.rmtree(own.data, ignore_errors=True)


@contextmanager
def trial(own: Settings, ledger: Ledger, prepare: Callable[[Casebook], None], tell: Tell) -> Iterator[Trial]:
    """Build the graph of a ledger in a scratch folder (`scratch`), beside a casebook that `prepare`
    filled."""
    with ExitStack() as opened:
        begun = time.perf_counter()
        casebook = Casebook.open(own.casebook_address)
        opened.callback(casebook.close)
        prepare(casebook)
        server = EmbeddedServer.of(own)
        project_embedded(ledger, casebook, server, rebuild=False, tell=tell)
        found = server.start()
        graph = opened.enter_context(Graph.connect(found.uri, found.user, found.password))
        made = Trial(own, ledger, casebook, graph)
        made._spent("building the graph", begun)
        yield made


def rules_with(named: str, moved: Mapping[str, str]) -> tuple[str, dict[str, Rule], dict[str, Rule]]:
    """The rule that is meant, the rules with it in its place, and the rules as they run now.

    `named` is the id of a rule, or a file (its name ends in .cypher) that stands in for the rule of its id,
    or beside the others. Raises NotFoundError for neither, BadInputError with file and line for a refused
    rule.
    """
    shipped = load_rules(STEPS, moved=moved)
    if not named.endswith(".cypher"):
        if named not in shipped:
            raise NotFoundError(
                f"There is no rule {named!r}: name a file that ends in .cypher, or one of "
                f"{', '.join(sorted(shipped))}."
            )
        return named, shipped, shipped
    path = Path(named)
    try:
        rule = read_rule(path)
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except (UnicodeDecodeError, OSError):
        raise BadInputError(f"{path.name}:1: the file cannot be read as UTF-8 text.") from None
    former = shipped.get(rule.id)
    if former is not None:
        # It is tried as what it would be: where the rule is live, others may need it.
        rule = matured({rule.id: rule}, {rule.id: former.front.maturity})[rule.id]
    return rule.id, together({**shipped, rule.id: rule}, STEPS), shipped


def _size(folder: Path) -> int:
    """MiB of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // _MEBIBYTE
