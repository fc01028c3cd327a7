"""Running tallies: SQL with front matter over the ledger's views, for the keys and the sales at hand."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.detection.cypher_text import parameters_used
from app.detection.quota_limits import quota_limits
from app.detection.rule import FRONT, Parameter
from app.errors import CluegraphError
from loaders.projection.schema import read_sql

_NO_TALLIES = ("every_sale.sql", "all_sales.sql")  # what tallies count
WINDOW = ("since", "until")  # (since, until], by the day of a sale's last document; since may be None


class _Front(BaseModel):
    """`reads` names the tallies that this one counts on; views of the ledger need no naming."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    meaning: str
    reads: list[str]
    parameters: list[Parameter]


@dataclass(frozen=True)
class Tally:
    """One definition: what it means, which tallies it reads, its parameters and its statement."""

    front: _Front
    sql: str


@cache
def tally(name: str) -> Tally:
    """The tally of one .sql file; raises CluegraphError where its front matter is not as it should be."""
    match = FRONT.match(statement_text(name))
    if match is None:
        raise CluegraphError(f"{name}.sql: a tally begins with front matter between '/*' and '*/'.")
    try:
        front = _Front.model_validate(yaml.safe_load(match["front"]))
    except (ValidationError, yaml.YAMLError) as error:
        raise CluegraphError(f"{name}.sql: its front matter is refused: {error}") from error
    unused = {parameter.name for parameter in front.parameters} - parameters_used(match["body"])
    if unused:
        raise CluegraphError(f"{name}.sql: the parameter {min(unused)!r} is not used.")
    return Tally(front, match["body"])


def tally_names() -> list[str]:
    """Every tally there is."""
    folder = files("app.detection.tallies")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [name.removesuffix(".sql") for name in names if name not in _NO_TALLIES]


