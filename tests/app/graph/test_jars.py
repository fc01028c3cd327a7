"""Getting the server's jars, from a real HTTP server, a folder, or not at all."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.errors import UnavailableError
from app.graph.jars import is_intact, jar_files
from app.graph.lock import LOCK_NAME, Jar, locked_jars, parse, render

SMALL = [jar for jar in locked_jars() if jar.size < 100_000]
NOWHERE = "http://127.0.0.1:1/maven"


class Mirror:
    """A Maven repository on loopback; `asked` are the paths that were asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        mirror = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path.removeprefix("/"))
                super().do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def jars(jar_cache: Path) -> dict[Jar, Path]:
    """All jars, downloaded where this machine has none yet."""
    return dict(zip(locked_jars(), jar_files(jar_cache), strict=True))


@pytest.fixture(scope="module")
def mirror(jars: dict[Jar, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    folder = tmp_path_factory.mktemp("maven")
    for jar, path in jars.items():
        place = folder / jar.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)
    mirror = Mirror(folder)
    yield mirror
    mirror.close()


@pytest.fixture
def cache(jars: dict[Jar, Path], tmp_path: Path, mirror: Mirror) -> Path:
    """A cache that has every jar; what a test damages in it is its own."""
    (tmp_path / "cache" / "jars").mkdir(parents=True)
    for path in jars.values():
        (tmp_path / "cache" / "jars" / path.name).symlink_to(path)
    mirror.asked.clear()
    return tmp_path / "cache"


def test_a_whole_cache_needs_no_network(cache: Path) -> None:
    assert [path.name for path in jar_files(cache, mirror=NOWHERE)] == [j.file_name for j in locked_jars()]


def test_an_empty_cache_is_filled_and_every_jar_checked(tmp_path: Path, mirror: Mirror) -> None:
    mirror.asked.clear()
    found = jar_files(tmp_path / "new" / "cache", mirror=mirror.address + "/")
    assert all(is_intact(path, jar) for path, jar in zip(found, locked_jars(), strict=True))
    assert sorted(mirror.asked) == sorted(str(jar.path) for jar in locked_jars())
    assert {path.suffix for path in found[0].parent.iterdir()} == {".jar"}


def test_what_an_interrupted_download_left_is_completed(cache: Path, mirror: Mirror) -> None:
    missing, half, damaged = SMALL[:3]
    (cache / "jars" / missing.file_name).unlink()
    (cache / "jars" / half.file_name).unlink()
    (cache / "jars" / (half.file_name + ".part")).write_bytes(b"half of it")
    (cache / "jars" / damaged.file_name).unlink()
    (cache / "jars" / damaged.file_name).write_bytes(bytes(damaged.size))
    found = jar_files(cache, mirror=mirror.address)
    assert all(is_intact(path, jar) for path, jar in zip(found, locked_jars(), strict=True))
    assert sorted(mirror.asked) == sorted(str(jar.path) for jar in (missing, half, damaged))
    assert not list((cache / "jars").glob("*.part"))


def test_no_network_says_what_to_do(cache: Path) -> None:
    (cache / "jars" / SMALL[0].file_name).unlink()
    with pytest.raises(UnavailableError) as caught:
        jar_files(cache, mirror=NOWHERE)
    for way in (
        "CLUEGRAPH_NEO4J_MIRROR",
        "CLUEGRAPH_NEO4J_OFFLINE",
        "CLUEGRAPH_NEO4J_URI",
        "cannot be reached",
    ):
        assert way in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mirror_without_the_jar_is_named_by_its_answer(cache: Path, mirror: Mirror) -> None:
    (cache / "jars" / SMALL[0].file_name).unlink()
    with pytest.raises(UnavailableError, match=f"{SMALL[0].file_name}.*answered 404"):
        jar_files(cache, mirror=mirror.address + "/elsewhere")


@pytest.mark.parametrize("content", [b"", b"something else", bytes(SMALL[0].size), bytes(200_000)])
def test_a_jar_that_is_not_the_locked_one_is_never_kept(cache: Path, tmp_path: Path, content: bytes) -> None:
    jar = SMALL[0]
    (cache / "jars" / jar.file_name).unlink()
    place = tmp_path / "evil" / jar.path
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    evil = Mirror(tmp_path / "evil")
    try:
        with pytest.raises(UnavailableError, match=f"{jar.file_name}.*SHA-256"):
            jar_files(cache, mirror=evil.address)
    finally:
        evil.close()
    assert not (cache / "jars" / jar.file_name).exists()
    assert not list((cache / "jars").glob("*.part"))


def test_two_processes_download_each_jar_once(cache: Path, mirror: Mirror) -> None:
    gone = SMALL[:20]
    for jar in gone:
        (cache / "jars" / jar.file_name).unlink()
    code = (
        "import sys; from pathlib import Path; from app.graph.jars import jar_files;"
        "jar_files(Path(sys.argv[1]), mirror=sys.argv[2])"
    )
    command = [sys.executable, "-c", code, str(cache), mirror.address]
    both = [subprocess.Popen(command, cwd=Path(__file__).parents[3]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert sorted(mirror.asked) == sorted(str(jar.path) for jar in gone)


def test_an_offline_folder_may_be_flat_or_a_repository(
    cache: Path, jars: dict[Jar, Path], mirror: Mirror, tmp_path: Path
) -> None:
    for folder in (cache, cache / "jars", mirror.folder):
        found = jar_files(tmp_path / "unused", offline=folder, mirror=NOWHERE)
        assert [path.resolve() for path in found] == [path.resolve() for path in jars.values()]
    assert not (tmp_path / "unused").exists()


def test_an_offline_folder_that_lacks_a_jar_names_it(cache: Path) -> None:
    jar = SMALL[0]
    (cache / "jars" / jar.file_name).unlink()
    with pytest.raises(UnavailableError, match=f"{jar.file_name} is not there"):
        jar_files(cache, offline=cache)
    (cache / "jars" / jar.file_name).write_bytes(b"rotten")
    with pytest.raises(UnavailableError, match=f"{jar.file_name} is damaged"):
        jar_files(cache, offline=cache)


def test_a_full_disk_is_one_sentence(tmp_path: Path, mirror: Mirror) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted without the right to mount")
    try:
        with pytest.raises(UnavailableError, match=r"2[01] MB free, .*free some room"):
            jar_files(disk / "cache", mirror=mirror.address)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_may_not_be_made_is_one_sentence(tmp_path: Path, mirror: Mirror) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match=f"{tmp_path}/file"):
        jar_files(tmp_path / "file" / "cache", mirror=mirror.address)


def test_the_lock_is_whole_and_names_no_address() -> None:
    path = Path(__file__).parents[3] / "app" / "graph" / LOCK_NAME
    text = path.read_text("utf-8")
    assert "://" not in text
    assert render(parse(text)) == text
    names = {(jar.group, jar.artifact, jar.version) for jar in locked_jars()}
    assert ("org.neo4j", "neo4j", "5.26.30") in names
    assert ("org.neo4j.client", "neo4j-browser", "5.24.0") in names
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in locked_jars())
