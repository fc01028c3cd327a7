"""The graph is the ledger's and the casebook's, whichever way it was written, and whatever was killed."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from projection_world import Project, differing, make_stages, quiet, snapshot

from app.errors import CluegraphError
from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import Publisher, migrate, project_embedded, project_foreign, write_increment
from app.projection.migrations import names
from loaders.contract import KINDS
from loaders.projection.schema import NODES, RELATIONSHIPS, ROLES

CHILD = Path(__file__).with_name("projection_child.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Data folders as they stood after each stage."""
    folder = tmp_path_factory.mktemp("stages")
    data = folder / "data"
    copies = []
    for stage in make_stages(folder):
        project = Project(data)
        project.load(stage)
        project.casebook.close()
        copies.append(shutil.copytree(data, folder / f"data-{stage.name}"))
    return copies


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def at(loaded: list[Path], stage: int, data: Path) -> Project:
    """The project as it stood after a stage, with the casebook that it has by now."""
    shutil.rmtree(data / "ledger", ignore_errors=True)
    shutil.copytree(loaded[stage - 1] / "ledger", data / "ledger")
    shutil.copy(loaded[stage - 1] / "key", data / "key")
    return Project(data)


def derive(project: Project, graph: Graph) -> None:
    """A community of platforms, and something said of every sale, also of those that are withdrawn later."""
    codes = [row["c"] for row in graph.read("MATCH (p:Platform) RETURN p.code AS c ORDER BY c LIMIT 3")]
    sales = [row["id"] for row in graph.read("MATCH (t:Transaction) RETURN t.id AS id ORDER BY id")]
    said = orjson.dumps({"kind": "platforms", "size": 3, "lift": 7.25}).decode()
    nodes = {("Community", "c1"): said, ("Platform", codes[0]): '{"captives": 3, "flags": ["failed_checks"]}'}
    nodes["Enterprise", "0000000000"] = '{"captives": 1}'
    links = {("MEMBER_OF", "Platform", code, "Community", "c1"): '{"role": "platform"}' for code in codes}
    links["SHARES_CONSUMERS", "Enterprise", codes[0], "Enterprise", codes[1]] = '{"shared": 9, "p": 1e-9}'
    links |= {("EVIDENCE_ABOUT", "Transaction", sale, "Enterprise", codes[0]): "{}" for sale in sales}
    project.derive(nodes, links)


def kill_at(
    data: Path, step: str, calls: int, *target: object, after: float = 0.0, seconds: float = 240
) -> None:
    """Start a projection and see it die at a step."""
    command = [sys.executable, CHILD, data, step, calls, after, *target]
    paths = f"{ROOT}:{CHILD.parent}"
    child = subprocess.run(
        list(map(str, command)), cwd=ROOT, env={"PYTHONPATH": paths, "PATH": "/usr/bin:/bin"}, timeout=seconds
    )
    assert child.returncode == -signal.SIGKILL


def test_both_ways_give_entirely_equal_graphs(
    loaded: list[Path], data: Path, graph: Graph, neo4j_server: EmbeddedServer
) -> None:
    sales = []
    for stage in (1, 2, 3, 4):
        project = at(loaded, stage, data)
        done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
        assert (done.way, done.load_seq) == ("increment", stage)
        sales.append({row["id"] for row in graph.read("MATCH (t:Transaction) RETURN t.id AS id")})
        if stage == 1:
            derive(project, graph)
    assert sales[0] < sales[1], "the second stage brought sales"
    assert sales[2] < sales[1], "the third took some away"
    assert sales[2] < sales[3] < sales[1], "some of which came back"
    step_by_step = snapshot(graph)

    done = project_foreign(project.ledger, project.casebook, graph, rebuild=True, tell=quiet)
    assert "deleted" in done.reason
    assert differing(step_by_step, snapshot(graph)) == {}

    done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=True, tell=quiet)
    assert done.way == "rebuild"
    assert differing(step_by_step, snapshot(graph)) == {}

    done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
    assert (done.way, done.rows) == ("none", 0)


def test_killed_increments_come_to_the_same_graph(
    loaded: list[Path], data: Path, graph: Graph, neo4j_server: EmbeddedServer
) -> None:
    found = neo4j_server.start()
    target = ("bolt", found.uri, found.user, found.password)
    project = at(loaded, 1, data)
    write_increment(project.ledger, project.casebook, graph, quiet)
    derive(project, graph)
    Publisher(project.casebook, graph)()
    for stage in (3, 4):
        project = at(loaded, stage, data)
        before = graph.meta()
        for batches in (3, 15, 30):
            kill_at(data, "writing the graph", batches, *target)
            meta = graph.meta()
            assert meta is not None
            assert before is not None
            assert meta["load_seq"] == before["load_seq"], "the watermark moves with the last batch"
        write_increment(project.ledger, project.casebook, graph, quiet)
    killed = snapshot(graph)
    project_foreign(project.ledger, project.casebook, graph, rebuild=True, tell=quiet)
    assert differing(killed, snapshot(graph)) == {}


