"""A load killed at any moment and run again ends as if nothing had happened."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from ledger_desk import shown

import world
from loaders.contract import Keys
from loaders.ledger import Ledger, load

LOAD = """
import sys
from pathlib import Path
from loaders.contract import Keys
from loaders.ledger import Ledger, load
data = Path(sys.argv[1])
print("ready", flush=True)
load(Ledger.open(data / "ledger"), Keys.open(data / "key"), sys.argv[2:], max_rows=1000)
"""


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small world in two folders: documents that came first, and what joins or changes them."""
    made = tmp_path_factory.mktemp("world")
    world.make(made, orders=1000, seed=5, format="csv")
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for file in sorted(made.glob("*.csv")):
        late = file.stem in ("receipts", "waybills", "payments", "payment_aliases", "raw_payment_orders")
        file.rename((second if late else first) / file.name)
    return [first, second]


def _data(folder: Path, key: Path) -> Path:
    folder.mkdir()
    (folder / "key").write_bytes(key.read_bytes())
    return folder


def _load(data: Path, half: Path) -> None:
    load(Ledger.open(data / "ledger"), Keys.open(data / "key"), [half], max_rows=1000)


def _state(data: Path) -> dict[str, object]:
    ledger = Ledger.open(data / "ledger")
    with ledger.connect() as con:
        counts = {
            name: con.execute(f"SELECT count(*), max(load_seq) FROM {name}").fetchall()
            for name in ("orders", "payments", "receipts", "files", "loads")
        }
        return {**shown(con), **counts, "version": ledger.version}


@pytest.mark.timeout(600)
def test_killed_at_any_moment_and_run_again(halves: list[Path], tmp_path: Path) -> None:
    Keys.open(tmp_path / "key")
    calm = _data(tmp_path / "calm", tmp_path / "key")
    started = time.monotonic()
    for half in halves:
        _load(calm, half)
    lasted = (time.monotonic() - started) / 2
    expected = _state(calm)

    data = _data(tmp_path / "killed", tmp_path / "key")
    killed = 0
    for half in halves:
        for fraction in (0.1, 0.4, 0.7, 0.9):
            killed += _kill(data, half, lasted * fraction)
        killed += _kill(data, half, 60, at=data / "ledger" / "loads" / "_delta_log")
        _load(data, half)
    assert killed >= 2
    assert _state(data) == expected


def _kill(data: Path, half: Path, after: float, at: Path | None = None) -> int:
    """Kill a load so many seconds after it began, or as soon as something new is in the folder `at`."""
    before = len(list(at.iterdir())) if at else 0
    with subprocess.Popen(
        [sys.executable, "-c", LOAD, str(data), str(half)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        until = time.monotonic() + after
        while child.poll() is None and time.monotonic() < until:
            if at and len(list(at.iterdir())) > before:
                break
            time.sleep(0.005)
        cut_off = child.poll() is None
        child.kill()
    return int(cut_off)
