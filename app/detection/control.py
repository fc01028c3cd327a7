"""Enterprises under one control: what they share in the register, and the groups that this makes."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

Pair = tuple[str, str]


@dataclass(frozen=True)
class ControlParameters:
    """Every number that decides; they come from the rule's file."""

    hub_cap: int  # enterprises of an attribute, above which it joins nobody
    minimum_shared: int  # kinds of attributes that two enterprises must share
    places: tuple[str, ...]  # kinds that landlords and hosts hand out: they join nobody without another kind


@dataclass(frozen=True)
class Controlled:
    """A group of enterprises (sorted), its pairs with the kinds that each shares (sorted), and how often each
    kind holds two members together: values shared inside."""

    members: tuple[str, ...]
    pairs: dict[Pair, tuple[str, ...]]
    shared: dict[str, int]


def controlled_groups(attributes: pa.Table, parameters: ControlParameters) -> list[Controlled]:
    """Components of the pairs that share enough, ordered by their smallest member.

    `attributes`: enterprise, kind, value (distinct rows). A value of more than `hub_cap` enterprises joins
    nobody: it is an agent's, a park's or a host's.
    """
    holders: dict[tuple[str, str], list[str]] = {}
    for row in attributes.to_pylist():
        holders.setdefault((row["kind"], row["value"]), []).append(row["enterprise"])
    joining = {key: who for key, who in holders.items() if 2 <= len(who) <= parameters.hub_cap}
    kinds: dict[Pair, set[str]] = {}
    for (kind, _), who in joining.items():
        for left, right in combinations(sorted(who), 2):
            kinds.setdefault((left, right), set()).add(kind)
    pairs = {
        pair: tuple(sorted(of))
        for pair, of in sorted(kinds.items())
        if len(of) >= parameters.minimum_shared and not of <= set(parameters.places)
    }
    return [_group(members, pairs, joining) for members in _components(pairs)]


def _components(pairs: dict[Pair, tuple[str, ...]]) -> list[tuple[str, ...]]:
    beside: dict[str, set[str]] = {}
    for left, right in pairs:
        beside.setdefault(left, set()).add(right)
        beside.setdefault(right, set()).add(left)
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for start in sorted(beside):
        if start in seen:
            continue
        group, waiting = {start}, [start]
        while waiting:
            fresh = beside[waiting.pop()] - group
            group |= fresh
            waiting += fresh
        seen |= group
        found.append(tuple(sorted(group)))
    return found


def _group(
    members: tuple[str, ...], pairs: dict[Pair, tuple[str, ...]], joining: dict[tuple[str, str], list[str]]
) -> Controlled:
    inside = set(members)
    shared = Counter(kind for (kind, _), who in joining.items() if len(inside.intersection(who)) >= 2)
    return Controlled(
        members,
        {pair: kinds for pair, kinds in pairs.items() if pair[0] in inside},
        dict(sorted(shared.items())),
    )
