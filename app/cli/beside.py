"""A process that works beside the service for as long as that runs, and is started again where it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

import app

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from {module} import main; main()"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_GRACE_SECONDS = 15.0
_LAST_SECONDS = 10
"""After it was told to end: how long such a process has before it is killed, with all that it started."""

log = structlog.get_logger("cluegraph.service")


def command_of(module: str, data: Path) -> list[str]:
    """Command line of a process of ours over a data folder: `main` of a module.

    Not by -m: that would take a folder `app` of wherever the service was started for ours.
    """
    home = str(Path(app.__file__).parents[1])
    return [sys.executable, "-P", "-c", _PROGRAM.format(module=module), home, str(data)]


@contextmanager
def beside(command: list[str]) -> Iterator[None]:
    """While it holds, the process runs; its standard input is closed to end it, also where we are killed."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(command, stop))
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def end_with_the_service(ending: threading.Event) -> None:
    """In such a process: interrupt it, with all that it started but Neo4j, when its standard input is closed,
    whatever closed it. `ending` is set before. For the main thread, which alone may handle signals."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a service in the background ignores it
    threading.Thread(target=_wait_for_the_end, args=(ending,), daemon=True).start()


def _wait_for_the_end(ending: threading.Event) -> None:
    while os.read(0, 1 << 16):
        pass
    ending.set()
    os.killpg(0, signal.SIGINT)
    time.sleep(_LAST_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _keep(command: list[str], stop: threading.Event) -> None:
    pause = _FIRST_PAUSE
    while not stop.is_set():
        process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - ours
        while not stop.wait(0.2) and process.poll() is None:
            pass
        if stop.is_set():
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return
        log.warning("the process for what arrives has ended", code=process.returncode, again_in=pause)
        stop.wait(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
