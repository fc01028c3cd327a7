"""Real time: a folder that is watched, and the process that works through what is posted to the service."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from app.cli.beside import end_with_the_service
from app.cli.console import configure_logging, plain, say, settings_of
from app.errors import BadInputError
from app.settings import Settings, read_settings

if TYPE_CHECKING:
    from app.live.batch import Desk
    from app.live.dropped import DropFolder
    from app.live.loop import Batch, Loop, Task

log = structlog.get_logger("cluegraph.live")

_IDLE_SECONDS = 0.2
_ASSESSMENTS_SECONDS = 30.0
_FIRST_SECONDS = 60
"""All rules run for the first time so long after the start, where they are behind."""


def register(commands: typer.Typer) -> None:
    """Adds the command of this module."""
    commands.command()(watch)


def watch(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder that others drop files into.")],
    once: Annotated[
        bool, typer.Option("--once", help="Take what is there, until nothing waits any more, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for every batch.")] = False,
) -> None:
    """Load files as they are dropped into a folder, and warn at once; all rules run on a schedule."""
    from app.live.dropped import DropFolder

    settings = settings_of(context)
    if folder.resolve().is_relative_to(settings.data.resolve()):  # key and stores would be moved away
        raise BadInputError(
            f"{folder} belongs to the data folder: name a folder that only holds what is dropped."
        )
    with closing(DropFolder(folder)) as dropped:
        show = _print_json if as_json else _print
        if once:  # whoever calls it on a schedule calls `detect` on another
            settings = settings.model_copy(update={"global_minutes": 0.0})
        loop = make_loop(settings, [dropped], tell=show, told_all=_all_rules_json if as_json else _all_rules)
        with closing(loop.desk):
            if not as_json:
                say(f"Watching {folder}: whole files go into the ledger, then to {folder / 'done'}.")
            while loop.turn() or not once or loop.waits():
                time.sleep(0 if not once and loop.waits() else _IDLE_SECONDS)


def make_loop(
    settings: Settings,
    folders: Sequence["DropFolder"],
    tell: Callable[["Batch"], object],
    told_all: Callable[[float], object],
) -> "Loop":
    """Everything that one process does on a data folder in real time."""
    from app.live.batch import Desk
    from app.live.inbox import Inbox
    from app.live.loop import Loop, Task, all_rules

    desk = Desk(settings)
    tasks = []
    if settings.global_minutes:
        every = settings.global_minutes * 60
        first = time.monotonic() + min(every, _FIRST_SECONDS)
        tasks.append(Task("all rules", every, all_rules(desk, told_all), first))
    return Loop(desk, Inbox.of(settings), folders, tasks, tell)


def _print(batch: "Batch") -> None:
    for receipt, place in batch.receipts:
        told = f"{receipt.name}: {receipt.state}"
        if receipt.load is not None:
            told += f", load {receipt.load}, {sum(receipt.new.values())} new rows"
        if receipt.refused:
            told += f", {len(receipt.refused)} refused"
        say(
            told
            + ("" if place is None else f" → {place}")
            + (f". {receipt.reason}" if receipt.reason else "")
        )
    if (done := batch.brought_up) is not None:
        say(
            f"Graph at load {done.ledger_version} ({done.sales} sales looked at); findings of local rules: "
            f"{done.found} new, {done.changed} changed, {done.gone} gone; {batch.seconds} s."
        )


def _all_rules(seconds: float) -> None:
    say(f"All rules ran, {seconds} s.")


def _print_json(batch: "Batch") -> None:
    up = batch.brought_up
    _line(
        {
            "receipts": [
                {**receipt.as_dict(), "place": place and str(place)} for receipt, place in batch.receipts
            ],
            "brought_up": None if up is None else vars(up),
            "seconds": batch.seconds,
        }
    )


def _all_rules_json(seconds: float) -> None:
    _line({"all_rules_seconds": seconds})


def _line(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=plain) + "\n")
    sys.stdout.flush()


def main() -> None:
    """The process beside the service, whose argument is the data folder: ends when standard input is closed,
    whatever closed it."""
    ending = threading.Event()
    try:
        settings = read_settings(data=Path(sys.argv[1]))
        configure_logging(settings.log_level)
        end_with_the_service(ending)
        _work(settings)
    except BaseException:
        # A query that is interrupted tells it by an error of its own.
        if not ending.is_set():
            raise
        os._exit(0)  # threads may be in the midst of a query, which must not see the interpreter go


def _work(settings: Settings) -> None:
    loop = make_loop(settings, [], tell=lambda _batch: None, told_all=lambda _seconds: None)
    with closing(loop.desk):
        loop.tasks += _handovers(settings, loop.desk)
        _assessments(settings)
        _deliveries(settings)
        while True:
            if not loop.turn():
                time.sleep(_IDLE_SECONDS)


def _handovers(settings: Settings, desk: "Desk") -> "list[Task]":
    """Clues to whom the settings name, as often as they say."""
    from app.clues.handover import run_once
    from app.live.loop import Task

    if settings.export_every is None:
        return []

    def hand_over() -> None:
        for one in run_once(settings, desk.ledger, desk.casebook, datetime.now(UTC)):
            if one.error:
                log.warning("clues could not be handed over", to=one.recipient, error=one.error)

    return [Task("handover of clues", settings.export_every * 60.0, hand_over)]


def _assessments(settings: Settings) -> None:
    """What assessments have at hand follows the ledger; reservations of sales that have arrived fall away."""
    from app.assessment.upkeep import run_once
    from app.live.loop import Task, keep_doing
    from loaders.ledger.ledger import Ledger

    ledger = Ledger.open(settings.ledger_folder)

    def follow() -> None:
        if ledger.version:
            run_once(settings, ledger, datetime.now(UTC))

    keep_doing(Task("assessments", _ASSESSMENTS_SECONDS, follow))


def _deliveries(settings: Settings) -> None:
    """Instructions and webhooks go out beside the batches: a turn may last a minute, a receiver too."""
    from app.casebook.store import Casebook
    from app.clues.outgoing import keep_going

    def now() -> datetime:
        return datetime.now(UTC)

    casebook = Casebook.open(settings.casebook_address)
    threading.Thread(
        target=keep_going, args=(settings, casebook, now, threading.Event()), daemon=True
    ).start()
