"""What tests of several parts share: one real Neo4j a test process, and a graph that is empty at first."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Behind everything that is installed: the tests try the installed package, and find the benchmarks here.
sys.path.append(str(Path(__file__).parent.parent))

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.settings import Settings

# Tests ask little of a server and start it often: the quick compiler alone, little memory.
QUICK_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"


def pytest_configure(config: pytest.Config) -> None:
    """A warning of Neo4j about a query is a defect of the query."""
    config.addinivalue_line("filterwarnings", "error::neo4j.warnings.Neo4jWarning")


@pytest.fixture(scope="session")
def jar_cache() -> Path:
    """The user's own cache: the server's jars are downloaded once a machine."""
    return Settings().cache


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[EmbeddedServer]:
    """A running embedded server, shared by the tests of this process."""
    home = tmp_path_factory.mktemp("neo4j")
    server = EmbeddedServer(home, jar_cache, heap="512m", page_cache="64m", jvm_options=QUICK_JVM)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def graph(neo4j_server: EmbeddedServer) -> Iterator[Graph]:
    """The shared server's graph without nodes, constraints and indexes; started anew if a test stopped it."""
    found = neo4j_server.start()
    with Graph.connect(found.uri, found.user, found.password) as graph:
        graph.execute(_EMPTY)
        for row in graph.read("SHOW CONSTRAINTS YIELD name"):
            graph.write(f"DROP CONSTRAINT `{row['name']}`")
        for row in graph.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
            graph.write(f"DROP INDEX `{row['name']}`")
        yield graph
