"""What tests of several parts share: one real Neo4j a test process, and a graph that is empty at first."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# Behind everything that is installed: the tests try the installed package, and find the benchmarks here.
sys.path.append(str(Path(__file__).parent.parent))

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.settings import Settings

# Tests ask little of a server and start it often: the quick compiler alone, little memory.
QUICK_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# Graphs come and go; a plan for the last one serves the next, which has the same rules and the same schema.
KEEP_PLANS = {"dbms.cypher.min_replan_interval": "10h"}

# What takes longest to set up. Files that use it run first, in this order, so that processes end together.
_SLOW = ("job", "neo4j_server", "jar_cache", "large_world")

# The files that use `job` run in one process, so that the main job is done once.
_WITH_JOB = {
    *("test_answers", "test_cli", "test_cli_clues", "test_cli_platforms", "test_cli_rules"),
    "test_handover",
}

_EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"


def pytest_configure(config: pytest.Config) -> None:
    """A warning of Neo4j about a query is a defect of the query."""
    config.addinivalue_line("filterwarnings", "error::neo4j.warnings.Neo4jWarning")


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Hands whole files to the processes, so that what tests of a file share is set up once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "job" if Path(file).stem in _WITH_JOB else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """How xdist distributes tests, whatever --dist says: its groups have no effect with this pytest."""
    config.option.loadscopereorder = False  # by the number of tests, which says little of how long they take
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files run first."""
    ranks: dict[Path, int] = {}
    for item in items:
        used = getattr(item, "fixturenames", ())
        if "job" in used and item.path.stem not in _WITH_JOB:
            raise pytest.UsageError(f"{item.path.name} uses `job`: add it to _WITH_JOB in tests/conftest.py.")
        rank = next((rank for rank, name in enumerate(_SLOW) if name in used), len(_SLOW))
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture(scope="session")
def jar_cache() -> Path:
    """The user's own cache: the server's jars are downloaded once a machine."""
    return Settings().cache


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[EmbeddedServer]:
    """A running embedded server, shared by the tests of this process."""
    home = tmp_path_factory.mktemp("neo4j")
    server = EmbeddedServer(
        home, jar_cache, heap="512m", page_cache="64m", jvm_options=QUICK_JVM, conf=KEEP_PLANS
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def graph(neo4j_server: EmbeddedServer) -> Iterator[Graph]:
    """The shared server's graph without nodes; started anew if a test stopped it.

    Constraints and indexes stay: without them the server plans every query again, which takes longer than
    most tests.
    """
    found = neo4j_server.start()
    with Graph.connect(found.uri, found.user, found.password) as graph:
        graph.execute(_EMPTY)
        yield graph


@pytest.fixture
def bare_graph(graph: Graph) -> Graph:
    """The same without constraints and indexes."""
    for row in graph.read("SHOW CONSTRAINTS YIELD name"):
        graph.write(f"DROP CONSTRAINT `{row['name']}`")
    for row in graph.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
        graph.write(f"DROP INDEX `{row['name']}`")
    return graph
