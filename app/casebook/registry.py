"""Ids of communities: a community keeps its id while at least half of its members stay."""

import hashlib
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.casebook.canonical import canonical
from app.casebook.models import Community, CommunityMember
from app.casebook.store import Change


@dataclass(frozen=True)
class Registered:
    """A community's id, and the ids that it split from or took in."""

    id: str
    split_from: tuple[str, ...]
    merged_from: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    id: str
    first_seen: int
    live: bool
    members: frozenset[str]
    split_from: tuple[str, ...]
    merged_from: tuple[str, ...]


def match(
    connection: Connection,
    kind: str,
    found: Sequence[Sequence[str]],
    ledger_version: int,
    *,
    least_overlap: float = 0.5,
) -> list[Registered]:
    """Ids for the communities of a run (each the keys of its members), in the same order; nothing is written.

    Pairs of known and new ones by Jaccard, greatest first, at least `least_overlap`, ties by the older id,
    one to one. One without a partner gets an id from its kind, members and ledger version.
    """
    known = _known(connection, kind)
    members = [frozenset(keys) for keys in found]
    pairs = sorted(
        (-len(old.members & new) / len(old.members | new), old.first_seen, old.id, index)
        for old in known
        for index, new in enumerate(members)
        if len(old.members & new) >= least_overlap * len(old.members | new)
    )
    by_id = {old.id: old for old in known}
    partner: dict[int, _Known] = {}
    for _, _, identity, index in pairs:
        if index not in partner and identity in by_id:
            partner[index] = by_id.pop(identity)
    taken = {old.id for old in partner.values()}
    return [
        _registered(kind, new, partner.get(index), known, taken, ledger_version)
        for index, new in enumerate(members)
    ]


def _registered(
    kind: str,
    members: frozenset[str],
    partner: _Known | None,
    known: list[_Known],
    taken: set[str],
    ledger_version: int,
) -> Registered:
    if partner is None:
        split = sorted(old.id for old in known if 2 * len(old.members & members) >= len(members) > 0)
        return Registered(_new_id(kind, members, ledger_version), tuple(split), ())
    merged = {
        old.id
        for old in known
        if old.live and old.id not in taken and 2 * len(old.members & members) >= len(old.members) > 0
    }
    return Registered(partner.id, partner.split_from, tuple(sorted(merged | set(partner.merged_from))))


def _new_id(kind: str, members: frozenset[str], ledger_version: int) -> str:
    text = "\x1f".join((kind, str(ledger_version), *sorted(members)))
    digest = hashlib.blake2b(text.encode(), digest_size=10, person=b"cg:community").digest()
    return b32encode(digest).decode().lower()


def keep(
    change: Change,
    kind: str,
    found: Sequence[Sequence[str]],
    registered: Sequence[Registered],
    ledger_version: int,
) -> None:
    """Write ids, members and origins of a run's communities; those that are gone keep their last members."""
    known = {old.id: old for old in _known(change.connection, kind)}
    for keys, entry in zip(found, registered, strict=True):
        old = known.pop(entry.id, None)
        same = old is not None and old.live and old.members == frozenset(keys)
        if (
            same
            and old is not None
            and (old.split_from, old.merged_from) == (entry.split_from, entry.merged_from)
        ):
            continue
        first_seen = ledger_version if old is None else old.first_seen
        change.put(Community, [_row(entry, kind, first_seen, ledger_version, live=True)], id=entry.id)
        rows = [{"community": entry.id, "member": key} for key in sorted(keys)]
        change.replace(CommunityMember, rows, community=entry.id)
    for old in known.values():
        if old.live:
            entry = Registered(old.id, old.split_from, old.merged_from)
            change.put(Community, [_row(entry, kind, old.first_seen, ledger_version, live=False)], id=old.id)


def _row(entry: Registered, kind: str, first_seen: int, changed: int, *, live: bool) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": kind,
        "first_seen": first_seen,
        "last_changed": changed,
        "live": live,
        "split_from": canonical(entry.split_from),
        "merged_from": canonical(entry.merged_from),
    }


def _known(connection: Connection, kind: str) -> list[_Known]:
    members: dict[str, set[str]] = {}
    for row in connection.execute(select(CommunityMember.community, CommunityMember.member)):
        members.setdefault(row.community, set()).add(row.member)
    query = select(Community.__table__).where(Community.kind == kind).order_by(Community.id)
    return [
        _Known(
            row["id"],
            row["first_seen"],
            row["live"],
            frozenset(members.get(row["id"], ())),
            tuple(orjson.loads(row["split_from"])),
            tuple(orjson.loads(row["merged_from"])),
        )
        for row in connection.execute(query).mappings()
    ]
