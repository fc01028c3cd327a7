"""Yield of inspections on generated worlds: the day's selection against blind and volume-ordered inspection.

    python -m benchmarks.selection
    python -m benchmarks.selection --orders 20000 --seeds 1 2 3 --until 2025-09-15

Each world is cut in two. What was known until a day is loaded, detected and rated as a user would; of what is
declared afterwards only the documents of a sale are loaded (no answer, no inspection, no later finding), and
day by day a selection is made by the measures that come with cluegraph. Whether an inspection finds
something, the world says (`wrong` of its truth file), nothing else. Blind inspection is reckoned, not drawn:
as many of each kind on each day, over all that was declared; volume-ordered inspection takes the sales of the
largest platforms.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

import world
from app.casebook.store import Casebook
from app.detection.significance import jeffreys
from app.supervision.ceilings import ceilings_on
from app.supervision.choosing import candidates, choose
from app.supervision.measure_changes import in_force_on
from app.supervision.sale_risk import known_on
from app.supervision.selections import declared_on
from benchmarks.measure import cluegraph
from loaders.ledger.ledger import Ledger

PARCEL = ("value", "name", "quantity", "hs_code", "other")
"""What whoever opens a parcel and reads its declaration can find; `identity` takes asking the buyer."""
SEES = {
    "manual review": ("identity", "value", "hs_code", "other"),
    "machine inspection": ("name", "quantity"),
    "physical inspection": PARCEL,
}
"""What each measure can find by itself: papers and a call, an image, the goods."""
FINDS: dict[str, Callable[[str], Iterable[str]]] = {
    "in the parcel": lambda _lane: PARCEL,
    "in the parcel or by asking the buyer": lambda _lane: (*PARCEL, "identity"),
    "what each measure sees by itself": lambda lane: SEES[lane],
}
TIMES = {
    "orders": "appTime", "order_items": "appTime", "payments": "appTime", "waybills": "appTime",
    "waybill_status": "appTime", "inventories": "appTime", "inventory_items": "appTime", "cancels": "appTime",
    "refunds": "appTime", "refund_items": "appTime", "taxes": "returnTime", "deliveries": "appTime",
    "receipts": "returnTime", "raw_payments": "tradingTime", "platform_verifications": "checkedAt",
    "payment_verifications": "repliedAt", "consumer_reports": "reportedAt", "inspections": "inspectedAt",
}  # fmt: skip
"""Kinds that come day by day, and the column that says when; other kinds stand from the beginning."""
OF_A_SALE = (
    "orders",
    "order_items",
    "payments",
    "waybills",
    "inventories",
    "inventory_items",
    "raw_payments",
)
"""What has arrived when a sale is declared."""
LINES = {"raw_payment_orders": ("raw_payments", "payTransactionId"), "tax_items": ("taxes", "taxNo")}
"""Kinds that come with their document, and by which column they belong to it."""


def cut(files: Path, before: Path, after: Path, until: date) -> None:
    """Write what was known until a day (included) into one folder, later documents of sales into another."""
    before.mkdir()
    after.mkdir()
    last = until.strftime("%Y%m%d")
    with duckdb.connect() as connection:
        for path in sorted(files.glob("*.csv")):
            connection.execute(f"CREATE VIEW {path.stem} AS FROM read_csv('{path}', all_varchar = true)")
        for kind, column in TIMES.items():
            known = f"replace({column}[1:10], '-', '')[1:8] <= '{last}'"
            _write(connection, before / f"{kind}.csv", f"FROM {kind} WHERE {known}")
            if kind in OF_A_SALE:
                _write(connection, after / f"{kind}.csv", f"FROM {kind} WHERE NOT {known}")
        for kind, (head, key) in LINES.items():
            known = f"replace({TIMES[head]}[1:10], '-', '')[1:8] <= '{last}'"
            mine = f"{key} IN (SELECT {key} FROM {head} WHERE {known})"
            _write(connection, before / f"{kind}.csv", f"FROM {kind} WHERE {mine}")
            if head in OF_A_SALE:
                _write(connection, after / f"{kind}.csv", f"FROM {kind} WHERE NOT {mine}")
        for path in sorted(files.glob("*.csv")):
            if path.stem not in {*TIMES, *LINES}:
                _write(connection, before / path.name, f"FROM {path.stem}")


def _write(connection: duckdb.DuckDBPyConnection, path: Path, rows: str) -> None:
    connection.execute(f"COPY (SELECT * {rows}) TO '{path}' (HEADER, DELIMITER ',')")


@dataclass
class Tally:
    """Inspections and what they found, by way (selected, blind, by volume) and by what counts as a find."""

    inspections: int = 0
    found: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    reasons: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    expected: float = 0.0
    declared: int = 0

    def share(self, way: str, what: str) -> float:
        """Finds per inspection."""
        return self.found[way, what] / max(1, self.inspections)


def simulate(data: Path, truth: world.Truth, first: date, last: date, seed: str) -> Tally:
    """The selections of some days, over a data folder with what was known before and the sales of then."""
    wrong = {what: set(ids) for what, ids in truth.wrong.items()}
    ledger = Ledger.open(data / "ledger")
    casebook = Casebook.open(f"sqlite:///{data / 'casebook.sqlite'}")
    out = Tally()
    with casebook.read() as connection, ledger.connect() as shown:
        volume = _volume(shown, first)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            table, known = in_force_on(connection, day).table, known_on(connection, day)
            sales = declared_on(shown, day)
            ranked = candidates(sales, day=day, seed=seed, known=known, table=table)
            chosen = choose(
                ranked,
                day=day,
                seed=seed,
                table=table,
                known=known,
                ceilings=ceilings_on(shown, day, table),
            )
            _count(out, wrong, sales, [one for one in chosen if not one.left_out], volume)
    casebook.close()
    return out


def _volume(connection: duckdb.DuckDBPyConnection, before: date) -> dict[str, int]:
    """Sales of each platform declared before a day."""
    rows = connection.execute(
        "SELECT ebp_code, count(*) FROM transactions WHERE decl_date < $before GROUP BY ALL",
        {"before": before},
    ).fetchall()
    return dict(rows)


def _count(
    out: Tally,
    wrong: dict[str, set[str]],
    sales: list[dict[str, Any]],
    chosen: list[Any],
    volume: dict[str, int],
) -> None:
    ids = [sale["sale_id"] for sale in sales]
    largest = sorted(sales, key=lambda sale: (-volume.get(sale["platform"], 0), sale["sale_id"]))
    out.declared += len(sales)
    out.inspections += len(chosen)
    out.expected += sum(one.candidate.risk.chance for one in chosen)
    for what, finds in FINDS.items():
        for place, one in enumerate(chosen):
            hits = set().union(*(wrong.get(kind, set()) for kind in finds(one.lane)))
            hit = one.candidate.id in hits
            out.found["selected", what] += hit
            out.found["blind", what] += sum(sale in hits for sale in ids) / len(ids)
            out.found["by volume", what] += largest[place % len(largest)]["sale_id"] in hits
            reason = out.reasons[one.reason, what]
            reason[0] += 1
            reason[1] += hit


def judge(work: Path, orders: int, seed: int, until: date, last: date) -> Tally:
    """Make one world and look at the selections of the days after `until`."""
    files, data = work / "world", work / "data"
    cluegraph(work, "world", files, "--orders", orders, "--seed", seed, "--format", "csv", "--json")
    truth = world.Truth.read(files)
    cut(files, work / "before", work / "after", until)
    cluegraph(data, "run", work / "before", "--json")
    cluegraph(data, "neo4j", "stop", "--json")
    period = ("--from", date(until.year - 1, until.month, until.day), "--to", until)
    cluegraph(data, "classes", "rate", *period, "--on", until, "--by", "benchmark", "--json")
    cluegraph(data, "load", work / "after", "--json")
    return simulate(data, truth, until + timedelta(days=1), last, f"benchmark {seed}")


def interval(values: list[float]) -> str:
    """Mean of a few worlds with its 95 % interval (Student)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.2f}"
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.2f} ± {half:.2f}"


