"""What tests of the command line and the API share: one small world through the whole main job."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from commanding import Job, Run

import world
from app.cli.entry import main
from app.graph.server import EmbeddedServer
from app.settings import Settings

ORDERS, SEED = 3_000, 7


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs commands over a data folder that is not there yet, unless another is given."""
    return Run(capsys, tmp_path / "data")


@pytest.fixture(scope="session")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    """The main job over a small world of message files, on an embedded Neo4j of its own."""
    folder = tmp_path_factory.mktemp("job")
    truth = world.make(folder / "files", orders=ORDERS, seed=SEED, format="xml")
    settings = Settings(data=folder / "data", neo4j_heap="768m", neo4j_page_cache="128m")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLUEGRAPH_NEO4J_HEAP", "768m")
        environment.setenv("CLUEGRAPH_NEO4J_PAGE_CACHE", "128m")
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(settings.data), "run", str(folder / "files"), "--json"])
        assert not ended.value.code
    yield Job(settings.data, folder / "files", truth, settings)
    EmbeddedServer.of(settings).stop()
