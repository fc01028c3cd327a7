"""Gets the jars of the embedded server: from the cache, an offline folder, a mirror, the usual repository."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

import requests
from filelock import FileLock
from requests.adapters import HTTPAdapter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from urllib3.util import Retry

from app.errors import UnavailableError
from app.graph.files import disk_errors, need_room
from app.graph.lock import Jar, locked_jars

WORKERS = 8
_TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
_BLOCK = 1 << 18


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
                with disk_errors(folder):
                    need_room(folder, sum(jar.size for jar in missing), "the download of Neo4j")
                    _download(folder, missing, mirror)
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
    with ThreadPoolExecutor(WORKERS) as pool:
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


def _download(folder: Path, jars: list[Jar], mirror: str | None) -> None:
    address = mirror or _usual_repository()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    console = Console(stderr=True)
    session = requests.Session()
    retry = Retry(3, connect=1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=WORKERS, max_retries=retry))
    with (
        session,
        Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        task = progress.add_task(f"Neo4j, {len(jars)} jars", total=sum(jar.size for jar in jars))
        # The largest first, so that no worker is left alone with one at the end.
        futures = [
            pool.submit(_fetch, session, address, jar, folder, lambda size: progress.advance(task, size))
            for jar in sorted(jars, key=lambda jar: -jar.size)
        ]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
        for future in done:
            if not future.cancelled():
                future.result()


def _fetch(
    session: requests.Session, address: str, jar: Jar, folder: Path, advance: Callable[[int], None]
) -> None:
    """Download one jar beside its place, check it, then move it there; a reader never sees half a jar."""
    part = folder / (jar.file_name + ".part")
    digest, size = hashlib.sha256(), 0
    try:
        with session.get(f"{address.rstrip('/')}/{jar.path}", stream=True, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            with part.open("wb") as file:
                for block in answer.iter_content(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    advance(len(block))
                    if size > jar.size:
                        break
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
    except requests.RequestException as error:
        part.unlink(missing_ok=True)
        status = getattr(error.response, "status_code", None)
        reason = f"the repository answered {status}" if status else "the repository cannot be reached"
        raise UnavailableError(
            f"Neo4j could not be downloaded ({jar.file_name}: {reason}); check the network, or set "
            "CLUEGRAPH_NEO4J_MIRROR to a Maven repository you can reach, CLUEGRAPH_NEO4J_OFFLINE to a folder "
            "with the jars, or CLUEGRAPH_NEO4J_URI to a Neo4j of your own."
        ) from error
    if digest.hexdigest() != jar.sha256:
        part.unlink(missing_ok=True)
        raise UnavailableError(
            f"{jar.file_name} was downloaded but its SHA-256 is not the one of the lock; try again, "
            "or set CLUEGRAPH_NEO4J_MIRROR to a repository you trust."
        )
    part.replace(folder / jar.file_name)


def _usual_repository() -> str:
    from jgo.maven import MavenContext

    return next(iter(MavenContext().remote_repos.values()))
