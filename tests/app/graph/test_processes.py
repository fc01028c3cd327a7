"""A process is known by more than its pid."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

from app.graph.processes import (
    State,
    User,
    add_user,
    created,
    end,
    is_alive,
    read_users,
    this_process,
    with_argument,
)


def test_the_process_of_a_state_is_known_by_pid_and_creation_time_or_argument() -> None:
    sleeper = "import time; print(1, flush=True); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", sleeper, "@here"], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        assert child.stdout.readline() == b"1\n"
        state = State(child.pid, created(child.pid), bolt=1, http=2, database="cluegrapha")
        other_time = State(child.pid, state.started - 60, bolt=1, http=2, database="cluegrapha")
        # In its first moment a process has no arguments yet: the time is enough.
        assert is_alive(state, "@not-there-yet")
        # The machine's clock has been set since: the argument is enough.
        assert is_alive(other_time, "@here")
        # Another process that was given the pid later.
        assert not is_alive(other_time, "@elsewhere")
        assert [process.pid for process in with_argument("@here")] == [child.pid]
    finally:
        child.kill()
    # Killed and not yet waited for, it is a zombie: not alive.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(state, "@here")
    assert with_argument("@here") == []
    child.wait()
    child.stdout.close()
    assert not is_alive(state, "@here")
    assert created(child.pid) == 0.0


def test_users_are_those_that_live(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    assert read_users(path) == []
    me = this_process()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        add_user(path, User(child.pid, created(child.pid), "cluegraph serve"))
        add_user(path, me)
        add_user(path, me)
        assert [user.pid for user in read_users(path)] == [me.pid, child.pid]
    finally:
        child.kill()
        child.wait()
    assert read_users(path) == [me]
    # Another process that was given the pid of one that is gone.
    path.write_text(json.dumps([asdict(replace(me, started=me.started - 60))]))
    assert read_users(path) == []
    path.write_text("torn {")
    assert read_users(path) == []


def test_a_process_that_does_not_listen_is_ended_by_force() -> None:
    import psutil

    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(1, flush=True); time.sleep(600)"
    )
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"1\n"
    assert not end(psutil.Process(child.pid), timeout=0.2)
    assert not psutil.pid_exists(child.pid)
    child.wait()
    child.stdout.close()
