"""Running steps: each on the window of the rules that need it, its rows kept until they are committed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from app.casebook.canonical import canonical
from app.casebook.models import DerivedNode, DerivedRelationship
from app.casebook.protections import periods
from app.casebook.registry import Registered, keep, match
from app.casebook.store import Casebook, Change
from app.detection.rule import Rule
from app.detection.steps import Context, Flags, Rows, Scope, Step
from app.detection.tally import Tallies
from app.errors import BadInputError


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, the last of the month where it has no such day; the first day that
    there is where that lies before it."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return date.min
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))


def since(as_of: date, months: int | None) -> date | None:
    """First day before the window of so many months that ends with `as_of`; None: no window."""
    return None if months is None else months_before(as_of, months)


class Strata:
    """The steps of one run over one ledger version: what they flag, and rows that wait to be committed.

    `rules` are all that steps work for, asked in this run or not: a run of few rules leaves the graph the
    numbers of the others. `parameters` are those of every rule, by rule id. With a `scope` steps are run for
    these keys alone, and leave what the casebook has of others as it is.
    """

    def __init__(
        self,
        steps: Mapping[str, Step],
        rules: Mapping[str, Rule],
        parameters: Mapping[str, dict[str, Any]],
        connect: Callable[[], duckdb.DuckDBPyConnection],
        casebook: Casebook,
        *,
        as_of: date,
        ledger_version: int,
        scope: Scope | None = None,
    ) -> None:
        self.flags = Flags()
        self._scope = scope
        self._steps, self._rules, self._casebook = steps, rules, casebook
        self._parameters = dict(parameters)
        self._as_of, self._ledger_version = as_of, ledger_version
        self._connect, self._open = connect, ExitStack()
        self._tallies: dict[int | None, Tallies] = {}
        self._waiting: dict[str, Rows] = {}
        self._communities: dict[str, tuple[Sequence[tuple[str, ...]], list[Registered]]] = {}

    def __enter__(self) -> "Strata":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, name: str) -> None:
        """Run a step; its rows wait for `commit`."""
        months = self._window(name)
        context = Context(
            tallies=self._of_window(months),
            since=since(self._as_of, months),
            until=self._as_of,
            parameters=self._parameters,
            asking=sorted(rule.id for rule in self._needing(name)),
            flags=self.flags,
            register=self._register,
            protections=self._protections,
        )
        self._waiting[name] = self._steps[name].run(context)

    @property
    def waiting(self) -> bool:
        """Whether rows wait to be committed."""
        return bool(self._waiting)

    def commit(self) -> Change:
        """Write what waits into the casebook, as a difference, in one transaction; gives that change."""
        with self._casebook.change() as change:
            for step, rows in self._waiting.items():
                self._replace(change, step, rows)
            for kind, (found, registered) in self._communities.items():
                keep(change, kind, found, registered, self._ledger_version)
        self._waiting.clear()
        self._communities.clear()
        return change

    def _replace(self, change: Change, step: str, rows: Rows) -> None:
        nodes = [
            {"label": label, "key": key, "step": step, "properties": _text(properties)}
            for (label, key), properties in sorted(rows.nodes.items())
        ]
        names = ("type", "start_label", "start_key", "end_label", "end_key")
        relationships = [
            {**dict(zip(names, identity, strict=True)), "step": step, "properties": _text(properties)}
            for identity, properties in sorted(rows.relationships.items())
        ]
        if self._scope is None:
            change.replace(DerivedNode, nodes, step=step)
            change.replace(DerivedRelationship, relationships, step=step)
            return
        scope, whole = self._scope, self._steps[step].whole

        def of_node(row: Mapping[str, Any]) -> bool:
            return row["label"] in whole or row["key"] in scope.of(row["label"])

        def about(row: Mapping[str, Any]) -> bool:
            return row["end_key"] in scope.of(row["end_label"])

        change.replace(DerivedNode, nodes, of_node, step=step)
        change.replace(DerivedRelationship, relationships, about, step=step)

    def _needing(self, name: str) -> list[Rule]:
        return [rule for rule in self._rules.values() if name in rule.front.needs]

    def _window(self, name: str) -> int | None:
        """Months of the rules that need a step, itself or through another step."""
        above = [other for other, step in self._steps.items() if name in step.needs]
        months = {rule.front.window for step in (name, *above) for rule in self._needing(step)} - {None}
        if len(months) > 1:
            raise BadInputError(
                f"The step {name!r} is needed by rules of different windows: {sorted(map(str, months))}."
            )
        return next(iter(months), None)

    def _of_window(self, months: int | None) -> Tallies:
        if months not in self._tallies:
            connection = self._open.enter_context(self._connect())
            scope = self._scope
            of_some = {}
            if scope is not None:
                of_some = {"keys": scope.table("Enterprise"), "consumers": scope.table("Consumer")}
            self._tallies[months] = Tallies(
                connection,
                since=since(self._as_of, months),
                until=self._as_of,
                hold=scope is None,
                **of_some,
            )
        return self._tallies[months]

    def _protections(self) -> pa.Table:
        with self._casebook.read() as connection:
            return periods(connection)

    def _register(self, kind: str, found: list[tuple[str, ...]]) -> list[Registered]:
        with self._casebook.read() as connection:
            registered = match(connection, kind, found, self._ledger_version)
        self._communities[kind] = (found, registered)
        return registered


def _text(properties: Mapping[str, Any]) -> str:
    """Canonical, except that lists keep their order: two lists of a node may be read side by side."""
    lists = {name: value for name, value in properties.items() if isinstance(value, list)}
    plain = orjson.loads(canonical({name: value for name, value in properties.items() if name not in lists}))
    return orjson.dumps({**plain, **lists}, option=orjson.OPT_SORT_KEYS).decode()
