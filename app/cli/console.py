"""What the commands share: where output goes, how progress shows, how a mistake is told."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from app.errors import BadInputError, NotFoundError
from app.settings import Settings

if TYPE_CHECKING:
    from app.casebook.store import Casebook

SHOW_AFTER_SECONDS = 2.0


def configure_logging(level: str) -> None:
    """Structured lines on standard error from `level` on; libraries speak only when something is wrong."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(threshold, logging.WARNING), format="%(name)s: %(message)s", force=True)
    # The driver's notifications quote queries; a failing query is told by our own error instead.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        # Standard error as it is when something is said, not as it is now: it may be another by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def plain(value: Any) -> Any:
    """A value as JSON can carry it: money as a string, times in ISO 8601, paths as text."""
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def print_json(data: Any) -> None:
    """One JSON value on standard output, nothing else."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=plain) + "\n")


def say(text: str = "") -> None:
    """A line for a person, on standard output."""
    sys.stdout.write(text + "\n")


def terminal() -> Console:
    """Standard output as rich sees it; wide when piped, so that no line of a table is cut."""
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for a person. Cells are text: what stands in documents never becomes markup."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
    terminal().print(table)


def printable(text: str) -> str:
    """Text without control characters (a name in a document must not steer the terminal)."""
    return "".join(character if character.isprintable() else "�" for character in text)


class Steps:
    """Progress of long work on a terminal; silent when standard error is none, or the work is short."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, step: str, done: int | None = None, total: int | None = None) -> None:
        """The step that runs now, and how far it is (documents, rows or bytes done of total)."""
        if self._progress is None:
            return
        if step not in self._tasks:
            for task in self._tasks.values():
                self._progress.stop_task(task)
            self._tasks[step] = self._progress.add_task(step, total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)


@contextmanager
def steps() -> Iterator[Steps]:
    """Shows what is under way once it lasts longer than two seconds, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Steps(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with _Late(*columns, console=console, transient=True) as progress:
        yield Steps(progress)


class _Late(Progress):
    """A progress display that stays empty for its first two seconds."""

    def get_renderables(self) -> Iterator[Any]:
        oldest = min((task.elapsed or 0.0 for task in self.tasks[:1]), default=0.0)
        if oldest >= SHOW_AFTER_SECONDS:
            yield from super().get_renderables()


def need_data(settings: Settings) -> None:
    """Raises NotFoundError unless the data folder holds a ledger: looking must not make one."""
    if not settings.ledger_folder.is_dir():
        raise NotFoundError(
            f"There is no ledger in the data folder {settings.data}: load files first with `cluegraph load`, "
            "or name another folder with --data."
        )


@contextmanager
def opened_casebook(context: typer.Context) -> "Iterator[tuple[Settings, Casebook]]":
    """The settings, and the casebook of a data folder that is there; closed at the end."""
    # Imported here: most commands need no SQL.
    from app.casebook.store import Casebook

    settings = settings_of(context)
    need_data(settings)
    book = Casebook.open(settings.casebook_address)
    try:
        yield settings, book
    finally:
        book.close()


def make_data(settings: Settings) -> None:
    """Makes the data folder, readable by its owner alone; BadInputError when it cannot be written."""
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = settings.data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise BadInputError(
            f"The data folder {settings.data} cannot be written ({error.strerror}): "
            "name another with --data or CLUEGRAPH_DATA."
        ) from error


def settings_of(context: typer.Context) -> Settings:
    """The settings that the entry point read."""
    settings = context.obj
    assert isinstance(settings, Settings)
    return settings
