"""SELECT statements over tables that are lists of rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import localcontext
from itertools import chain
from typing import Any

from sqlglot import exp, parse_one

from loaders.rowwise.expressions import Expressions, Macro, Row, Rows, Source, UnsupportedError, Value
from loaders.rowwise.functions import EXACT

Tables = Mapping[str, list[Row]]
_Read = Callable[[], list[Row]]
_Aggregate = Callable[[list[Rows]], Any]
_AGGREGATES: dict[type[exp.Expr], Callable[[list[Any]], Any]] = {
    exp.Sum: lambda values: sum(values[1:], values[0]) if values else None,
    exp.Min: lambda values: min(values, default=None),
    exp.Max: lambda values: max(values, default=None),
    exp.LogicalOr: lambda values: any(values) if values else None,
    exp.CountIf: lambda values: sum(values) if values else None,
    exp.Count: len,
}
"""Of the values that are not null."""


class Statement:
    """A statement, read once. `tables` are the columns of each table that it names."""

    def __init__(
        self,
        text: str,
        tables: Mapping[str, Sequence[str]],
        macros: Mapping[str, Macro],
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Raises UnsupportedError for SQL that is not understood here."""
        self._tables: Tables = {}
        self._macros, self._values = macros, values or {}
        known = {
            name: (tuple(columns), lambda name=name: self._tables[name]) for name, columns in tables.items()
        }
        self._held: list[_Held] = []
        self.columns, self._read = self._query(parse_one(text, read="duckdb"), known)

    def rows(self, tables: Tables) -> list[Row]:
        """Its rows, in no order, over these tables: rows with every column."""
        self._tables = tables
        for one in self._held:
            one.rows = None
        with localcontext(EXACT):
            return self._read()

    def _query(self, node: exp.Expr, known: "_Known") -> "_Relation":
        with_ = node.args.get("with_")
        for cte in with_.expressions if with_ else ():
            columns, read = self._query(cte.this, known)
            held = _Held(read)
            self._held.append(held)
            known = {**known, cte.alias: (columns, held)}
        match node:
            case exp.Subquery():
                return self._query(node.this, known)
            case exp.Union():
                return self._union(node, known)
            case exp.Select():
                return self._select(node, known)
        raise UnsupportedError(type(node).__name__)

    def _union(self, node: exp.Union, known: "_Known") -> "_Relation":
        if node.args.get("distinct"):
            raise UnsupportedError("UNION")
        (columns, one), (others, other) = self._query(node.this, known), self._query(node.expression, known)
        if node.args.get("by_name"):
            every = tuple(dict.fromkeys((*columns, *others)))
            return every, lambda: [{name: row.get(name) for name in every} for row in chain(one(), other())]
        return columns, lambda: [
            *one(),
            *({name: row[its] for name, its in zip(columns, others, strict=True)} for row in other()),
        ]

    def _select(self, node: exp.Select, known: "_Known") -> "_Relation":
        _only(node, "expressions", "from_", "joins", "where", "group", "distinct", "order", "with_")
        sources: list[Source] = []
        read = self._from(node, known, sources)
        expressions = self._expressions(sources, known)
        where = node.args.get("where")
        if where is not None:
            read = _kept(read, expressions.read(where.this))
        whole, rest = _whole_rows(node.expressions, sources)
        if whole and not node.args.get("group") and not node.args.get("distinct"):
            return self._widened(whole, rest, sources, expressions, read)
        outputs = list(_outputs(node.expressions, sources))
        names = tuple(name for name, _ in outputs)
        if node.args.get("group") or any(_aggregates(one) for _, one in outputs):
            return names, self._grouped(node, outputs, expressions, read)
        values = [(name, expressions.read(one)) for name, one in outputs]

        def told() -> list[Row]:
            return [{name: value(rows) for name, value in values} for rows in read()]

        if node.args.get("distinct"):
            _only(node.args["distinct"])
            return names, lambda: list({tuple(row.values()): row for row in told()}.values())
        return names, told

    def _widened(
        self,
        whole: Sequence[int],
        rest: Sequence[exp.Expr],
        sources: Sequence[Source],
        expressions: Expressions,
        read: Callable[[], list[Rows]],
    ) -> "_Relation":
        """Rows of some sources as they are, and more columns: much faster than each column by itself."""
        values = [(one.alias_or_name, expressions.read(one)) for one in rest]
        columns = [name for number in whole for name in sources[number].columns]

        def told() -> list[Row]:
            out: list[Row] = []
            for rows in read():
                row: Row = {}
                for number in whole:
                    row |= rows[number]
                for name, value in values:
                    row[name] = value(rows)
                out.append(row)
            return out

        return tuple(dict.fromkeys((*columns, *(name for name, _ in values)))), told

    def _expressions(self, sources: Sequence[Source], known: "_Known") -> Expressions:
        return Expressions(sources, self._macros, self._values, lambda asked: self._query(asked, known)[1])

    def _from(self, node: exp.Select, known: "_Known", sources: list[Source]) -> Callable[[], list[Rows]]:
        first = self._table(node.args["from_"].this, known, sources)

        def start() -> list[Rows]:
            return [(row,) for row in first()]

        read = start
        for join in node.args.get("joins") or ():
            before = len(sources)
            right = self._table(join.this, known, sources)
            read = self._joined(join, read, right, sources, before, known)
        return read

    def _table(self, node: exp.Expr, known: "_Known", sources: list[Source]) -> _Read:
        if isinstance(node, exp.Table):
            if node.name not in known:
                raise UnsupportedError(f"the table {node.name}, which there is none of")
            columns, read = known[node.name]
        else:
            columns, read = self._query(node, known)
        sources.append(Source(node.alias or node.name, columns))
        return read

    def _joined(
        self,
        join: exp.Join,
        left: Callable[[], list[Rows]],
        right: _Read,
        sources: Sequence[Source],
        before: int,
        known: "_Known",
    ) -> Callable[[], list[Rows]]:
        _only(join, "this", "side", "kind", "on")
        kind = f"{join.side} {join.kind}".strip() or "INNER"
        if kind == "CROSS":
            return lambda: [(*rows, row) for rows in left() for row in right()]
        if kind not in ("LEFT", "FULL", "INNER"):
            raise UnsupportedError(f"{kind} JOIN")
        of_left, of_right = self._keys(join.args["on"], sources, before, known)
        nothing = dict.fromkeys(sources[before].columns)
        none_before = tuple(dict.fromkeys(one.columns) for one in sources[:before])

        def joined() -> list[Rows]:
            places: dict[tuple[Any, ...], list[Row]] = {}
            others = right()
            for row in others:
                key = tuple(value((row,)) for value in of_right)
                if None not in key:
                    places.setdefault(key, []).append(row)
            out: list[Rows] = []
            met: set[int] = set()
            for rows in left():
                found = places.get(tuple(value(rows) for value in of_left), ())
                out += [(*rows, row) for row in found]
                if not found and kind != "INNER":
                    out.append((*rows, nothing))
                if kind == "FULL":
                    met |= {id(row) for row in found}
            if kind == "FULL":
                out += [(*none_before, row) for row in others if id(row) not in met]
            return out

        return joined

    def _keys(
        self, on: exp.Expr, sources: Sequence[Source], before: int, known: "_Known"
    ) -> tuple[list[Value], list[Value]]:
        """What has to be equal of the rows before, and of the row that is joined."""
        of_left, of_right = (
            self._expressions(sources[:before], known),
            self._expressions([sources[before]], known),
        )
        pairs: tuple[list[Value], list[Value]] = ([], [])
        for part in on.flatten() if isinstance(on, exp.And) else [on]:
            if not isinstance(part, exp.EQ):
                raise UnsupportedError(f"a join on {part.sql('duckdb')[:80]}")
            own, other = part.this, part.expression
            if _is_of(own, sources[before]):
                own, other = other, own
            pairs[0].append(of_left.read(own))
            pairs[1].append(of_right.read(other))
        return pairs

    def _grouped(
        self,
        node: exp.Select,
        outputs: Sequence[tuple[str, exp.Expr]],
        expressions: Expressions,
        read: Callable[[], list[Rows]],
    ) -> _Read:
        group = node.args.get("group")
        if group:
            _only(group, "expressions")
        keys = [expressions.read(one) for one in group.expressions] if group else []
        values = [(name, _of_group(one, expressions)) for name, one in outputs]

        def told() -> list[Row]:
            groups: dict[tuple[Any, ...], list[Rows]] = {} if group else {(): []}
            for rows in read():
                groups.setdefault(tuple(key(rows) for key in keys), []).append(rows)
            return [{name: value(rows) for name, value in values} for rows in groups.values()]

        return told


