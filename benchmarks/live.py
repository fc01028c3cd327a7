"""How long from the arrival of a document to the warning that it causes, on a data folder that is there.

`python -m benchmarks.live --data FOLDER` starts the service on it, posts sales of another small world as they
would arrive, with each lot one failed check of a platform that had none, and waits for the warning about it.
The data folder has these documents afterwards: give a copy.
"""

import argparse
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx

import world
from app.settings import Settings
from loaders.ledger.ledger import Ledger

RULE = "platform-failed-checks"
_OF_SALES = ("orders", "order_items", "payments", "inventories", "inventory_items")
_WAIT_SECONDS = 300


@contextmanager
def service(data: Path) -> Iterator[httpx.Client]:
    """The service of a data folder, on a free port, its scheduled run of all rules left out."""
    line = [sys.executable, "-u", "-m", "app.cli", "--data", str(data), "serve", "--port", "0"]
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, text=True, env={**os.environ, "CLUEGRAPH_GLOBAL_MINUTES": "0"}
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+?(?=/docs)", process.stdout.readline())
        assert address is not None
        with httpx.Client(base_url=address.group(), timeout=60, trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        process.wait()


def lots(orders: int, size: int, seed: int) -> Iterator[list[dict[str, Any]]]:
    """Flat documents of a small world, so many sales at a time."""
    with tempfile.TemporaryDirectory() as folder:
        world.make(Path(folder), orders=orders, seed=seed, format="csv", kind="standard")
        by_sale: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for table in _OF_SALES:
            rows = duckdb.sql(f"FROM read_csv('{folder}/{table}.csv', all_varchar = true)").to_arrow_table()
            for row in rows.to_pylist():
                said = {name: value for name, value in row.items() if value is not None}
                by_sale[f"{row['ebpCode']}|{row['orderNo']}"].append({"table": table, **said})
    sales = [by_sale[sale] for sale in sorted(by_sale)]
    for at in range(0, len(sales), size):
        yield [document for sale in sales[at : at + size] for document in sale]


def platforms(data: Path, count: int) -> tuple[list[str], str]:
    """Platforms that sell and never failed a check, and the last day of sales."""
    ledger = Ledger.open(Settings(data=data).ledger_folder)
    with ledger.connect() as connection:
        found = connection.execute(
            "SELECT ebp_code FROM transactions WHERE ebp_code NOT IN "
            "(SELECT ebpCode FROM platform_verifications WHERE result = 'fail') "
            f"GROUP BY ebp_code ORDER BY count(*) DESC, ebp_code LIMIT {count:d}"
        ).fetchall()
        (last,) = connection.execute("SELECT max(last_date) FROM transactions").fetchall()[0]
    return [code for (code,) in found], last.isoformat()


def post(client: httpx.Client, documents: list[dict[str, Any]]) -> None:
    """Hands in an array; what is wrong with it ends the benchmark."""
    body = json.dumps(documents, ensure_ascii=False).encode()
    client.post(
        "/v1/documents", content=body, headers={"Content-Type": "application/json"}
    ).raise_for_status()


def follow(address: str, heard: "queue.SimpleQueue[tuple[str, float]]") -> None:
    """Puts the subject of every warning, and when it came, as the service streams them."""
    with (
        httpx.Client(base_url=address, timeout=None, trust_env=False) as client,
        client.stream("GET", "/v1/warnings/stream", params={"rule": RULE}) as answer,
    ):
        for line in answer.iter_lines():
            if line.startswith("data:"):
                heard.put((json.loads(line[5:])["subject"]["key"], time.perf_counter()))


def warned(heard: "queue.SimpleQueue[tuple[str, float]]", platform: str, since: float) -> float:
    """Seconds until there is a warning about a platform."""
    try:
        while True:
            subject, at = heard.get(timeout=_WAIT_SECONDS)
            if subject == platform:
                return at - since
    except queue.Empty:
        raise SystemExit(f"No warning about {platform} within {_WAIT_SECONDS} s.") from None


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--warnings", type=int, default=10)
    parser.add_argument("--sales", type=int, default=20, help="sales that arrive with each")
    parser.add_argument("--seed", type=int, default=77)
    given = parser.parse_args()
    codes, day = platforms(given.data, given.warnings)
    took: list[float] = []
    with service(given.data) as client:
        heard: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        threading.Thread(target=follow, args=(str(client.base_url), heard), daemon=True).start()
        arriving = lots(max(given.warnings * given.sales, 500), given.sales, given.seed)
        for code, documents in zip(codes, arriving, strict=False):
            check = {
                "table": "platform_verifications",
                "verificationId": f"BENCH-{given.seed}-{code}",
                "ebpCode": code,
                "checkedAt": f"{day}T08:00:00",
                "check": "can_login",
                "result": "fail",
            }
            since = time.perf_counter()
            post(client, documents)
            post(client, [check])
            took.append(warned(heard, code, since))
            print(f"{took[-1]:6.1f} s  {len(documents)} documents and a failed check of {code}", flush=True)
    ordered = sorted(took)
    print(f"{len(took)} warnings: median {ordered[len(took) // 2]:.1f} s, greatest {ordered[-1]:.1f} s")


if __name__ == "__main__":
    main()
