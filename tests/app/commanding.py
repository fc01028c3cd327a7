"""Running commands in tests, in this process and in one of their own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import app
import world
from app.cli.entry import main
from app.settings import Settings

HOME = Path(app.__file__).parents[1]
"""Where the package under test is: installed, or the source tree."""


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Job:
    """A data folder after the main job, the files that went in, and what the world knows of itself."""

    data: Path
    files: Path
    truth: world.Truth
    settings: Settings


class Run:
    """Runs a command in this process, as the installed script would."""

    def __init__(self, capsys: pytest.CaptureFixture[str], data: Path) -> None:
        self._capsys, self.data = capsys, data

    def __call__(self, *arguments: object, data: Path | None = None) -> Answer:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(data or self.data), *map(str, arguments)])
        out, err = self._capsys.readouterr()
        return Answer(int(ended.value.code or 0), out, err)


@dataclass(frozen=True)
class Service:
    """`cluegraph serve` in a process of its own, and the address it said."""

    process: subprocess.Popen[str]
    address: str


@contextmanager
def serving(data: Path) -> Iterator[Service]:
    """The service of a data folder as the command starts it, on a free port."""
    process = begun("--data", data, "serve", "--port", 0)
    killer = threading.Timer(120, process.kill)
    killer.start()
    assert process.stdout is not None
    said = process.stdout.readline()
    killer.cancel()
    address = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert address, said
    try:
        yield Service(process, address.group())
    finally:
        process.terminate()
        ended = process.wait(30)
    assert ended in (0, -9, -15, 143)


def begun(*arguments: object) -> subprocess.Popen[str]:
    """The command, begun in a process of its own; what it says is read by the caller."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "app.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        # Ctrl-C reaches it also where the tests run in the background, which ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def cluegraph(*arguments: object, given: str = "", debug: bool = False) -> Answer:
    """Runs the command in a process of its own, with `given` on standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HOME), "CLUEGRAPH_DEBUG": "1" if debug else ""},
    )
    return Answer(done.returncode, done.stdout, done.stderr)