class _Held:
    """Rows of a WITH, worked out when they are first asked for."""

    def __init__(self, read: _Read) -> None:
        self._read = read
        self.rows: list[Row] | None = None

    def __call__(self) -> list[Row]:
        if self.rows is None:
            self.rows = self._read()
        return self.rows


_Relation = tuple[tuple[str, ...], _Read]
_Known = Mapping[str, _Relation]


def _kept(read: Callable[[], list[Rows]], condition: Value) -> Callable[[], list[Rows]]:
    return lambda: [rows for rows in read() if condition(rows) is True]


def _whole_rows(nodes: Sequence[exp.Expr], sources: Sequence[Source]) -> tuple[list[int], list[exp.Expr]]:
    """Sources whose stars come first and leave nothing out, and the expressions that follow."""
    whole: list[int] = []
    for place, node in enumerate(nodes):
        star = _star(node)
        if star is None or star[1]:
            return whole, list(nodes[place:])
        whole += [number for number, source in enumerate(sources) if star[0] in ("", source.name)]
    return whole, []


def _star(node: exp.Expr) -> tuple[str, set[str]] | None:
    """Of `*` and `table.*` the table (or "") and the columns that it leaves out; None of what is no star."""
    star = node.this if isinstance(node, exp.Column) else node
    if not isinstance(star, exp.Star):
        return None
    _only(star, "except_")
    table = node.table if isinstance(node, exp.Column) else ""
    return table, {one.name for one in star.args.get("except_") or ()}