def test_killed_rebuilds_come_to_the_same_graph(
    loaded: list[Path], data: Path, graph: Graph, neo4j_server: EmbeddedServer, jar_cache: Path
) -> None:
    project = at(loaded, 2, data)
    write_increment(project.ledger, project.casebook, graph, quiet)
    derive(project, graph)
    Publisher(project.casebook, graph)()
    whole = snapshot(graph)
    target = ("embedded", neo4j_server.home, jar_cache)

    mounted = neo4j_server.mounted
    kill_at(data, "importing the graph", 1, *target, after=1.5)
    assert neo4j_server.mounted == mounted
    assert snapshot(graph) == whole, "the old graph serves until the new one is mounted"

    kill_at(data, "making indexes", 1, *target)
    assert neo4j_server.mounted != mounted
    assert graph.meta() is None, "a graph that is not finished does not say that it is ready"
    done = project_embedded(project.ledger, project.casebook, neo4j_server, rebuild=False, tell=quiet)
    assert done.way == "finish"
    assert differing(whole, snapshot(graph)) == {}


def test_no_raw_personal_value_is_in_the_graph_which_fills_the_whole_schema(
    loaded: list[Path], data: Path, graph: Graph
) -> None:
    project = at(loaded, 4, data)
    write_increment(project.ledger, project.casebook, graph, quiet)
    raw: set[str] = set()
    with project.ledger.connect() as con:
        for kind in KINDS.values():
            for field in kind.fields:
                if field.personal is not None:
                    query = (
                        f'SELECT DISTINCT "{field.name}" FROM {kind.name} WHERE "{field.name}" IS NOT NULL'
                    )
                    raw |= {value for (value,) in con.execute(query).fetchall()}
    assert len(raw) > 1000
    texts: set[str] = set()
    for row in graph.read(
        "MATCH (n) RETURN properties(n) AS p UNION ALL MATCH ()-[r]->() RETURN properties(r) AS p"
    ):
        for value in row["p"].values():
            texts |= {str(part) for part in (value if isinstance(value, list) else [value])}
    assert not raw & texts
    everything = "\n".join(texts)
    assert not [value for value in raw if len(value) > 7 and value in everything]

    for node in NODES:
        assert graph.read(f"MATCH (n:{node.label}) RETURN n LIMIT 1"), node.label
    for role in ROLES:
        assert graph.read(f"MATCH (n:Enterprise:{role}) RETURN n LIMIT 1"), role
    for kind in RELATIONSHIPS:
        assert graph.read(f"MATCH (:{kind.start})-[r:{kind.type}]->(:{kind.end}) RETURN r LIMIT 1"), kind.name


def test_the_derived_layer_is_written_as_a_difference(loaded: list[Path], data: Path, graph: Graph) -> None:
    project = at(loaded, 1, data)
    write_increment(project.ledger, project.casebook, graph, quiet)
    derive(project, graph)
    publisher = Publisher(project.casebook, graph)
    assert publisher() > 100
    assert publisher() == 0
    assert Publisher(project.casebook, graph)() == 0
    platform = graph.read("MATCH (p:Platform) RETURN p.code AS c, p.names AS names ORDER BY c LIMIT 1")[0]
    nodes = {("Platform", platform["c"]): '{"captives": 4}', ("Community", "c2"): '{"size": 2}'}
    project.derive(nodes, {})
    publisher()
    assert graph.read("MATCH ()-[r:EVIDENCE_ABOUT|MEMBER_OF|SHARES_CONSUMERS]->() RETURN r") == []
    assert graph.read("MATCH (c:Community) RETURN c.id AS id, c.size AS size") == [{"id": "c2", "size": 2}]
    after = graph.read("MATCH (p:Platform {code: $c}) RETURN properties(p) AS p", c=platform["c"])[0]["p"]
    assert after["captives"] == 4
    assert "flags" not in after
    assert after["names"] == platform["names"], "what the ledger says stays"

    project.derive({("Platform", platform["c"]): '{"names": ["x"]}'}, {})
    with pytest.raises(CluegraphError, match="names"):
        publisher()


def test_migrations_are_applied_once_and_recorded(bare_graph: Graph) -> None:
    assert migrate(bare_graph) == names()
    assert migrate(bare_graph) == []
    recorded = bare_graph.read("MATCH (m:Migration) RETURN m.id AS id ORDER BY id")
    assert [row["id"] for row in recorded] == names()
    unique = {
        (row["labels"][0], row["properties"][0])
        for row in bare_graph.read(
            "SHOW CONSTRAINTS YIELD labelsOrTypes AS labels, properties RETURN labels, properties"
        )
    }
    assert {(node.label, node.key) for node in NODES} <= unique


def test_a_graph_of_another_schema_is_brought_up(loaded: list[Path], data: Path, graph: Graph) -> None:
    project = at(loaded, 1, data)
    write_increment(project.ledger, project.casebook, graph, quiet)
    whole = snapshot(graph)
    graph.write("MATCH (m:Meta) SET m.schema_version = 0 CREATE (:Enterprise {code: 'old', colour: 'red'})")
    done = project_foreign(project.ledger, project.casebook, graph, rebuild=False, tell=quiet)
    assert "schema 0" in done.reason
    assert differing(whole, snapshot(graph)) == {}
