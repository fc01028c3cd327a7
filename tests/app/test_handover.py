"""A command beside a running service hands it the job, and answers as if it had done it itself."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from commanding import Job, Run, Service, begun, serving

from loaders.ledger import writer_lock


@pytest.fixture(scope="module")
def service(job: Job) -> Iterator[Service]:
    """The service of the shared world's data folder."""
    with serving(job.data) as running:
        yield running


def writer(data: Path) -> int:
    """The process that last held the writer's lock."""
    return int(json.loads((data / "lock.holder").read_text())["pid"])


def waiting(data: Path, *command: object) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A command whose job waits for this process, which holds the lock, and the job's own process."""
    process = begun("--data", data, *command)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(f"Waiting for process {os.getpid()} ")
    service = psutil.Process(json.loads((data / "service").read_text())["pid"])
    [worker] = [child for child in service.children() if "app.cli.worker" in " ".join(child.cmdline())]
    return process, worker


def test_the_service_does_the_job_and_the_command_reports_it(
    run: Run, job: Job, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.chdir(job.files.parent)
        done = run("run", job.files.name, "--json", data=job.data)
    assert (done.code, done.err) == (0, "")
    assert writer(job.data) not in (os.getpid(), service.process.pid)
    assert done.json["load"]["load_seq"] is None
    assert done.json["load"]["known_files"] > 0
    assert done.json["project"]["way"] == "none"
    assert done.json["findings"]["high"] > 0

    text = run("project", data=job.data).out
    assert "the graph was up to date" in text
    assert writer(job.data) != os.getpid()


@pytest.mark.usefixtures("service")
def test_a_mistake_is_told_as_by_the_command_itself(run: Run, job: Job, tmp_path: Path) -> None:
    key = job.data / "key"
    key.rename(tmp_path / "key")
    try:
        key.write_bytes(b"0" * 32)
        key.chmod(0o600)
        answer = run("load", job.files / "enterprises.csv", data=job.data)
    finally:
        key.unlink()
        (tmp_path / "key").rename(key)

    assert writer(job.data) != os.getpid()
    assert (answer.code, answer.out) == (2, "")
    assert "was keyed with key" in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.usefixtures("service")
def test_with_other_settings_the_command_does_it_itself_and_says_so(
    run: Run, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUEGRAPH_NEO4J_PAGE_CACHE", "129m")
    answer = run("load", job.files / "enterprises.csv", data=job.data)
    assert answer.code == 0
    assert "runs with other settings" in answer.err
    assert writer(job.data) == os.getpid()


def test_nobody_else_may_hand_it_a_job(job: Job, service: Service) -> None:
    assert stat.S_IMODE((job.data / "service").stat().st_mode) == 0o600
    for headers in ({}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic Og=="}):
        answer = httpx.post(f"{service.address}/jobs", json={"command": "detect"}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("service")
def test_a_command_that_is_interrupted_takes_its_job_back(job: Job) -> None:
    with writer_lock(job.data):
        process, worker = waiting(job.data, "load", job.files)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        worker.wait(30)


def test_a_service_that_is_killed_is_told_in_one_sentence(run: Run, job: Job, service: Service) -> None:
    with writer_lock(job.data):
        process, worker = waiting(job.data, "load", job.files)
        service.process.kill()
        assert process.wait(30) == 2
        worker.wait(30)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read() == ""
    told = process.stderr.read()
    assert "ended before this job did" in told
    assert told.count("\n") == 1

    # What it left behind keeps nobody from working.
    assert run("load", job.files / "enterprises.csv", data=job.data).code == 0
    assert writer(job.data) == os.getpid()
