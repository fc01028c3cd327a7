"""How fast declarations are assessed: an open-loop load on `cluegraph serve`, on this machine's loopback.

    python -m benchmarks.assessments --data FOLDER --rate 200 --seconds 600

The declarations are those of sales of the ledger under new numbers, so that each is a new sale of a person
whose past is known. A request is due at its time whatever became of those before it, and its time is taken
from when it was due: a server that falls behind cannot hide it. It starts the service, and ends it.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil

from app.assessment.index import refresh_index
from app.assessment.places import Places
from app.settings import Settings
from loaders.contract import KINDS
from loaders.ledger.ledger import Ledger

HEADS = ("orders", "payments", "waybills", "inventories")
CONNECTIONS = 64
MARK = "@@@@@@@@"
_WARM = 200
_FIRST = secrets.randbits(32)
"""Another for each run: what was assessed before would be answered as it was."""


Free = asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


@dataclass
class Seen:
    """What came back: seconds from when a request was due, and lanes."""

    seconds: list[float] = field(default_factory=list)
    lanes: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)


def bodies(ledger: Ledger, count: int) -> list[bytes]:
    """Declarations of `count` sales with all four documents; MARK stands in every number of the sale."""
    with ledger.connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE picked AS SELECT sale_id, order_no, logistics_no FROM transactions "
            "WHERE orders = 1 AND payments = 1 AND waybills = 1 AND inventories = 1 AND currency = '142' "
            "ORDER BY md5(sale_id) LIMIT ?",
            [count],
        )
        of_sale: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for kind in (*HEADS, "order_items", "inventory_items"):
            names = ", ".join(f'd."{f.name}"' for f in KINDS[kind].fields)
            on = "d.ebpCode || '|' || d.orderNo = p.sale_id"
            if kind == "waybills":
                on = "d.orderNo = p.order_no AND d.logisticsNo = p.logistics_no"
            rows = connection.execute(
                f"SELECT p.sale_id, {names} FROM current_{kind} AS d JOIN picked AS p ON {on}"
            )
            columns = [one[0] for one in rows.description or ()]
            for row in rows.fetchall():
                told = dict(zip(columns, row, strict=True))
                of_sale.setdefault(told.pop("sale_id"), {}).setdefault(kind, []).append(_flat(told))
    return [
        orjson.dumps(sale) for sale in of_sale.values() if all(len(sale.get(kind, ())) == 1 for kind in HEADS)
    ]


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """A row as it was declared, under another number."""
    out = {}
    for name, value in row.items():
        if value is None:
            continue
        text = value.strftime("%Y-%m-%dT%H:%M:%S+00:00") if hasattr(value, "hour") else str(value)
        if name in ("orderNo", "payTransactionId", "logisticsNo"):
            text = f"{text[:40]}-{MARK}"
        elif name in ("copNo", "preNo", "invtNo"):
            text = MARK
        out[name] = text
    return out


async def drive(port: int, texts: list[bytes], rate: float, seconds: float) -> Seen:
    """Send at `rate` a second for so long, by connections that are kept open."""
    seen, free = Seen(), Free()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    for number in range(_WARM):
        await _send(free, _text(texts, number), time.perf_counter(), Seen())
    begun, waiting = time.perf_counter() + 0.2, set[asyncio.Task[None]]()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        text = _text(texts, number + _WARM)
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        seen.late.append(max(time.perf_counter() - due, 0.0))
        task = asyncio.create_task(_send(free, text, due, seen))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    if waiting:
        await asyncio.wait(waiting, timeout=60)
    return seen


def _text(texts: list[bytes], number: int) -> bytes:
    return texts[number % len(texts)].replace(MARK.encode(), b"%08x" % ((_FIRST + number) % 2**32))


async def _send(free: "Free", text: bytes, due: float, seen: Seen) -> None:
    reader, writer = await free.get()
    request = (
        b"POST /v1/assessments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(text), text)
    )
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):  # it had been idle, and the server closed it
        reader, writer = await asyncio.open_connection(*writer.get_extra_info("peername")[:2])
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    body = await reader.readexactly(length)
    seen.seconds.append(time.perf_counter() - due)
    free.put_nowait((reader, writer))
    if head.startswith(b"HTTP/1.1 200"):
        lane = body.split(b'"lane":"', 1)[1].split(b'"', 1)[0].decode()
        seen.lanes[lane] += 1
        if b'"fallback":[]' not in body:
            seen.failed["fallback"] += 1
    else:
        seen.failed[head.split(b"\r\n")[0].decode()] += 1


def served(data: Path, port: int) -> subprocess.Popen[bytes]:
    """The service on a port, when it answers."""
    command = [sys.executable, "-m", "app.cli", "--data", str(data), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        if process.poll() is not None:
            raise SystemExit("The service ended: start it by itself to see why.")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        except OSError:
            time.sleep(0.25)
    raise SystemExit("The service does not answer.")


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--sales", type=int, default=20_000, help="Different sales whose documents are sent.")
    given = parser.parse_args()
    settings = Settings(data=given.data)
    ledger = Ledger.open(settings.ledger_folder)
    report = refresh_index(ledger, Places.of(settings).index)
    texts = bodies(ledger, given.sales)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = served(given.data, port)
    try:
        watched = psutil.Process(server.pid)
        before, own = watched.cpu_times(), time.process_time()
        started = time.perf_counter()
        load = os.getloadavg()
        seen = asyncio.run(drive(port, texts, given.rate, given.seconds))
        took = time.perf_counter() - started
        after = watched.cpu_times()
        told = {
            "ledger_version": report.ledger_version,
            "asked": len(seen.seconds),
            "seconds": round(took, 1),
            "rate": round(len(seen.seconds) / took, 1),
            "milliseconds": {
                name: round(float(np.percentile(seen.seconds, share)) * 1e3, 1)
                for name, share in (("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100))
            },
            "late_to_send_p99_ms": round(float(np.percentile(seen.late, 99)) * 1e3, 1),
            "server_cpu_share": round((after.user + after.system - before.user - before.system) / took, 2),
            "generator_cpu_share": round((time.process_time() - own) / took, 2),
            "load_before": [round(one, 1) for one in load],
            "load_after": [round(one, 1) for one in os.getloadavg()],
            "lanes": dict(seen.lanes.most_common()),
            "failed": dict(seen.failed),
        }
        print(json.dumps(told, indent=2))
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    main()
