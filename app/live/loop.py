"""Works through what arrives: small batches, the schedule of global rules, and whatever else is due."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.clues.faults import STORE_ERRORS
from app.detection.local import rules_that_run
from app.detection.run import WATERMARK, detect
from app.errors import CluegraphError
from app.live.batch import BroughtUp, Desk
from app.live.dropped import DropFolder
from app.live.inbox import Inbox, Waiting
from app.live.receipts import Receipt, receipts
from loaders.ledger.load import LoadReport
from loaders.ledger.lock import writer_lock

FILES_OF_BATCH = 500
BYTES_OF_BATCH = 64 << 20
_WAIT_FOR_EVER = -1.0
_AGAIN_SECONDS = 10.0
"""After a store could not be used: how long until it is tried again."""

_AWAY: tuple[type[Exception], ...] = (*STORE_ERRORS, CluegraphError)

log = structlog.get_logger("cluegraph.live")


@dataclass(frozen=True)
class Batch:
    """What one turn did: receipts with the places of their files, the load, and what it brought up."""

    receipts: Sequence[tuple[Receipt, Path | None]]
    load: LoadReport | None
    brought_up: BroughtUp | None
    seconds: float

    @property
    def told(self) -> bool:
        """Whether there is anything to tell of it."""
        up = self.brought_up
        return bool(self.receipts or (up is not None and (up.sales or up.found or up.changed or up.gone)))


@dataclass
class Task:
    """Something that is due every so many seconds; it may be killed and repeated."""

    name: str
    every: float
    run: Callable[[], object]
    due: float = 0.0


@dataclass
class Loop:
    """One process's work on a data folder: take turns until told to stop.

    `tell` hears of every batch that did something, and of every run of all rules (seconds).
    """

    desk: Desk
    inbox: Inbox
    folders: Sequence[DropFolder] = ()
    tasks: list[Task] = field(default_factory=list)
    tell: Callable[[Batch], object] = lambda _batch: None
    _not_before: float = 0.0
    _seen: tuple[int, int] | None = None

    def turn(self) -> bool:
        """Take what has arrived and do what is due; whether there was anything to take."""
        started = time.monotonic()
        posted, dropped = self._arrived(started)
        batch: Batch | None = None
        if posted or dropped or (started >= self._not_before and self._behind()):
            batch = self._batch(posted, dropped, started)
            if batch.told:
                self.tell(batch)
        for task in self.tasks:
            if time.monotonic() >= task.due:
                do(task)
        return batch is not None

    def waits(self) -> bool:
        """Whether anything waits that has not been taken."""
        return any(folder.waits() for folder in self.folders) or next(self.inbox.waiting(), None) is not None

    def _arrived(self, now: float) -> tuple[list[Waiting], list[tuple[DropFolder, Path]]]:
        posted: list[Waiting] = []
        dropped: list[tuple[DropFolder, Path]] = []
        size = 0
        for one in self.inbox.waiting():
            size += one.path.stat().st_size
            posted.append(one)
            if len(posted) >= FILES_OF_BATCH or size >= BYTES_OF_BATCH:
                return posted, dropped
        for folder in self.folders:
            for path in folder.ready(now):
                size += path.stat().st_size
                dropped.append((folder, path))
                if len(posted) + len(dropped) >= FILES_OF_BATCH or size >= BYTES_OF_BATCH:
                    return posted, dropped
        return posted, dropped

    def _behind(self) -> bool:
        """Whether ledger or casebook moved since the last turn: another process loaded, or an identity was
        locked."""
        return self._state() != self._seen

    def _batch(self, posted: list[Waiting], dropped: list[tuple[DropFolder, Path]], started: float) -> Batch:
        paths = [one.path for one in posted] + [path for _, path in dropped]
        told: list[tuple[Receipt, Path | None]] = []
        load = None
        with writer_lock(self.desk.settings.data, wait=_WAIT_FOR_EVER, on_wait=log.info):
            if paths:
                at = datetime.now(UTC)
                load = self.desk.take(paths, at)
                made = receipts(self.desk.ledger, load, paths, at)
                for waiting, receipt in zip(posted, made, strict=False):
                    self.inbox.done(waiting, receipt)
                    told.append((receipt, None))
                for (folder, path), receipt in zip(dropped, made[len(posted) :], strict=True):
                    told.append((receipt, folder.put_away(path, receipt)))
            brought_up = self._bring_up()
        return Batch(told, load, brought_up, round(time.monotonic() - started, 3))

    def _bring_up(self) -> BroughtUp | None:
        """Graph and findings; where a store is away the documents are safe, and it is tried again later."""
        try:
            done = self.desk.bring_up()
        except _AWAY as error:
            self.desk.forget_graph()
            self._not_before = time.monotonic() + _AGAIN_SECONDS
            log.warning("the graph cannot follow now", error=type(error).__name__, again_in=_AGAIN_SECONDS)
            return None
        self._seen = self._state()
        return done

    def _state(self) -> tuple[int, int]:
        return self.desk.ledger.version, self.desk.casebook.last_shown()[0]


def do(task: Task) -> None:
    """Do it, and note when it is due again; where a store is away it is told, and tried again then."""
    try:
        task.run()
    except _AWAY as error:
        told = str(error) if isinstance(error, CluegraphError) else type(error).__name__
        log.warning("a scheduled task failed", task=task.name, error=told)
    task.due = time.monotonic() + task.every


def keep_doing(task: Task) -> None:
    """Do it in a thread of its own, for as long as the process lives: what arrives does not wait for it."""

    def work() -> None:
        while True:
            do(task)
            time.sleep(task.every)

    threading.Thread(target=work, name=task.name, daemon=True).start()


def all_rules(desk: Desk, tell: Callable[[float], object]) -> Callable[[], object]:
    """A task: all rules, where ledger or rules moved since they last ran; `tell` hears how long it took."""

    def run() -> None:
        if desk.ledger.version == 0 or not all_rules_due(desk):
            return
        started = time.monotonic()
        with writer_lock(desk.settings.data, wait=_WAIT_FOR_EVER, on_wait=log.info):
            desk.bring_up()
            graph, publish = desk.graph()
            detect(desk.ledger, desk.casebook, graph, publish=publish)
        tell(round(time.monotonic() - started, 3))

    return run


def all_rules_due(desk: Desk) -> bool:
    """Whether the last run of all rules was about another ledger version, or of other rules."""
    held = desk.casebook.watermark(WATERMARK)
    ran = {(run["rule"], run["rule_version"], run["maturity"]) for run in desk.casebook.runs()}
    return held is None or held[0] != desk.ledger.version or ran != rules_that_run(desk.casebook)
