"""A process that works beside the service for as long as that runs, and is started again where it ends."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

import app

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from {module} import main; main()"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_GRACE_SECONDS = 15.0

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
