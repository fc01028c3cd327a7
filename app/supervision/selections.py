"""The day's selection: made once of a day, a ledger version and a seed, kept, read, and handed out."""

from base64 import b32encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
from sqlalchemy import Connection, Select, func, select

from app.casebook.canonical import canonical
from app.casebook.instants import written
from app.casebook.measure_models import REASONS, SelectedSale, Selection
from app.casebook.store import Casebook
from app.detection.run import WATERMARK
from app.detection.tally import Tallies
from app.errors import BadInputError, NotFoundError
from app.handout import Table, whole_file, write_csv
from app.supervision.ceilings import ceilings_on
from app.supervision.choosing import Chosen, candidates, choose
from app.supervision.instructions import in_force
from app.supervision.measure_changes import in_force_on
from app.supervision.measure_table import LANE_OF_KIND
from app.supervision.persons import named
from app.supervision.sale_risk import known_on
from app.supervision.scopes import Scopes
from app.supervision.verification import read_sql
from loaders.ledger.ledger import Ledger

Row = dict[str, Any]
_KINDS = {lane: kind for kind, lane in LANE_OF_KIND.items()}
"""Lane → kind of an inspection; other lanes are named as they are."""
_LAST_DAY = "SELECT max(last_date) AS last FROM transactions WHERE decl_date = $day"


@dataclass(frozen=True)
class Made:
    """What was asked for: the selection's id, and whether it was there already."""

    id: str
    known: bool


def make_selection(
    ledger: Ledger,
    casebook: Casebook,
    *,
    day: date,
    seed: str,
    by: str,
    at: datetime,
    version: int | None = None,
    table: Path | None = None,
) -> Made:
    """Choose what is looked at of the sales declared on a day, as a ledger version (default: the latest)
    knows them, and keep it. The same day, version and seed are chosen once: what is there is the answer.

    `by` is who asks, `at` when (with its zone): instructions count that are in force by then, findings,
    classes and changes of measures as the casebook has them. `table` is a table of measures for trying.
    Raises BadInputError for nobody's name or an unknown version, NotFoundError where nothing was declared.
    """
    by = named(by)
    pinned = ledger.version if version is None else version
    identity = _identity(day, pinned, seed)
    seq = casebook.seq()
    with casebook.read() as connection:
        if _head(connection, identity) is not None:
            return Made(identity, True)
        measures = in_force_on(connection, day, table)
        known = known_on(connection, day)
    orders = in_force(casebook, at)
    with ledger.connect(pinned) as shown:
        sales = declared_on(shown, day, goods=Scopes(orders).need_goods)
        ceilings = ceilings_on(shown, day, measures.table)
    if not sales:
        raise NotFoundError(f"The ledger knows no sale declared on {day} at version {pinned}.")
    ranked = candidates(sales, day=day, seed=seed, known=known, table=measures.table)
    chosen = choose(
        ranked,
        day=day,
        seed=seed,
        table=measures.table,
        known=known,
        instructions=orders,
        ceilings=ceilings,
    )
    detected = casebook.watermark(WATERMARK)
    with casebook.change(shown=False) as change:
        if _head(change.connection, identity) is not None:  # another was quicker: it is the selection
            return Made(identity, True)
        head = {
            "id": identity,
            "day": day,
            "seed": _digest("seed", seed),
            "ledger_version": pinned,
            "detection_version": None if detected is None else detected[0],
            "casebook_seq": seq,
            "table_version": measures.table.version,
            "measures": measures.canonical(),
            "declared": len(sales),
            "at": written(at),
            "made_by": by,
        }
        change.put(Selection, [head], id=identity)
        rows = [_row(identity, number, one) for number, one in enumerate(chosen, 1)]
        change.put(SelectedSale, rows, selection=identity)
    return Made(identity, False)


def declared_on(connection: duckdb.DuckDBPyConnection, day: date, *, goods: bool = False) -> list[Row]:
    """The sales declared on a day, as rows of sql/declared_sales.sql, by id; with the codes of their `goods`
    where these are asked for. `connection` shows a ledger."""
    last = connection.execute(_LAST_DAY, {"day": day}).fetchall()[0][0]
    if last is None:
        return []
    # Nothing of these sales is older than their declaration, so that only few others are judged with them.
    tallies = Tallies(connection, since=day - timedelta(days=1), until=max(day, last))
    tallies.keep("judged_sales")
    rows: list[Row] = tallies.query(read_sql("declared_sales"), {"day": day}).to_pylist()
    if goods:
        ids = pa.table({"sale_id": pa.array([row["sale_id"] for row in rows], pa.string())})
        told = tallies.query(read_sql("declared_goods"), at_hand=ids).to_pylist()
        codes = {row["sale_id"]: row["goods"] for row in told}
        rows = [{**row, "goods": codes.get(row["sale_id"], [])} for row in rows]
    return rows


def _identity(day: date, version: int, seed: str) -> str:
    return _digest("selection", day.isoformat(), str(version), seed)


