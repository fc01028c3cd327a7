"""Gets the jars of the embedded server: from the cache, an offline folder, a mirror, the usual repository."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock

from app.errors import UnavailableError
from app.graph.files import disk_errors, need_room
from app.graph.lock import Jar, locked_jars

_WORKERS = 8  # that read and check


def jar_files(cache: Path, *, offline: Path | None = None, mirror: str | None = None) -> list[Path]:
    """The server's jars in the order of the class path, each one's SHA-256 checked against the lock.

    With `offline` they are taken from that folder (flat, or laid out as a Maven repository) and nothing is
    downloaded. Else those that `cache` lacks, or holds damaged, are downloaded from `mirror` or, without one,
    from the repository that `jgo` knows. Whole jars survive an interruption. Raises UnavailableError.
    """
    jars = locked_jars()
    if offline is not None:
        return _from_folder(offline, jars)
    folder = cache / "jars"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    missing = _missing(folder, jars)
    if missing:
        # Another process may be downloading the same: wait for it, then look again.
        with FileLock(cache / "jars.lock"):
            missing = _missing(folder, jars)
            if missing:
                # Imported here: a machine downloads once, and every command would wait for the import.
                from app.graph.download import download

                with disk_errors(folder):
                    need_room(folder, sum(jar.size for jar in missing), "the download of Neo4j")
                    download(folder, missing, mirror)
    return [folder / jar.file_name for jar in jars]


def is_intact(path: Path, jar: Jar) -> bool:
    """Whether `path` is that jar, by size and SHA-256."""
    try:
        if path.stat().st_size != jar.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def _missing(folder: Path, jars: Iterable[Jar]) -> list[Jar]:
    with ThreadPoolExecutor(_WORKERS) as pool:
        return [
            jar
            for jar, intact in pool.map(lambda jar: (jar, is_intact(folder / jar.file_name, jar)), jars)
            if not intact
        ]


def _from_folder(folder: Path, jars: Iterable[Jar]) -> list[Path]:
    found = []
    for jar in jars:
        candidates = (folder / jar.file_name, folder / "jars" / jar.file_name, folder / jar.path)
        path = next((path for path in candidates if is_intact(path, jar)), None)
        if path is None:
            state = "damaged" if any(path.exists() for path in candidates) else "not there"
            raise UnavailableError(
                f"The offline folder {folder} cannot be used: {jar.file_name} is {state}; copy the folder "
                "'jars' of the cache of a machine where cluegraph neo4j start has worked."
            )
        found.append(path)
    return found
