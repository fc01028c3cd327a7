"""How many parcels a place of clearance can inspect on a day, and how many of these are still free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from app.supervision.measure_table import MeasureTable
from app.supervision.verification import read_sql

BOUNDED = {"machine inspection": "machine", "physical inspection": "physical"}
"""Lane → the capacity that it takes; other lanes need no place of clearance."""

Ceilings = Mapping[tuple[str, str], int]
"""(site, lane) → inspections a day; where nothing is said there is no ceiling."""


def ceilings_on(connection: duckdb.DuckDBPyConnection, day: date, table: MeasureTable) -> Ceilings:
    """The ceilings of every site that is described on a day: its own capacity and that of its class in the
    table, the lower of both. `connection` shows a ledger."""
    rows = connection.sql(read_sql("site_ceilings"), params={"day": day}).to_arrow_table().to_pylist()
    out = {}
    for row in rows:
        of_class = table.ceilings.get(row["class"] or "")
        for lane, capacity in BOUNDED.items():
            said = [row[capacity], getattr(of_class, capacity, None)]
            known = [max(0, one) for one in said if one is not None]
            if known:
                out[row["site"], lane] = min(known)
    return out


@dataclass
class Room:
    """What is left of the ceilings of a day while sales are chosen."""

    ceilings: Ceilings
    used: dict[tuple[str, str], int] = field(default_factory=dict)

    def free(self, site: str | None, lane: str) -> bool:
        """Whether a place in a lane at a site is free."""
        ceiling = self.ceilings.get((site or "", lane))
        return ceiling is None or self.used.get((site or "", lane), 0) < ceiling

    def take(self, site: str | None, lane: str) -> bool:
        """Take a place in a lane at a site; false, and nothing is taken, where none is free."""
        if not self.free(site, lane):
            return False
        place = (site or "", lane)
        self.used[place] = self.used.get(place, 0) + 1
        return True
