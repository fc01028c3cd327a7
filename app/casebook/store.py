"""The casebook as the rest of the application sees it: open, read, change, and count every change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from sqlalchemy import Connection, Engine, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.casebook.canonical import canonical
from app.casebook.derived import Derived, read_derived
from app.casebook.engine import make_engine, upgrade
from app.casebook.findings import FindingRecord, read_findings
from app.casebook.maturities import read_maturities
from app.casebook.models import MATURITIES, Base, Finding, Run, Watermark
from app.casebook.models import Sequence as SequenceRow
from app.errors import BadInputError, NotFoundError

_SEQUENCE, _SHOWN, _BEFORE = "casebook", "shown", "shown before"


@dataclass(frozen=True)
class Written:
    """One row that a change wrote: as it was (None: it was not there), and as it is (None: it is gone)."""

    model: type[Base]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass
class Change:
    """One transaction that changes the casebook. `seq` is the number it gets if anything was written; `shown`
    says whether the graph shows what is written, `shown_before` is the change that it had to show before.
    `rows` are those that `put` and `replace` wrote."""

    connection: Connection
    seq: int
    shown: bool = True
    shown_before: int = 0
    written: int = 0
    rows: list[Written] = field(default_factory=list)

    def put(self, model: type[Base], rows: Sequence[dict[str, Any]], **scope: Any) -> int:
        """Insert or update whole rows by primary key; a row that is there already, equal, is not written.

        `scope` (column = value) bounds what is compared. Returns how many rows were written.
        """
        old = self._rows(model, scope)
        keys = [column.name for column in model.__table__.primary_key]
        fresh = [row for row in rows if not _holds(old.get(tuple(row[key] for key in keys)), row)]
        if fresh:
            insert = postgresql_insert if self.connection.dialect.name == "postgresql" else sqlite_insert
            statement = insert(model)
            values = {name: statement.excluded[name] for name in fresh[0] if name not in keys}
            statement = (
                statement.on_conflict_do_update(index_elements=keys, set_=values)
                if values
                else statement.on_conflict_do_nothing(index_elements=keys)
            )
            self.connection.execute(statement, fresh)
            self.written += len(fresh)
            self.rows += [Written(model, old.get(tuple(row[key] for key in keys)), row) for row in fresh]
        return len(fresh)

    def replace(
        self,
        model: type[Base],
        rows: Sequence[dict[str, Any]],
        among: Callable[[dict[str, Any]], bool] | None = None,
        **scope: Any,
    ) -> int:
        """Make the rows of `scope` exactly `rows`, writing the difference. Returns how many were written.

        With `among`, rows of the scope for which it is not true are left as they are.
        """
        keys = [column.name for column in model.__table__.primary_key]
        old = self._rows(model, scope)
        gone = {key for key, row in old.items() if among is None or among(row)}
        gone -= {tuple(row[key] for key in keys) for row in rows}
        if gone:
            match = and_(*(model.__table__.c[key] == bindparam(f"old_{key}") for key in keys))
            self.connection.execute(
                delete(model.__table__).where(match),  # type: ignore[arg-type]
                [{f"old_{key}": value for key, value in zip(keys, row, strict=True)} for row in sorted(gone)],
            )
            self.written += len(gone)
            self.rows += [Written(model, old[key], None) for key in sorted(gone)]
        return len(gone) + self.put(model, rows, **scope)

    def _rows(self, model: type[Base], scope: dict[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
        table = model.__table__
        keys = [column.name for column in table.primary_key]
        query = select(table).where(*(table.c[name] == value for name, value in scope.items()))
        rows = (dict(row) for row in self.connection.execute(query).mappings())
        return {tuple(row[key] for key in keys): row for row in rows}

    def set_watermark(self, name: str, ledger_version: int, state: Any) -> None:
        """Say in this transaction how far the job `name` has come."""
        row = {"name": name, "ledger_version": ledger_version, "state": canonical(state)}
        self.put(Watermark, [row])


def _sequence(connection: Connection, name: str) -> int:
    return int(connection.execute(select(SequenceRow.value).where(SequenceRow.name == name)).scalar_one())


def _holds(old: dict[str, Any] | None, new: dict[str, Any]) -> bool:
    return old is not None and all(old[name] == value for name, value in new.items())


class Casebook:
    """Findings and decisions, the registry of communities, and what detection gives the graph."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the casebook at a SQLAlchemy address and bring its tables up to date.

        Raises BadInputError for an address that cannot be used, UnavailableError where nothing answers.
        """
        engine = make_engine(url)
        upgrade(engine)
        return cls(engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state and takes no lock that a writer would wait for."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(
                **{"cluegraph_reading": True}
                if self.engine.dialect.name == "sqlite"
                else {"isolation_level": "REPEATABLE READ"}
            )
            with connection.begin():
                yield connection

    @contextmanager
    def change(self, *, shown: bool = True) -> Iterator[Change]:
        """One transaction; casebook_seq grows by one if it wrote anything, and not otherwise.

        `shown` is false where nothing that is written appears in the graph, which then need not follow.
        """
        with self.engine.begin() as connection:
            row = select(SequenceRow.value).where(SequenceRow.name == _SEQUENCE).with_for_update()
            value = connection.execute(row).scalar_one()
            change = Change(connection, value + 1, shown, _sequence(connection, _SHOWN))
            yield change
            if change.written:
                now = {_SEQUENCE: change.seq}
                if change.shown:
                    now |= {_SHOWN: change.seq, _BEFORE: change.shown_before}
                for name, value in now.items():
                    connection.execute(
                        update(SequenceRow).where(SequenceRow.name == name).values(value=value)
                    )

    def seq(self) -> int:
        """casebook_seq: how many changes were committed."""
        with self.read() as connection:
            return _sequence(connection, _SEQUENCE)

    def last_shown(self) -> tuple[int, int]:
        """casebook_seq of the last change that the graph must show, and of the one before it."""
        with self.read() as connection:
            return _sequence(connection, _SHOWN), _sequence(connection, _BEFORE)

    def shown_by(self, seq: int) -> bool:
        """Whether a graph that stands at casebook_seq `seq` shows all that it must.

        It does not where it stands at a later one than there is: this casebook was put back from a backup.
        """
        with self.read() as connection:
            return _sequence(connection, _SHOWN) <= seq <= _sequence(connection, _SEQUENCE)

    def watermark(self, name: str) -> tuple[int, Any] | None:
        """(ledger version, state) that the job `name` has come to, or None where it never finished."""
        with self.read() as connection:
            row = connection.execute(select(Watermark).where(Watermark.name == name)).mappings().first()
        return None if row is None else (int(row["ledger_version"]), orjson.loads(row["state"]))

    def runs(self) -> list[dict[str, Any]]:
        """The latest run of each rule: version, as_of, ledger version, looked at, judgeable, found."""
        with self.read() as connection:
            return [
                dict(row) for row in connection.execute(select(Run.__table__).order_by(Run.rule)).mappings()
            ]

    def findings(
        self,
        *,
        rule: str | None = None,
        severity: str | None = None,
        since: int | None = None,
        present: bool | None = True,
        maturity: str = "live",
    ) -> list[FindingRecord]:
        """Findings, the gravest first, within a severity by rule and score.

        `severity` means this one or graver; `since` keeps what was first seen or changed after that ledger
        version; `present=None` shows those that the data no longer shows as well; another `maturity` shows
        what rules found that are not live, which nothing else does.
        """
        if maturity not in MATURITIES:
            raise BadInputError(f"{maturity!r} is no maturity: give one of {', '.join(MATURITIES)}.")
        with self.read() as connection:
            return read_findings(
                connection, rule=rule, severity=severity, since=since, present=present, maturity=maturity
            )

    def finding(self, identity: str) -> FindingRecord:
        """One finding by id; raises NotFoundError."""
        with self.read() as connection:
            found = read_findings(connection, identity=identity, present=None)
        if not found:
            raise NotFoundError(f"There is no finding {identity!r}: 'cluegraph findings' lists them.")
        return found[0]

    def finding_row(self, identity: str) -> dict[str, Any]:
        """A finding's row of its table; raises NotFoundError."""
        with self.read() as connection:
            found = connection.execute(select(Finding.__table__).where(Finding.id == identity)).mappings()
            row = found.first()
        if row is None:
            raise NotFoundError(f"There is no finding {identity!r}: 'cluegraph findings' lists them.")
        return dict(row)

    def derived(self) -> tuple[Derived, int]:
        """All that the casebook gives the graph, and the casebook_seq it holds for, read at once."""
        with self.read() as connection:
            return read_derived(connection), _sequence(connection, _SEQUENCE)

    def maturities(self) -> dict[str, str]:
        """Maturity of every rule that a person has moved, by rule id: it holds, whatever the file says."""
        with self.read() as connection:
            return read_maturities(connection)
