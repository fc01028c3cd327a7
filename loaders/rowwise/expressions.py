"""Expressions of SQL as functions of the rows at hand: one row of each table that a SELECT reads."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp, parse_one

from loaders.rowwise.functions import (
    FUNCTIONS,
    days_between,
    null_for_null,
    to_date,
    to_decimal,
    to_integer,
    try_integer,
)

Row = dict[str, Any]
Rows = tuple[Any, ...]
"""A row of each source; of a lambda, or a macro, what it was given."""
Value = Callable[[Rows], Any]
_ORDER: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.RegexpFullMatch: ("this", "expression"),
    exp.Translate: ("this", "from_", "to"),
    exp.StrPosition: ("this", "substr"),
    exp.Substring: ("this", "start", "length"),
    exp.Round: ("this", "decimals"),
    exp.UnixToTime: ("this", "scale"),
}
"""Arguments of a node in the order of its function; of others, `this`, `expression`, `expressions`."""


class UnsupportedError(NotImplementedError):
    """SQL that is not understood here."""


@dataclass(frozen=True)
class Macro:
    """A macro of SQL: names of what it is given, and what it stands for."""

    names: tuple[str, ...]
    body: exp.Expr


def read_macros(text: str) -> dict[str, Macro]:
    """Macros of a script of CREATE MACRO statements."""
    out: dict[str, Macro] = {}
    without_remarks = re.sub(r"--[^\n]*", "", text)
    for statement in filter(str.strip, without_remarks.split(";")):
        made = parse_one(statement, read="duckdb")
        head = made.this
        names = tuple(one.name for one in head.expressions)
        out[head.this.name] = Macro(names, made.expression)
    return out


@dataclass(frozen=True)
class Source:
    """A table of a SELECT: its name there, and its columns."""

    name: str
    columns: tuple[str, ...]


class Expressions:
    """Reads expressions over some sources. `values` are parameters; `subquery` reads a SELECT into a function
    that gives its rows."""

    def __init__(
        self,
        sources: Sequence[Source],
        macros: Mapping[str, Macro],
        values: Mapping[str, Any],
        subquery: Callable[[exp.Expr], Callable[[], list[Row]]] | None = None,
        given: tuple[str, ...] = (),
    ) -> None:
        self._sources, self._macros, self._values, self._subquery = sources, macros, values, subquery
        self._given = given

    def over(self, names: tuple[str, ...]) -> "Expressions":
        """Those of values that have these names, and of nothing else."""
        return Expressions((), self._macros, self._values, given=names)

    def read(self, node: exp.Expr) -> Value:
        """The function of a node."""
        match node:
            case exp.Paren() | exp.Alias():
                return self.read(node.this)
            case exp.Literal():
                value = node.this if node.is_string else _number(node.this)
                return _always(value)
            case exp.Null():
                return _always(None)
            case exp.Boolean():
                return _always(bool(node.this))
            case exp.Placeholder():
                return _always(self._values[node.this])
            case exp.Neg():
                return self._function(null_for_null(lambda value: -value), [node.this])
            case exp.Identifier():
                return self._column("", node.name)
            case exp.Column():
                return self._column(node.table, node.name)
            case exp.Dot():
                return self._field(self.read(node.this), node.expression.name)
            case exp.And() | exp.Or():
                return self._connected(node)
            case exp.Is():
                return self._is(node)
            case exp.In():
                return self._in(node)
            case exp.Between():
                first, last = (
                    kind(this=node.this, expression=node.args[name])
                    for kind, name in ((exp.GTE, "low"), (exp.LTE, "high"))
                )
                return self.read(exp.And(this=first, expression=last))
            case exp.Case():
                return self._case(node)
            case exp.Cast():
                return self._cast(node)
            case exp.Struct():
                return self._struct(node)
            case exp.Array():
                items = [self.read(one) for one in node.expressions]
                return lambda rows: [item(rows) for item in items]
            case exp.ArrayFilter():
                return self._filtered(node)
            case exp.DateDiff():
                if str(node.unit).upper() != "DAY":
                    raise UnsupportedError(f"date_diff of {node.unit}")
                return self._function(null_for_null(days_between), [node.expression, node.this])
            case exp.RegexpReplace():
                return self._replaced(node)
        return self._called(node)

    def _called(self, node: exp.Expr) -> Value:
        name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
        if name in self._macros:
            return self._macro(self._macros[name], node.expressions)
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnsupportedError(f"{name}: {node.sql('duckdb')[:80]}")
        if type(node) in _ORDER:
            arguments = [node.args[one] for one in _ORDER[type(node)] if node.args.get(one) is not None]
        else:
            own = () if isinstance(node, exp.Anonymous) else ("this", "expression")
            arguments = [node.args[one] for one in own if node.args.get(one) is not None]
            arguments += node.expressions
        return self._function(function, arguments)

    def _function(self, function: Callable[..., Any], arguments: Sequence[exp.Expr]) -> Value:
        match [self.read(one) for one in arguments]:
            case [one]:
                return lambda rows: function(one(rows))
            case [one, other]:
                return lambda rows: function(one(rows), other(rows))
            case several:
                return lambda rows: function(*(one(rows) for one in several))

    def _macro(self, macro: Macro, arguments: Sequence[exp.Expr]) -> Value:
        body = self.over(macro.names).read(macro.body)
        values = [self.read(one) for one in arguments]
        return lambda rows: body(tuple(value(rows) for value in values))

    def _column(self, table: str, name: str) -> Value:
        if not table and name in self._given:
            place = len(self._sources) + self._given.index(name)
            return lambda rows: rows[place]
        if table in self._given:
            return self._field(self._column("", table), name)
        found = [
            number
            for number, source in enumerate(self._sources)
            if name in source.columns and table in ("", source.name)
        ]
        if table and not found:  # a struct
            return self._field(self._column("", table), name)
        if len(found) != 1:
            raise UnsupportedError(f"the column {table}.{name}, which {len(found)} tables have")
        number = found[0]
        return lambda rows: rows[number].get(name)

    def _field(self, struct: Value, name: str) -> Value:
        def field(rows: Rows) -> Any:
            value = struct(rows)
            return None if value is None else value.get(name)

        return field

    def _connected(self, node: exp.Expr) -> Value:
        one, other = self.read(node.this), self.read(node.expression)
        decisive: bool = isinstance(node, exp.Or)

        def connected(rows: Rows) -> bool | None:
            first: bool | None = one(rows)
            if first is decisive:
                return decisive
            second: bool | None = other(rows)
            if second is decisive:
                return decisive
            return None if first is None or second is None else not decisive

        return connected

    def _is(self, node: exp.Is) -> Value:
        if not isinstance(node.expression, exp.Null):
            raise UnsupportedError(node.sql("duckdb"))
        value = self.read(node.this)
        return lambda rows: value(rows) is None

    def _in(self, node: exp.In) -> Value:
        value = self.read(node.this)
        if node.args.get("query") is not None:
            if self._subquery is None:
                raise UnsupportedError(node.sql("duckdb")[:80])
            asked = self._subquery(node.args["query"].this)

            def among(rows: Rows) -> bool | None:
                return _among(value(rows), [next(iter(row.values())) for row in asked()])

            return among
        items = [self.read(one) for one in node.expressions]
        return lambda rows: _among(value(rows), [item(rows) for item in items])

    def _case(self, node: exp.Case) -> Value:
        if node.this is not None:
            raise UnsupportedError("CASE of a value")
        branches = [(self.read(one.this), self.read(one.args["true"])) for one in node.args["ifs"]]
        default = node.args.get("default")
        otherwise = self.read(default) if default is not None else _always(None)

        def chosen(rows: Rows) -> Any:
            for condition, value in branches:
                if condition(rows) is True:
                    return value(rows)
            return otherwise(rows)

        return chosen

    def _cast(self, node: exp.Cast) -> Value:
        match node.to.this.name, isinstance(node, exp.TryCast):
            case "DECIMAL", False:
                places = int(node.to.expressions[1].name)
                return self._function(null_for_null(lambda value: to_decimal(value, places)), [node.this])
            case "INT" | "BIGINT", False:
                return self._function(null_for_null(to_integer), [node.this])
            case "BIGINT", True:
                return self._function(null_for_null(try_integer), [node.this])
            case "DATE", False:
                return self._function(null_for_null(to_date), [node.this])
        raise UnsupportedError(node.sql("duckdb")[:80])

    def _struct(self, node: exp.Struct) -> Value:
        fields = [(one.this.name, self.read(one.expression)) for one in node.expressions]
        return lambda rows: {name: value(rows) for name, value in fields}

    def _filtered(self, node: exp.ArrayFilter) -> Value:
        values, asked = self.read(node.this), node.expression
        if self._given or len(asked.expressions) != 1:
            raise UnsupportedError("a lambda within another, or of several names")
        inner = Expressions(
            self._sources, self._macros, self._values, given=(asked.expressions[0].name,)
        ).read(asked.this)

        def filtered(rows: Rows) -> list[Any] | None:
            found = values(rows)
            return None if found is None else [one for one in found if inner((*rows, one)) is True]

        return filtered

    def _replaced(self, node: exp.RegexpReplace) -> Value:
        if node.args["modifiers"].name != "g":
            raise UnsupportedError("regexp_replace of the first alone")
        pattern, by = re.compile(node.expression.name), node.args["replacement"].name
        return self._function(null_for_null(lambda text: pattern.sub(by, text)), [node.this])


def _always(value: Any) -> Value:
    return lambda _rows: value


def _among(value: Any, items: Sequence[Any]) -> bool | None:
    """IN."""
    if value is None:
        return None
    return True if value in items else (None if None in items else False)


def _number(text: str) -> Any:
    return int(text) if text.isdigit() else Decimal(text)
