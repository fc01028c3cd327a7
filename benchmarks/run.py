"""Speed and memory of everything that docs/performance.md quotes, as a table.

    python benchmarks/run.py --orders 200000
    python benchmarks/run.py --orders 1000000

Each step runs as a user would run it, in processes of its own; what is timed is what the step itself
reports, except for the whole main job, where it is the whole command, start of Python and of Neo4j included.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.graph.open import open_graph
from app.settings import Settings
from benchmarks.communities import compare
from benchmarks.measure import cluegraph, machine

SEED = 3
XML_SHARE = 10  # one sale in ten as messages: they are slower to write than to load
INCREMENT_SHARE = 10  # increments are measured on one sale in ten, arriving after the others


@dataclass(frozen=True)
class Row:
    """One line of the table; memory in MiB."""

    what: str
    size: str
    seconds: float
    rate: str
    target: str
    ours: float = 0.0
    neo4j: float = 0.0


def world(folder: Path, orders: int, format: str, seed: int = SEED) -> Path:
    """A standard world, made once."""
    if not folder.exists():
        cluegraph(
            folder.parent, "world", folder, "--orders", orders, "--seed", seed, "--format", format, "--json"
        )
    return folder


def per_second(count: float, seconds: float, what: str) -> str:
    """`count` in `seconds` as a rate."""
    return f"{count / seconds:,.0f} {what}/s"


def main_job(work: Path, orders: int) -> list[Row]:
    """Flat files to findings in a new data folder, and its parts."""
    files = world(work / "flat", orders, "csv")
    data = work / "whole"
    cluegraph(work / "warm", "neo4j", "start", "--json")  # the download is not what is measured
    cluegraph(work / "warm", "neo4j", "stop", "--json")
    whole = cluegraph(data, "run", files, "--json")
    load, project, detect = (whole.answer[part] for part in ("load", "project", "detect"))
    size = f"{orders:,} sales"
    target = {200_000: "≤ 60 s, < 3 GB", 1_000_000: "≤ 210 s, < 6 GB"}.get(orders, "")
    rebuild = {200_000: "≥ 12,000", 1_000_000: "≥ 20,000"}.get(orders, "")
    rows = [
        Row(
            "flat files → ledger",
            size,
            load["seconds"],
            per_second(orders, load["seconds"], "sales"),
            "≥ 20,000",
        ),
        Row(
            "– of it documents alone",
            size,
            documents := load["seconds"] - load["transactions_seconds"],
            per_second(orders, documents, "sales"),
            "≥ 20,000",
        ),
        Row(
            "first projection",
            size,
            project["seconds"],
            per_second(orders, project["seconds"], "sales"),
            rebuild,
        ),
        Row(
            "tallies, communities, rules", size, detect["seconds"], "", "≤ 15 s" if orders == 200_000 else ""
        ),
        Row("main job, server start included", size, whole.seconds, "", target, whole.ours, whole.neo4j),
    ]
    again = cluegraph(data, "project", "--rebuild", "--json")
    seconds = again.answer["seconds"]
    rows.append(
        Row("rebuild", size, seconds, per_second(orders, seconds, "sales"), rebuild, again.ours, again.neo4j)
    )
    cluegraph(data, "neo4j", "stop", "--json")
    return rows


def messages(work: Path, orders: int) -> Row:
    """XML messages to ledger."""
    orders = max(orders // XML_SHARE, 1_000)
    files = world(work / "xml", orders, "xml")
    done = cluegraph(work / "from-xml", "load", files, "--json")
    documents, seconds = done.answer["documents"], done.answer["seconds"]
    rate = per_second(documents, seconds, "documents")
    return Row("XML messages → ledger", f"{documents:,} documents", seconds, rate, "≥ 20,000", done.ours)


def increments(work: Path, orders: int) -> list[Row]:
    """A tenth of the sales arriving after the others, and the same once more."""
    data = work / "increments"
    late = orders // INCREMENT_SHARE
    cluegraph(data, "run", world(work / "early", orders - late, "csv"), "--json")
    cluegraph(data, "load", world(work / "late", late, "csv", SEED + 1), "--json")
    rows = []
    for what, target in (("increments", "≥ 4,000"), ("replay of increments", "≥ 8,000")):
        if rows:
            forget_load(data)
        done = cluegraph(data, "project", "--json")
        count, seconds = done.answer["sales"], done.answer["seconds"]
        rate = per_second(count, seconds, "sales")
        rows.append(Row(what, f"{count:,} sales", seconds, rate, target, done.ours, done.neo4j))
    cluegraph(data, "neo4j", "stop", "--force", "--json")  # this process has used it itself
    return rows


def forget_load(data: Path) -> None:
    """Makes the graph believe that it has not had the last load, so that the same rows are written again."""
    with open_graph(Settings(data=data)) as graph:
        graph.write("MATCH (m:Meta {id: 'graph'}) SET m.load_seq = m.load_seq - 1")


def communities() -> Row:
    """Leiden against python-louvain."""
    found: dict[str, Any] = compare(20_000, 200_000)
    share = found["modularity"] / found["louvain_modularity"]
    rate = f"{found['times']:.0f} times, modularity {share:.2%}"
    return Row(
        "communities / python-louvain",
        f"{found['edges']:,.0f} edges",
        found["seconds"],
        rate,
        "≥ 20, ≥ 99.5 %",
    )


def show(rows: list[Row]) -> None:
    """The table, as Markdown, so that it can be pasted into docs/performance.md."""
    console = Console(width=160)
    console.print(machine(), highlight=False)
    table = Table(box=None)
    for name in ("what", "size", "seconds", "rate", "target", "our peak MiB", "Neo4j peak MiB"):
        table.add_column(
            name, justify="left" if name in ("what", "size", "target") else "right", no_wrap=True
        )
    for row in rows:
        memory = (f"{value:,.0f}" if value else "" for value in (row.ours, row.neo4j))
        table.add_row(row.what, row.size, f"{row.seconds:.1f}", row.rate, row.target, *memory)
    console.print(table)


def main() -> None:
    """Runs what was asked for and prints the table."""
    parser = argparse.ArgumentParser(description="Speed and memory, measured.")
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument(
        "--work", type=Path, help="folder to keep worlds and data in; a temporary one otherwise"
    )
    parser.add_argument("--only", choices=("main", "xml", "increments", "communities"))
    given = parser.parse_args()
    parts = {
        "main": lambda work: main_job(work, given.orders),
        "xml": lambda work: [messages(work, given.orders)],
        "increments": lambda work: increments(work, given.orders),
        "communities": lambda _work: [communities()],
    }
    with tempfile.TemporaryDirectory(prefix="cluegraph-benchmark-") as scratch:
        work = given.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        rows: list[Row] = []
        try:
            for name, part in parts.items():
                if given.only in (None, name):
                    rows += part(work)
        finally:
            show(rows)  # also what was measured before a part failed


if __name__ == "__main__":
    sys.exit(main())
