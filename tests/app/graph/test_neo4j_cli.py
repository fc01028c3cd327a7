"""`neo4j start | stop | status | log` as a person and as a machine see them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.errors import BadInputError, BusyError, NotFoundError, UnavailableError
from app.graph.cli import neo4j_app
from app.graph.open import open_graph
from app.graph.server import EmbeddedServer
from app.settings import Settings

# What another process runs that works with the same server until it is ended.
USER = """
import sys
from pathlib import Path
from app.graph.open import open_graph
from app.settings import Settings
data, sys.argv = sys.argv[1], ["cluegraph", "--data", "somewhere", "serve", "--port"]
with open_graph(Settings(data=Path(data), neo4j_heap="256m", neo4j_page_cache="32m")):
    print("connected", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A data folder of its own with a small server, which is stopped at the end."""
    settings = Settings(
        data=tmp_path_factory.mktemp("data"), neo4j_heap="256m", neo4j_page_cache="32m", neo4j_uri=None
    )
    yield settings
    EmbeddedServer.of(settings).stop()


def run(settings: Settings, *arguments: str) -> str:
    """Standard output of the command; its error is raised."""
    result = CliRunner().invoke(neo4j_app, arguments, obj=settings, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_before_the_first_start(settings: Settings) -> None:
    assert run(settings, "status") == "Neo4j is not running; cluegraph neo4j start starts it.\n"
    assert run(settings, "stop") == "Neo4j was not running.\n"
    with pytest.raises(NotFoundError, match="never been started"):
        run(settings, "log")


def test_start_says_where_it_is_and_how_to_log_in(settings: Settings) -> None:
    text = run(settings, "start")
    password = (settings.neo4j_home / "password").read_text()
    assert "/browser/" in text
    assert "bolt://127.0.0.1:" in text
    assert f"user neo4j, password in {settings.neo4j_home}/password" in text
    assert password not in text


def test_status_for_machines(settings: Settings) -> None:
    run(settings, "start")
    status = json.loads(run(settings, "status", "--json"))
    assert status == json.loads(run(settings, "start", "--json"))
    assert (status["running"], status["mounted"], status["user"]) == (True, "cluegrapha", "neo4j")
    assert status["browser"] == f"{status['http']}/browser/"
    assert Path(status["password_file"]).is_file()


def test_log_is_its_end(settings: Settings) -> None:
    run(settings, "start")
    assert "Started." in run(settings, "log")
    assert len(run(settings, "log", "--lines", "2").splitlines()) == 2
    assert len(json.loads(run(settings, "log", "-n", "2", "--json"))["lines"]) == 2


def test_the_graph_of_the_settings_is_the_embedded_one_or_another(settings: Settings) -> None:
    with open_graph(settings) as graph:
        assert graph.read("RETURN 1 AS one") == [{"one": 1}]
        found = EmbeddedServer.of(settings).connection()
    assert found
    assert graph.uri == found.uri
    other = settings.model_copy(update={"neo4j_uri": found.uri})
    with pytest.raises(BadInputError, match="CLUEGRAPH_NEO4J_PASSWORD"):
        open_graph(other)
    elsewhere = Settings(data=settings.data / "unused", neo4j_uri=found.uri, neo4j_password=found.password)
    with open_graph(elsewhere) as graph:
        assert graph.read("RETURN 1 AS one") == [{"one": 1}]
    assert not elsewhere.data.exists()
    with pytest.raises(BadInputError, match="not ours to start"):
        run(elsewhere, "start")


def test_who_works_with_it_is_named_and_in_the_way_of_a_stop(settings: Settings) -> None:
    run(settings, "start")
    other = subprocess.Popen(
        [sys.executable, "-c", USER, str(settings.data)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "connected\n"
        [user] = json.loads(run(settings, "status", "--json"))["users"]
        assert (user["pid"], user["command"]) == (other.pid, "cluegraph serve")
        assert f"in use by process {other.pid} (cluegraph serve) since" in run(settings, "status")
        with pytest.raises(BusyError, match=rf"in use by process {other.pid} \(cluegraph serve\).*--force"):
            run(settings, "stop")
        assert json.loads(run(settings, "status", "--json"))["running"] is True
        assert run(settings, "stop", "--force") == "Neo4j stopped.\n"
    finally:
        other.kill()
        other.communicate()


def test_stop_ends_it(settings: Settings) -> None:
    run(settings, "start")
    assert run(settings, "stop") == "Neo4j stopped.\n"
    assert json.loads(run(settings, "status", "--json"))["running"] is False
    assert json.loads(run(settings, "stop", "--json")) == {"stopped": False}


def test_no_jars_and_no_network_is_told(settings: Settings, tmp_path: Path) -> None:
    lonely = settings.model_copy(
        update={"data": tmp_path / "d", "cache": tmp_path / "c", "neo4j_mirror": "http://127.0.0.1:1"}
    )
    with pytest.raises(UnavailableError, match="CLUEGRAPH_NEO4J_OFFLINE"):
        run(lonely, "start")
