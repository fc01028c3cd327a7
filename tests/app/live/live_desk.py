"""A data folder that documents arrive at, with the test process's Neo4j behind it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from ledger_documents import Document
from pydantic import SecretStr

from app.graph.server import EmbeddedServer
from app.live.batch import Desk
from app.settings import Settings
from loaders.contract import KINDS

_NUMBERS = count()


def settings_for(server: EmbeddedServer, data: Path) -> Settings:
    """Settings of a data folder whose graph is the running server's."""
    found = server.start()
    return Settings(
        data=data,
        neo4j_uri=found.uri,
        neo4j_user=found.user,
        neo4j_password=SecretStr(found.password),
    )


@contextmanager
def desk_of(settings: Settings) -> Iterator[Desk]:
    """A live desk over an empty graph."""
    with closing(Desk(settings)) as desk:
        graph, _ = desk.graph()
        graph.execute("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
        yield desk


def flat(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Documents as one array of flat ones."""
    return [{"table": kind, **row} for document in documents for kind, row in document]


def written(folder: Path, documents: Iterable[Document]) -> list[Path]:
    """Documents as a file; each table that is accepted whole or not at all as one of its own."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in flat(documents):
        rows[row["table"] if KINDS[row["table"]].all_or_nothing else ""].append(row)
    paths = []
    for some in rows.values():
        paths.append(folder / f"{next(_NUMBERS)}.json")
        paths[-1].write_text(json.dumps(some, ensure_ascii=False), "utf-8")
    return paths