def yields_table(worlds: dict[int, Tally]) -> Table:
    """Finds per inspection, a row a world and what counts as a find; then the means of all worlds."""
    table = Table(title="finds per inspection")
    for name in (
        "found",
        "world",
        "inspections",
        "selected",
        "95 %",
        "blind",
        "by volume",
        "× blind",
        "× volume",
    ):
        table.add_column(name, justify="left" if name == "found" else "right")
    for what in FINDS:
        times: dict[str, list[float]] = {"blind": [], "by volume": []}
        for seed, one in worlds.items():
            found = one.found["selected", what]
            low, high = jeffreys(found, one.inspections, level=0.95)
            for way, ratios in times.items():
                ratios.append(one.share("selected", what) / max(one.share(way, what), 1e-9))
            table.add_row(
                what,
                str(seed),
                f"{one.inspections} of {one.declared}",
                f"{one.share('selected', what):.3f}",
                f"{low:.3f}–{high:.3f}",
                *(f"{one.share(way, what):.3f}" for way in times),
                *(f"{ratios[-1]:.1f}" for ratios in times.values()),
            )
        table.add_row(what, "mean", "", "", "", "", "", *(interval(ratios) for ratios in times.values()))
    return table


def reasons_table(worlds: dict[int, Tally]) -> Table:
    """Finds per inspection by the reason of the selection, all worlds together."""
    table = Table(title="by reason")
    for name in ("found", "reason", "inspections", "finds", "share", "95 %"):
        table.add_column(name, justify="left" if name in ("found", "reason") else "right")
    for what in FINDS:
        for reason in ("random", "clue", "class_rate"):
            pairs = [one.reasons[reason, what] for one in worlds.values()]
            made, found = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
            low, high = jeffreys(found, made, level=0.95) if made else (0.0, 1.0)
            table.add_row(
                what, reason, str(made), str(found), f"{found / max(1, made):.3f}", f"{low:.3f}–{high:.3f}"
            )
    return table


def main() -> int:
    """Judge the worlds that are asked for; 1 where the mean is below three times the blind yield."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--until", type=date.fromisoformat, default=date(2025, 9, 15))
    parser.add_argument("--last", type=date.fromisoformat, default=date(2025, 10, 20))
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    worlds: dict[int, Tally] = {}
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory(prefix="cluegraph-selection-") as work:
            worlds[seed] = judge(Path(work), asked.orders, seed, asked.until, asked.last)
        one = worlds[seed]
        told = f"{one.inspections} inspections of {one.declared} sales, {one.expected:.0f} finds expected"
        console.print(f"seed {seed}: {told}")
    console.print(yields_table(worlds))
    console.print(reasons_table(worlds))
    what = "in the parcel or by asking the buyer"
    mean = np.mean(
        [one.share("selected", what) / max(one.share("blind", what), 1e-9) for one in worlds.values()]
    )
    return int(mean < 3)


if __name__ == "__main__":
    sys.exit(main())
