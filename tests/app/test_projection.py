"""The graph is the ledger's and the casebook's, whichever way it was written."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from projection_world import Project, differing, make_stages, quiet, snapshot

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import project_embedded, project_foreign
from loaders.projection.schema import NODES, RELATIONSHIPS


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stages(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "data")


@pytest.fixture
def connected(neo4j_server: EmbeddedServer, graph: Graph) -> Iterator[Graph]:
    """The emptied graph of the shared server; reconnects by itself when a rebuild restarts it."""
    assert neo4j_server.status().running
    yield graph


def _derive(project: Project, graph: Graph) -> None:
    """A community of three platforms, and something said of a sale that is withdrawn later."""
    codes = [row["c"] for row in graph.read("MATCH (p:Platform) RETURN p.code AS c ORDER BY c LIMIT 3")]
    sale = graph.read("MATCH (t:Transaction) RETURN t.id AS id ORDER BY id LIMIT 1")[0]["id"]
    said = orjson.dumps({"kind": "platforms", "size": 3, "lift": 7.25}).decode()
    nodes = {("Community", "c1"): said, ("Platform", codes[0]): '{"captives": 3, "flags": ["failed_checks"]}'}
    nodes["Enterprise", "0000000000"] = '{"captives": 1}'
    links = {("MEMBER_OF", "Platform", code, "Community", "c1"): '{"role": "platform"}' for code in codes}
    links["SHARES_CONSUMERS", "Enterprise", codes[0], "Enterprise", codes[1]] = '{"shared": 9, "p": 1e-9}'
    links["EVIDENCE_ABOUT", "Transaction", sale, "Enterprise", codes[0]] = "{}"
    project.derive(nodes, links)


def test_both_ways_give_entirely_equal_graphs(
    project: Project, stages: list[Path], connected: Graph, neo4j_server: EmbeddedServer
) -> None:
    for place, stage in enumerate(stages):
        project.load(stage)
        done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
        assert (done.way, done.load_seq) == ("increment", place + 1)
        if place == 0:
            _derive(project, connected)
    step_by_step = snapshot(connected)

    done = project_foreign(project.ledger, project.casebook, connected, rebuild=True, tell=quiet)
    assert "deleted" in done.reason
    assert differing(step_by_step, snapshot(connected)) == {}

    done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=True, tell=quiet)
    assert done.way == "rebuild"
    assert differing(step_by_step, snapshot(connected)) == {}

    done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
    assert (done.way, done.rows) == ("none", 0)


def test_a_world_fills_the_whole_schema(
    project: Project, stages: list[Path], connected: Graph, neo4j_server: EmbeddedServer
) -> None:
    for stage in stages:
        project.load(stage)
    project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
    for node in NODES:
        rows = connected.read(f"MATCH (n:{node.label}) RETURN count(n) AS n")
        assert rows[0]["n"] > 0, node.label
    empty = []
    for relationship in RELATIONSHIPS:
        query = f"MATCH (:{relationship.start})-[r:{relationship.type}]->(:{relationship.end}) RETURN count(r) AS n"
        if connected.read(query)[0]["n"] == 0:
            empty.append(relationship.name)
    assert empty == []
