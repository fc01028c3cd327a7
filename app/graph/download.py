"""Downloads jars, several at once, each checked before anybody sees it."""

import hashlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from urllib3.util import Retry

from app.errors import UnavailableError
from app.graph.lock import Jar

WORKERS = 8
_TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
_BLOCK = 1 << 18


def download(folder: Path, jars: list[Jar], mirror: str | None) -> None:
    """Download jars into a folder, from a mirror or the usual repository; raises UnavailableError."""
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
