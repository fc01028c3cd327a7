"""A small world in four stages: documents, corrections, withdrawals and a register, sales that come back."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import world
from app.casebook.models import DerivedNode, DerivedRelationship
from app.casebook.store import Casebook
from app.graph.driver import Graph
from loaders.contract import Keys
from loaders.ledger import Ledger, load

Row = dict[str, str]
DOCUMENTS = ("orders", "payments", "waybills", "inventories")
LATE, LATER = "20300101000000", "20310101000000"


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def save(path: Path, rows: Iterable[Row]) -> None:
    rows = list(rows)
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def _number(row: Row) -> int:
    """The same for all documents of one sale that name its order."""
    return sum(map(ord, row.get("orderNo") or row.get("invtNo") or row.get("logisticsNo") or ""))


def _early(row: Row) -> bool:
    return _number(row) % 3 != 0


def make_stages(folder: Path, *, orders: int = 500, seed: int = 5) -> list[Path]:
    """Four folders of flat files, to be loaded in order."""
    world.make(folder / "world", orders=orders, seed=seed, format="csv", kind="standard")
    tables = {path.stem: read(path) for path in sorted((folder / "world").glob("*.csv"))}
    first, second, third, fourth = (folder / name for name in ("1", "2", "3", "4"))
    register = tables.pop("enterprises")
    firm = next(row for row in register if row["roles"].startswith("platform") and row["uscc"])
    # The register does not know at first that two codes are one firm; some sales name the longer one.
    save(first / "enterprises.csv", [{**row, "uscc": "" if row is firm else row["uscc"]} for row in register])
    for name, rows in tables.items():
        for row in rows:
            if row.get("ebpCode") == firm["code"] and not _early(row):
                row["ebpCode"] = firm["uscc"]
        now = [row for row in rows if _early(row)]
        save(first / f"{name}.csv", now)
        save(second / f"{name}.csv", [row for row in rows if not _early(row)])
        if name in DOCUMENTS:
            save(second / f"{name}-corrected.csv", [_corrected(row) for row in now if _number(row) % 7 == 0])
            gone = [row for row in now if _number(row) % 5 == 0]
            save(third / f"{name}-withdrawn.csv", [{**row, "appType": "3", "appTime": LATE} for row in gone])
            back = [{**row, "appTime": LATER} for row in gone if _number(row) % 10 == 0]
            save(fourth / f"{name}.csv", back)
    for row in register:
        row["asOf"] = "2026-01-01"
        row["legalRepresentativeId"] = "11010519491231002X" if row is firm else ""
    register[-1]["uscc"] = ""
    save(third / "enterprises.csv", register)
    verifications = tables["platform_verifications"][::4]
    changed = [{**row, "result": "fail", "checkedAt": "2026-01-01T10:00:00"} for row in verifications]
    save(third / "platform_verifications.csv", changed)
    return [first, second, third, fourth]


def _corrected(row: Row) -> Row:
    """A later version: somebody else's phone, another address, another payment company's name."""
    changed = {**row, "appType": "2", "appTime": "20290101000000"}
    for name, value in {
        "consigneeTelephone": "13900001111",
        "telephone": "13900002222",
        "consigneeAddress": "浙江省杭州市西湖区文三路9号9栋9-909",
        "payName": "改名支付有限公司",
        "agentName": "改名报关有限公司",
    }.items():
        if name in changed:
            changed[name] = value
    return changed


class Project:
    """A data folder: its key, its ledger, its casebook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = Keys.open(folder / "key")
        self.ledger = Ledger.open(folder / "ledger")
        self.casebook = Casebook.open(f"sqlite:///{folder / 'casebook.sqlite'}")

    def load(self, path: Path) -> None:
        assert load(self.ledger, self.keys, [path], workers=1).load_seq is not None

    def derive(
        self, rows: dict[tuple[str, str], str], links: dict[tuple[str, str, str, str, str], str]
    ) -> None:
        """Make the casebook's derived layer exactly these (JSON objects by identity)."""
        with self.casebook.change() as change:
            change.replace(
                DerivedNode,
                [{"label": n, "key": k, "step": "s", "properties": p} for (n, k), p in rows.items()],
            )
            names = ("type", "start_label", "start_key", "end_label", "end_key")
            change.replace(
                DerivedRelationship,
                [
                    {**dict(zip(names, i, strict=True)), "step": "s", "properties": p}
                    for i, p in links.items()
                ],
            )


def snapshot(graph: Graph) -> dict[str, Any]:
    """All of a graph as plain values: node or relationship → its properties, or how often it stands there."""
    found: dict[str, Any] = {}

    def put(name: str, properties: dict[str, Any]) -> None:
        plain = {key: _plain(value) for key, value in sorted(properties.items())}
        assert name not in found, f"twice: {name}"
        found[name] = plain

    key = "coalesce({0}.code, {0}.key, {0}.id, {0}.value)"
    for row in graph.read(
        f"MATCH (n) RETURN labels(n) AS labels, {key.format('n')} AS key, properties(n) AS p"
    ):
        put(f"({':'.join(sorted(row['labels']))} {row['key']})", row["p"])
    query = (
        f"MATCH (a)-[r]->(b) RETURN labels(a) AS a, {key.format('a')} AS ak, type(r) AS type, "
        f"labels(b) AS b, {key.format('b')} AS bk, properties(r) AS p"
    )
    for row in graph.read(query):
        start, end = (f"({':'.join(sorted(row[side]))} {row[side + 'k']})" for side in ("a", "b"))
        document = row["p"].get("document", "")
        put(f"{start}-[{row['type']} {document}]->{end}", row["p"])
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What stands in one only, or differs."""
    return {
        name: (one.get(name), other.get(name))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.iso_format() if hasattr(value, "iso_format") else value


Tell = Callable[..., None]


def quiet(*_: object) -> None:
    """Progress that nobody looks at."""
