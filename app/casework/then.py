"""The past: which version the ledger had on a day, and what the casebook knew by then."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, select

from app.casebook.models import Community, CommunityMember
from app.casebook.protection_models import Protection, ProtectionHistory
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.local_time import LOCAL
from loaders.ledger.ledger import Ledger

Row = dict[str, Any]
_LAST_LOAD_BEFORE = 'SELECT coalesce(max(load_seq), 0) FROM loads WHERE epoch_us("at") < ?'
_DAY_OF_LOAD = 'SELECT epoch_us("at") FROM loads WHERE load_seq = ?'


def version_before(ledger: Ledger, day: date) -> int:
    """The ledger version at which a day (Asia/Shanghai) began; 0 where nothing had been loaded."""
    midnight = int(datetime.combine(day, time(), LOCAL).timestamp()) * 1_000_000
    with ledger.connect() as connection:
        row = connection.execute(_LAST_LOAD_BEFORE, [midnight]).fetchone()
    return int(row[0]) if row else 0


def day_of(ledger: Ledger, version: int) -> date | None:
    """The day (Asia/Shanghai) of the load that made a version; None where the load does not say."""
    with ledger.connect() as connection:
        row = connection.execute(_DAY_OF_LOAD, [version]).fetchone()
    return None if row is None or row[0] is None else datetime.fromtimestamp(row[0] / 1_000_000, LOCAL).date()


def past_version(ledger: Ledger, version: int | None, day: date | None) -> int:
    """The version that is meant by a number or by a day, at whose end it held.

    Raises BadInputError where both or neither are given, or the ledger has no such version.
    """
    if (version is None) == (day is None):
        raise BadInputError("Say when: a ledger version, or the day at whose end it held, one of them.")
    at = version if version is not None else version_before(ledger, (day or date.min) + date.resolution)
    if not 1 <= at <= ledger.version:
        when = f"version {version}" if version is not None else f"version of {day}"
        raise BadInputError(f"The ledger has no {when}; it has those from 1 to {ledger.version}.")
    return at


def copy_past(of: Casebook, into: Casebook, day: date | None) -> None:
    """Give an empty casebook what rules may know of another as it was on a day (None: as it is now).

    That are protections as they had been recorded by then, and the ids of communities: names under which
    findings of then and now are the same, and no more.
    """
    with of.read() as connection:
        protections, history = _protections(connection, day)
        communities = [dict(row) for row in connection.execute(select(Community.__table__)).mappings()]
        members = [dict(row) for row in connection.execute(select(CommunityMember.__table__)).mappings()]
    with into.change() as change:
        for model, rows in (
            (Protection, protections),
            (ProtectionHistory, history),
            (Community, communities),
            (CommunityMember, members),
        ):
            change.put(model, rows)


def _protections(connection: Connection, day: date | None) -> tuple[list[Row], list[Row]]:
    """Protections and their history as they stood on a day: what was done later had not been done."""
    query = select(ProtectionHistory.__table__).order_by(
        ProtectionHistory.protection, ProtectionHistory.number
    )
    history = [dict(row) for row in connection.execute(query).mappings() if day is None or row["on"] <= day]
    last = {row["protection"]: row for row in history}
    rows = connection.execute(select(Protection.__table__).order_by(Protection.number)).mappings()
    then = [
        {**row, **{name: last[row["number"]][name] for name in ("until", "lifted")}}
        for row in rows
        if row["number"] in last
    ]
    return then, history
