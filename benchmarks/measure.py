"""Runs a command and says how long it took and how much memory our processes and Neo4j's held at most."""

import json
import os
import platform
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SAMPLE_SECONDS = 0.05
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """Wall seconds of a command, what it printed, and peaks in MiB (resident, summed over processes)."""

    seconds: float
    answer: Any
    ours: float
    neo4j: float


def cluegraph(data: Path, *arguments: object) -> Measured:
    """Runs `cluegraph --data DATA arguments` and measures it; a failure ends the benchmark."""
    return command([sys.executable, "-m", "app.cli", "--data", str(data), *map(str, arguments)], data)


def command(line: list[str], data: Path) -> Measured:
    """Runs a command whose standard output is JSON or empty. Java processes under `data` count as Neo4j."""
    peaks = {"ours": 0.0, "neo4j": 0.0}
    begun = time.perf_counter()
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, str(data.absolute()), peaks, ended))
    sampler.start()
    out, _ = process.communicate()
    seconds = time.perf_counter() - begun
    ended.set()
    sampler.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(line[2:])} ended with {process.returncode}")
    return Measured(seconds, json.loads(out) if out.strip() else None, peaks["ours"], peaks["neo4j"])


def _sample(pid: int, data: str, peaks: dict[str, float], ended: threading.Event) -> None:
    servers: dict[int, psutil.Process] = {}
    looked = 0.0
    while not ended.wait(SAMPLE_SECONDS):
        now = time.perf_counter()
        if now - looked > 1:  # reading every command line of the machine is what would disturb
            servers, looked = _servers(data), now
        peaks["neo4j"] = max(peaks["neo4j"], sum(map(_resident, servers.values())))
        peaks["ours"] = max(
            peaks["ours"], sum(_resident(one) for one in _tree(pid) if one.pid not in servers)
        )


def _servers(data: str) -> dict[int, psutil.Process]:
    found = {}
    for process in psutil.process_iter(["name", "cmdline"]):
        line = process.info["cmdline"] or []
        if process.info["name"] == "java" and any(data in part for part in line):
            found[process.pid] = process
    return found


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / MEBIBYTE
    except psutil.NoSuchProcess:
        return 0.0


def machine() -> str:
    """One line: processor, cores that we may use, memory, system, Python."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in (
                Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ()
            )
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{cpu}, {cores} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"
