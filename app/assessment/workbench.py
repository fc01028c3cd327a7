"""Where batches are worked out: in this process, or in one of its own, which nobody else keeps busy."""

import gc
import multiprocessing
import signal
from collections.abc import Sequence
from datetime import date
from multiprocessing.connection import Connection
from typing import Any, Protocol

import structlog

from app.assessment.declaration import Declaration
from app.assessment.index import SaleIndex
from app.assessment.looking_up import Looked, look_up
from app.assessment.places import Places
from app.assessment.working import Working
from app.errors import UnavailableError

_LAST_SECONDS = 5
"""How long such a process has to end by itself."""

log = structlog.get_logger("cluegraph.assessment")


class Workbench(Protocol):
    """One batch at a time."""

    def look_up(self, day: date, declarations: Sequence[Declaration]) -> Looked:
        """What the ledger says of declarations that are assessed on a day."""

    def close(self) -> None:
        """Let go of everything."""


class Here:
    """In this process."""

    def __init__(self, places: Places) -> None:
        self._scratch = places.scratch
        self._index = SaleIndex(places.index)
        self._of_day: tuple[date, Working] | None = None

    def look_up(self, day: date, declarations: Sequence[Declaration]) -> Looked:
        """See Workbench."""
        if self._of_day is None or self._of_day[0] != day:
            self._let_go()
            self._of_day = (day, Working(self._scratch, day))
        with self._index.state() as there:
            return look_up(declarations, self._of_day[1], self._index, there=there)

    def close(self) -> None:
        """See Workbench."""
        self._let_go()
        self._index.close()

    def _let_go(self) -> None:
        if self._of_day is not None:
            self._of_day[1].close()


class Apart:
    """In a process of its own, started again where it ends; it ends with this one, whatever ends that."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._start()

    def look_up(self, day: date, declarations: Sequence[Declaration]) -> Looked:
        """See Workbench. UnavailableError where it cannot be worked out, by the name of what went wrong."""
        try:
            told = self._ask(day, declarations)
        except (EOFError, OSError):
            log.warning("the process that works assessments out has ended", code=self._process.exitcode)
            self.close()
            self._start()
            try:
                told = self._ask(day, declarations)
            except (EOFError, OSError) as error:
                raise UnavailableError("The process that works assessments out ends each time.") from error
        if isinstance(told, Looked):
            return told
        raise UnavailableError(f"The declaration cannot be worked out ({told}).")

    def close(self) -> None:
        """See Workbench."""
        self._pipe.close()
        self._process.join(_LAST_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, self._places), name="assessments-work", daemon=True
        )
        self._process.start()
        theirs.close()  # so that its end is seen here

    def _ask(self, day: date, declarations: Sequence[Declaration]) -> Any:
        self._pipe.send((day, declarations))
        return self._pipe.recv()


def _work(pipe: Connection, places: Places) -> None:
    """Work out what comes through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the service tells it to end
    bench = Here(places)
    gc.freeze()
    while True:
        try:
            day, declarations = pipe.recv()
        except EOFError:
            bench.close()
            return
        try:
            told: Looked | str = bench.look_up(day, declarations)
        except Exception as error:  # its text may repeat a value
            told = type(error).__name__
        pipe.send(told)