class Tallies:
    """The tallies of one window over one pinned ledger version.

    `connection` has the ledger's views. `keys` (column key) are the enterprise codes to count for, None every
    one; `consumers` (column key) the people, None everybody; `additional_sales` are rows like those of
    `transactions` that count as if they were in the ledger. What most tallies read is held in tables; for a
    few keys and people (not `hold`) views are quicker.
    Statements see `sales` (those of the window) and `all_sales`, tables of what most tallies read,
    `window_sales` and `every_sale`, views of the same sales with every column, and `consumer_sales`, every
    sale in the name of one of the people (of its order or its declaration); `is_asked` says whether any of
    a sale's enterprises is one of the keys; `reply_sales` says which sales
    the replies of the payment authority are about; `quota_days` are the personal limits of each day (see
    QuotaLimits).
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        since: date | None,
        until: date,
        keys: pa.Table | None = None,
        consumers: pa.Table | None = None,
        additional_sales: pa.Table | None = None,
        hold: bool = True,
    ) -> None:
        self._connection = connection
        connection.execute(read_sql("macros.sql"))  # place_of: what an address is, as the graph has it
        self._window = {"since": since, "until": until}
        self._kept: set[str] = set()
        self._keep("additional_sales", "FROM main.transactions LIMIT 0")
        if additional_sales is not None:
            self._run("INSERT INTO additional_sales BY NAME FROM at_hand", additional_sales)
        self._keep("code_map", read_sql("code_map.sql"))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW every_sale AS {statement_text('every_sale')}")
        within = f"last_date <= {_day(until)}" + (f" AND last_date > {_day(since)}" if since else "")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW window_sales AS FROM every_sale WHERE {within}")
        connection.execute(
            "CREATE OR REPLACE TEMP VIEW sale AS "
            "SELECT sale_id AS id, company AS payment_company, pay_transaction_id FROM every_sale"
        )
        connection.execute(f"CREATE OR REPLACE TEMP VIEW reply_sales AS {read_sql('reply_sales.sql')}")
        of_whom = ""
        if consumers is not None:
            self._run("CREATE OR REPLACE TEMP TABLE consumers AS SELECT DISTINCT key FROM at_hand", consumers)
            of_whom = _OF_CONSUMERS
        connection.execute(f"CREATE OR REPLACE TEMP VIEW consumer_sales AS FROM every_sale {of_whom}")
        form = "TABLE" if hold else "VIEW"
        connection.execute(f"CREATE OR REPLACE TEMP {form} all_sales AS {statement_text('all_sales')}")
        # No day after the last sale is looked up: `until` may be the end of all days, millions of them.
        last = connection.sql("SELECT max(last_date) FROM all_sales").fetchall()[0][0] or date.min
        days = quota_limits().days(min(last, until))
        self._run("CREATE OR REPLACE TEMP TABLE quota_days AS FROM at_hand", days)
        connection.execute(f"CREATE OR REPLACE TEMP {form} sales AS FROM all_sales WHERE {within}")
        if keys is None:
            self._keep("keys", _EVERY_KEY)
        else:
            self._run("CREATE OR REPLACE TEMP TABLE keys AS SELECT DISTINCT key FROM at_hand", keys)
        connection.execute(_IS_ASKED)

    def table(self, name: str, **given: Any) -> pa.Table:
        """Rows of the tally `name`, sorted by its keys; `given` stand for defaults of its parameters."""
        self._prepare(name)
        return self._connection.sql(tally(name).sql, params=self._values(name) | given).to_arrow_table()

    def keep(self, name: str) -> None:
        """Hold the rows of a tally as a temporary table of that name, for others to read."""
        if name not in self._kept:
            self._prepare(name)
            self._keep(name, tally(name).sql, self._values(name))
            self._kept.add(name)

    def kept(self, name: str, order: str) -> pa.Table:
        """Rows of a tally that several steps read, counted once; sorted by these columns."""
        self.keep(name)
        return self.query(f"FROM {name} ORDER BY {order}")

    def sales_for_rings(self) -> duckdb.DuckDBPyConnection:
        """A connection whose `transactions` are the sales held here, with the codes that stand for firms."""
        self._connection.execute(
            "CREATE OR REPLACE TEMP VIEW transactions AS SELECT *, platform AS ebp_code FROM all_sales"
        )
        return self._connection

    def query(
        self, sql: str, values: dict[str, Any] | None = None, *, at_hand: pa.Table | None = None
    ) -> pa.Table:
        """Rows of a statement over the tallies that are held, and over the rows `at_hand`."""
        if at_hand is not None:
            self._connection.register("at_hand", at_hand)
        try:
            return self._connection.sql(sql, params=values or {}).to_arrow_table()
        finally:
            if at_hand is not None:
                self._connection.unregister("at_hand")

    def _run(self, sql: str, at_hand: pa.Table) -> None:
        self._connection.register("at_hand", at_hand)
        try:
            self._connection.execute(sql)
        finally:
            self._connection.unregister("at_hand")

    def _prepare(self, name: str) -> None:
        for read in tally(name).front.reads:
            self.keep(read)

    def _values(self, name: str) -> dict[str, Any]:
        used = parameters_used(tally(name).sql)
        given = {parameter.name: parameter.default for parameter in tally(name).front.parameters}
        return given | {key: value for key, value in self._window.items() if key in used}

    def _keep(self, name: str, sql: str, values: dict[str, Any] | None = None) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", values or {})


_IS_ASKED = """
CREATE OR REPLACE TEMP MACRO is_asked(platform, merchant, agent) AS
    platform IN (SELECT key FROM keys)
    OR merchant IN (SELECT key FROM keys)
    OR agent IN (SELECT key FROM keys)
"""
"""Whether a sale is one of the enterprises that are counted for."""

_OF_CONSUMERS = """
WHERE consumer_key IN (SELECT key FROM consumers) OR declared_consumer_key IN (SELECT key FROM consumers)
"""

_EVERY_KEY = """
SELECT DISTINCT key FROM (
    SELECT unnest([platform, merchant, agent]) AS key FROM all_sales
    UNION ALL
    SELECT coalesce(code_map.canonical, ebpCode)
    FROM current_platform_verifications
    LEFT JOIN code_map ON code_map.code = ebpCode
) AS named
WHERE key IS NOT NULL
"""


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def statement_text(name: str) -> str:
    """The text of one .sql file of the tallies, front matter included."""
    return files("app.detection.tallies").joinpath(f"{name}.sql").read_text("utf-8")