def _only(node: exp.Expr, *known: str) -> None:
    """Refuse what a node has besides: to pass over it would give other rows."""
    for name, value in node.args.items():
        if value and name not in known:
            raise UnsupportedError(f"{name} of {node.sql('duckdb')[:80]}")


def _outputs(nodes: Sequence[exp.Expr], sources: Sequence[Source]) -> Iterator[tuple[str, exp.Expr]]:
    """Name and expression of each column, stars written out."""
    for node in nodes:
        star = _star(node)
        if star is None:
            yield node.alias_or_name, node
            continue
        table, left_out = star
        for source in sources:
            if table in ("", source.name):
                for name in source.columns:
                    if name not in left_out:
                        yield name, exp.column(name, table=source.name)


def _aggregates(node: exp.Expr) -> bool:
    return any(type(one) in _AGGREGATES or isinstance(one, exp.ArrayAgg) for one in node.walk())


def _is_of(node: exp.Expr, source: Source) -> bool:
    """Whether an expression is about one source alone."""
    return all(
        (one.table == source.name if one.table else one.name in source.columns)
        for one in node.find_all(exp.Column)
    )


def _of_group(node: exp.Expr, expressions: Expressions) -> _Aggregate:
    """The function of the rows of a group."""
    match node:
        case exp.Alias() | exp.Paren():
            return _of_group(node.this, expressions)
        case exp.Filter():
            where = node.expression
            condition = expressions.read(where.this)
            inner = _of_group(node.this, expressions)
            return lambda rows: inner([one for one in rows if condition(one) is True])
        case exp.ArrayAgg():
            return _listed(node, expressions)
        case exp.Count(this=exp.Star()):
            return len
    if type(node) in _AGGREGATES:
        combine, value = _AGGREGATES[type(node)], expressions.read(node.this)
        return lambda rows: combine([told for one in rows if (told := value(one)) is not None])
    if not _aggregates(node):  # of the group's keys
        key = expressions.read(node)
        return lambda rows: key(rows[0])
    return _over_aggregates(node, expressions)


def _over_aggregates(node: exp.Expr, expressions: Expressions) -> _Aggregate:
    """An expression of aggregates: each is worked out, and stands in its place."""
    node = node.copy()
    parts: list[_Aggregate] = []
    names: list[str] = []
    for one in [found for found in node.walk() if type(found) in _AGGREGATES]:
        names.append(f"aggregate_{len(names)}")
        parts.append(_of_group(one.copy(), expressions))
        one.replace(exp.column(names[-1]))
    whole = expressions.over(tuple(names)).read(node)
    return lambda rows: whole(tuple(part(rows) for part in parts))


def _listed(node: exp.ArrayAgg, expressions: Expressions) -> _Aggregate:
    """list(DISTINCT … ORDER BY the same): null where there is nothing."""
    order = node.this
    if not isinstance(order, exp.Order) or not isinstance(order.this, exp.Distinct):
        raise UnsupportedError(node.sql("duckdb"))
    (one,), (by,) = order.this.expressions, order.expressions
    if one != by.this:
        raise UnsupportedError(node.sql("duckdb"))
    value = expressions.read(one)
    return lambda rows: sorted({value(row) for row in rows}) or None