def _digest(*parts: str) -> str:
    digest = blake2b(orjson.dumps(parts), digest_size=16, person=b"cg:selection").digest()
    return b32encode(digest).decode().rstrip("=").lower()


def _row(selection: str, number: int, one: Chosen) -> Row:
    risk = one.candidate.risk
    return {
        "selection": selection,
        "number": number,
        "sale": one.candidate.id,
        "lane": one.lane,
        "reason": one.reason,
        "left_out": one.left_out,
        "letter": one.candidate.letter,
        "site": one.candidate.sale.get("site"),
        "points": risk.points,
        "chance": risk.chance,
        "instruction": one.instruction,
        "finding": one.finding,
        "parts": canonical(risk.told()),
    }


def _head(connection: Connection, identity: str) -> Row | None:
    query = select(Selection.__table__).where(Selection.id == identity)
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def selections(
    casebook: Casebook, day: date | None = None, *, skip: int = 0, limit: int = 100
) -> tuple[list[Row], int]:
    """The selections that were made, the newest day first, each with its counts, and how many there are; of
    one day where given. The first `skip` are left out, and at most `limit` told."""
    query = select(Selection.__table__)
    if day is not None:
        query = query.where(Selection.day == day)
    ordered = query.order_by(Selection.day.desc(), Selection.at.desc(), Selection.id)
    with casebook.read() as connection:
        page = connection.execute(ordered.offset(skip).limit(limit)).mappings()
        return [_told(connection, dict(row)) for row in page], _count(connection, query)


def selection(casebook: Casebook, identity: str) -> Row:
    """One selection with its counts; raises NotFoundError."""
    with casebook.read() as connection:
        head = _head(connection, identity)
        if head is None:
            raise NotFoundError(
                f"There is no selection {identity!r}: 'cluegraph selection list' lists those that were made."
            )
        return _told(connection, head)


def sales_of(
    casebook: Casebook,
    identity: str,
    *,
    reason: str | None = None,
    left_out: bool | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[list[Row], int]:
    """Rows of a selection as they were chosen, from the number after `after`, at most `limit`, and how many
    there are: for one reason; only those that a ceiling left out, or did not. Raises BadInputError for an
    unknown reason, NotFoundError."""
    if reason is not None and reason not in REASONS:
        raise BadInputError(f"{reason!r} is no reason: give one of {', '.join(REASONS)}.")
    selection(casebook, identity)
    query = select(SelectedSale.__table__).where(SelectedSale.selection == identity)
    for column, value in ((SelectedSale.reason, reason), (SelectedSale.left_out, left_out)):
        if value is not None:
            query = query.where(column == value)
    with casebook.read() as connection:
        count = _count(connection, query)
        page = query.where(SelectedSale.number > after).order_by(SelectedSale.number).limit(limit)
        rows = [dict(row) for row in connection.execute(page).mappings()]
    return [{**row, "parts": orjson.loads(row["parts"])} for row in rows], count


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _told(connection: Connection, head: Row) -> Row:
    """A selection with how many were selected by lane and reason, and what its ceilings left out."""
    columns = SelectedSale.lane, SelectedSale.reason, SelectedSale.left_out, SelectedSale.chance
    query = select(*columns).where(SelectedSale.selection == head["id"]).order_by(SelectedSale.number)
    rows = connection.execute(query).all()
    chosen, left = ([row for row in rows if row.left_out is out] for out in (False, True))
    return {
        **{name: value for name, value in head.items() if name != "measures"},
        **orjson.loads(head["measures"]),
        "selected": len(chosen),
        "by_lane": dict(sorted(Counter(row.lane for row in chosen).items())),
        "by_reason": dict(sorted(Counter(row.reason for row in chosen).items())),
        "expected": sum(row.chance for row in chosen),
        "left_out": len(left),
        "risk_taken": sum(row.chance for row in left),
    }


COLUMNS = (
    "ebpCode", "orderNo", "kind", "selection", "instructionId", "siteCode", "selectedAt",
    "selectionId", "number", "class", "chance", "finding",
)  # fmt: skip
"""Of an exported selection; the first seven are named as in `inspections`, so that results say them back."""


def export_selection(casebook: Casebook, identity: str, out: Path) -> int:
    """Write what was selected as a new CSV file for the clearance system; returns how many rows.

    What a ceiling left out is not in it. Raises NotFoundError, BadInputError where the file is there already.
    """
    head, (rows, _) = selection(casebook, identity), sales_of(casebook, identity, left_out=False)
    with whole_file(out, "selection") as draft:
        write_csv(draft, Table("selection", COLUMNS, [_line(head, row) for row in rows]))
    return len(rows)


def _line(head: Row, row: Row) -> Sequence[Any]:
    platform, _, order = row["sale"].partition("|")
    return (
        platform, order, _KINDS.get(row["lane"], row["lane"]), row["reason"], row["instruction"] or "",
        row["site"] or "", head["at"], head["id"], row["number"], row["letter"], f"{row['chance']:.4f}",
        row["finding"] or "",
    )  # fmt: skip
