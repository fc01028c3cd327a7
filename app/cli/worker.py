"""Does one job for the service in a process of its own, whose argument is the data folder.

The job comes on standard input. What happens is told on standard output, a line of JSON an event: `step`
(arguments of a progress), `said` (a line that the command would have put on standard error), and last
`report`, or `code` with `sentence`.
"""

import io
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.cli import job
from app.cli.beside import end_with_the_service
from app.cli.console import configure_logging, plain
from app.cli.entry import INTERRUPTED, explain
from app.settings import read_settings

_telling = threading.Lock()


class Said(io.TextIOBase):
    """Standard output and error as events, so that the command's own shows them."""

    _line = ""

    def write(self, text: str) -> int:
        """Tells every line that is complete."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            _tell(said=line)
        return len(text)


def main() -> None:
    """Does the job; ends, with all that it started but Neo4j, when the service closes standard input."""
    sys.stdout = sys.stderr = Said()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a service in the background ignores it
    try:
        task = job.Task(**json.loads(_first_line()))
        end_with_the_service(threading.Event())
        # Whoever waits for the writer's lock is told what the person typed.
        data, sys.argv = sys.argv[1], ["cluegraph", task.command]
        settings = read_settings(data=Path(data))
        configure_logging(settings.log_level)
        _tell(report=job.do(settings, task, lambda *step: _tell(step=step)))
    except KeyboardInterrupt:
        _tell(code=INTERRUPTED, sentence="")
    except Exception as error:
        code, sentence = explain(error)
        _tell(code=code, sentence=sentence)


def _tell(**event: Any) -> None:
    """One event. Where nobody listens any more, standard input says so as well."""
    with _telling, suppress(BrokenPipeError):
        os.write(1, (json.dumps(event, ensure_ascii=False, default=plain) + "\n").encode())


def _first_line() -> bytes:
    """Read unbuffered: the rest of standard input is waited for by a thread, which must not hold a lock."""
    line = b""
    while not line.endswith(b"\n") and (more := os.read(0, 1 << 16)):
        line += more
    return line
