"""Quality of what is found: precision, recall, look-alikes, rings and differences, a table a world; then all
worlds of a size together.

    python -m benchmarks.quality
    python -m benchmarks.quality --orders 20000 200000 --seeds 1 2 3 --kinds standard themed

Each world is made, run through the main job as a user would, and compared with its truth file. Ends with 1
where a target of the project is missed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

import world
from app.casebook.store import Casebook
from app.settings import Settings
from benchmarks.measure import cluegraph
from benchmarks.scoring import Score, difference_recall, score
from loaders.ledger.ledger import Ledger

RING_FREE = ("independent", "heavy-tailed", "themed")
JACCARD, PRECISION, RECALL = 0.9, 0.95, 0.9
SHOWN = 0.95  # of the planted differences between documents
_SEEN = """
SELECT name, sale_id FROM (
    SELECT sale_id, unnest(differences).name AS name FROM transactions
    UNION ALL SELECT sale_id, 'missing:' || unnest(missing) FROM transactions
) AS told ORDER BY name, sale_id
"""


def differences(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Sales of the ledger by the name of each difference between their documents."""
    seen: dict[str, set[str]] = {}
    for name, sale in connection.execute(_SEEN).fetchall():
        seen.setdefault(name, set()).add(sale)
    return seen


def edges(data: Path) -> int:
    """Pairs of platforms that share more people than chance gives, by the casebook of a data folder."""
    casebook = Casebook.open(Settings(data=data).casebook_address)
    derived, _ = casebook.derived()
    casebook.close()
    return sum(identity[0] == "SHARES_CONSUMERS" for identity in derived.relationships)


def rules_table(title: str, scores: list[Score], verbose: bool) -> Table:
    """Every rule of one world."""
    table = Table(title=title)
    numbers = (
        "planted",
        "found",
        "findings",
        "precision",
        "recall",
        "look-alikes",
        "Jaccard",
        "company first",
    )
    for name in ("rule", *numbers):
        table.add_column(name, justify="left" if name == "rule" else "right")
    for one in scores:
        counts = [str(count) for count in (one.planted, one.found, one.findings)]
        shares = [f"{share:.3f}" for share in (one.precision, one.recall)]
        rings = " ".join(f"{share:.2f}" for share in one.jaccard)
        first = f"{sum(one.company_first)}/{len(one.company_first)}" if one.company_first else ""
        table.add_row(one.rule, *counts, *shares, str(len(one.hit)), rings, first)
        if verbose:
            for what, lines in (("missed", one.missed), ("wrong", one.wrong), ("look-alike", one.hit)):
                for line in lines:
                    table.add_row(f"  {what}: {line}")
    return table


def differences_table(told: dict[str, tuple[int, int, int]]) -> Table:
    """Every difference of one world: sales that have it, those of them the ledger shows, how many others."""
    table = Table(title="differences between documents")
    for name in ("difference", "sales", "shown", "recall", "others"):
        table.add_column(name, justify="left" if name == "difference" else "right")
    for name, (sales, shown, others) in told.items():
        table.add_row(name, str(sales), str(shown), f"{shown / max(1, sales):.3f}", str(others))
    return table


def shortfalls(kind: str, scores: list[Score], told: dict[str, tuple[int, int, int]]) -> list[str]:
    """Targets that one world misses, each as a sentence."""
    out = []
    rings = next(one for one in scores if one.rule == "ring-platforms")
    if kind in RING_FREE and rings.findings:
        out.append(f"{rings.findings} ring findings where there is no ring")
    if min(rings.jaccard, default=1.0) < JACCARD:
        out.append(f"a ring with Jaccard {min(rings.jaccard):.2f}")
    if not all(rings.company_first):
        out.append("a ring whose company is not named first")
    out += [f"{one.rule} names look-alikes: {', '.join(sorted(set(one.hit)))}" for one in scores if one.hit]
    sales, shown = (sum(row[i] for row in told.values()) for i in (0, 1))
    if sales and shown / sales < SHOWN:
        out.append(f"recall of differences {shown / sales:.3f}")
    return out


def pooled(worlds: list[list[Score]]) -> list[Score]:
    """Every rule over several worlds: what was planted, found and right, added up."""
    out = []
    for ones in zip(*worlds, strict=True):
        total = Score(ones[0].rule)
        for one in ones:
            for name in ("planted", "found", "findings", "right"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
            for name in ("jaccard", "company_first", "missed", "wrong", "hit"):
                getattr(total, name).extend(getattr(one, name))
        out.append(total)
    return out


def short_rules(what: str, scores: list[Score]) -> list[str]:
    """Rules whose precision or recall over all worlds of a size misses the target, each as a sentence."""
    out = [f"{what}: {one.rule} precision {one.precision:.3f}" for one in scores if one.precision < PRECISION]
    return out + [f"{what}: {one.rule} recall {one.recall:.3f}" for one in scores if one.recall < RECALL]


def judge(
    work: Path, kind: str, orders: int, seed: int, console: Console, verbose: bool
) -> tuple[list[Score], list[str]]:
    """Make one world, run the main job over it, print its tables; returns the scores, and targets missed."""
    files, data = work / "world", work / "data"
    cluegraph(
        work, "world", files, "--orders", orders, "--seed", seed, "--format", "csv", "--kind", kind, "--json"
    )
    truth = world.Truth.read(files)
    run = cluegraph(data, "run", files, "--json")
    try:
        scores = score(truth, cluegraph(data, "findings", "--json").answer)
    finally:
        cluegraph(data, "neo4j", "stop", "--json")
    told = difference_recall(truth, differences(Ledger.open(data / "ledger").connect()))
    title = f"{kind}, {orders:,} sales, seed {seed}: {run.seconds:.0f} s"
    console.print(rules_table(f"{title}, {edges(data)} edges between platforms", scores, verbose))
    console.print(differences_table(told))
    missed = shortfalls(kind, scores, told)
    for line in missed:
        console.print(f"[red]missed:[/red] {line}")
    return scores, [f"{kind} {orders} seed {seed}: {line}" for line in missed]


def main() -> int:
    """Judge the worlds that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument(
        "--kinds", nargs="+", default=["standard", *RING_FREE], choices=["standard", *RING_FREE]
    )
    parser.add_argument("--verbose", action="store_true", help="name what was missed, wrong, or a look-alike")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    missed: list[str] = []
    for orders in asked.orders:
        worlds: list[list[Score]] = []
        for kind in asked.kinds:
            for seed in asked.seeds:
                with tempfile.TemporaryDirectory(prefix="cluegraph-quality-") as work:
                    scores, short = judge(Path(work), kind, orders, seed, console, asked.verbose)
                worlds.append(scores)
                missed += short
        what = f"{len(worlds)} worlds of {orders:,} sales"
        console.print(rules_table(what, pooled(worlds), verbose=False))
        missed += short_rules(what, pooled(worlds))
    console.print("\n".join(missed) or "Every target is met.")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
