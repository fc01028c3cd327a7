"""The steps of the main job over one data folder, each holding the writer's lock, each told in numbers."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.casebook.findings import FindingRecord
from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.graph.open import open_graph
from app.graph.server import EmbeddedServer
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.contract.kinds import KINDS
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import load
from loaders.ledger.lock import writer_lock

Progress = Callable[..., None]
WAIT_FOR_EVER = -1.0


@dataclass(frozen=True)
class Task:
    """What a command asks for: load, project, detect or run.

    `paths` to load, whether to `rebuild`, the `rules` to ask where not all, the day `as_of` (ISO) to look
    back from where not that of the last sale.
    """

    command: str
    paths: tuple[str, ...] = ()
    rebuild: bool = False
    rules: tuple[str, ...] = ()
    as_of: str | None = None


@contextmanager
def writing(settings: Settings) -> Iterator[None]:
    """The writer's lock of the data folder; says for whom it waits, on standard error."""
    told = set[str]()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            print(text, file=sys.stderr)

    with writer_lock(settings.data, wait=WAIT_FOR_EVER, on_wait=tell):
        yield


def make_world(out: Path, orders: int, seed: int, format: str, kind: str) -> dict[str, Any]:
    """Writes a synthetic world into a folder that is new or empty; returns what was asked and planted."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInputError(f"{out} is there already and not an empty folder: name a new one for the world.")
    import world as worlds  # here, like detection: it takes longer than most commands

    started = time.perf_counter()
    truth = worlds.make(out, orders=orders, seed=seed, format=format, kind=kind)  # type: ignore[arg-type]
    planted = {
        "planted": len(truth.planted),
        "rings": len(truth.rings),
        "look_alikes": len(truth.look_alikes),
    }
    asked = {"out": str(out), "orders": orders, "seed": seed, "format": format, "kind": kind}
    return {**asked, **planted, "seconds": _since(started)}


def do(settings: Settings, task: Task, progress: Progress) -> dict[str, Any]:
    """Does a task here and now; returns its report."""
    paths = [Path(path) for path in task.paths]
    as_of = None if task.as_of is None else date.fromisoformat(task.as_of)
    match task.command:
        case "load":
            return load_paths(settings, paths, progress)
        case "project":
            return project_graph(settings, task.rebuild, progress)
        case "detect":
            return detect_all(settings, progress, task.rules or None, as_of)
        case "run":
            return main_job(settings, paths, progress, as_of)
    raise BadInputError(f"There is no task {task.command!r}.")


def load_paths(settings: Settings, paths: Sequence[Path], progress: Progress) -> dict[str, Any]:
    """Loads files into the ledger; returns the load's report."""
    with writing(settings):
        keys = Keys.open(settings.key_file)
        ledger = Ledger.open(settings.ledger_folder)
        report = load(ledger, keys, list(paths), progress=progress, at=datetime.now(UTC))
    return {
        **asdict(report),
        "documents": sum(count.new for name, count in report.kinds.items() if not _is_lines(name)),
        "rows": report.documents,
        "ledger_version": ledger.version,
    }


def project_graph(settings: Settings, rebuild: bool, progress: Progress) -> dict[str, Any]:
    """Brings the graph up to ledger and casebook, or builds it anew; returns the projection's report."""
    # Imported here, like detection: the statistics take longer to import than most commands take to run.
    from app import projection

    started = time.perf_counter()
    with writing(settings):
        report = projection.project(settings, rebuild=rebuild, progress=progress)
    return {**asdict(report), "seconds": _since(started)}


def detect_all(
    settings: Settings,
    progress: Progress,
    rules: Sequence[str] | None = None,
    as_of: date | None = None,
) -> dict[str, Any]:
    """Runs tallies, communities and rules (all, or these); returns the detection's report.

    They look back from the day of the last sale, or from `as_of`; BadInputError where that is an earlier one.
    """
    from app.detection.run import detect, last_day_of_sales
    from app.projection import Publisher

    started = time.perf_counter()
    casebook = Casebook.open(settings.casebook_address)
    with writing(settings), open_graph(settings) as graph:
        ledger = Ledger.open(settings.ledger_folder)
        last = last_day_of_sales(ledger, ledger.version)
        if as_of is not None and as_of < last:
            raise BadInputError(
                f"The ledger has sales until {last}: findings as of {as_of} would leave some of them out."
            )
        publish = Publisher(casebook, graph)
        report = detect(
            ledger,
            casebook,
            graph,
            publish=publish,
            as_of=as_of,
            rules=rules,
            progress=lambda name, _share: progress(name),
        )
    answer = asdict(report)
    return {**answer, "parts": answer["seconds"], "seconds": _since(started)}


def main_job(
    settings: Settings, paths: Sequence[Path], progress: Progress, as_of: date | None = None
) -> dict[str, Any]:
    """Load, project, detect; returns the three reports, the findings by severity, and the seconds in all."""
    started = time.perf_counter()
    with writing(settings):
        answer: dict[str, Any] = {
            "load": load_paths(settings, paths, progress),
            "project": project_graph(settings, False, progress),
            "detect": detect_all(settings, progress, as_of=as_of),
        }
    return {**answer, "findings": severities(found(settings)), "seconds": _since(started)}


def found(settings: Settings) -> list[FindingRecord]:
    """What the casebook of a data folder says is there now, the gravest first."""
    return Casebook.open(settings.casebook_address).findings()


def where_to_look(settings: Settings) -> list[str]:
    """Lines that say where Neo4j Browser is and how to log in; the password stays in its file."""
    if settings.neo4j_uri is not None:
        return [f"Graph:         {settings.neo4j_uri} (a Neo4j of your own)"]
    server = EmbeddedServer.of(settings)
    running = server.status()
    return [
        f"Neo4j Browser: {running.http}/browser/ for {running.uri}",
        f"               user neo4j, password in {server.password_file}",
    ]


def severities(findings: Sequence[FindingRecord]) -> dict[str, int]:
    """How many findings there are of each severity, the gravest first."""
    return {name: sum(one.severity == name for one in findings) for name in reversed(SEVERITIES)}


def _is_lines(kind: str) -> bool:
    """Whether rows of a table are lines of documents (the goods of an order), or documents themselves."""
    return kind in KINDS and KINDS[kind].items_of is not None


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
