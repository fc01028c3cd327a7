"""A rule against a generated world: what it found of what was planted, what it missed, what it got wrong."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import world
from app.casebook.store import Casebook
from app.casework.trial import Tell, rules_with, scratch, trial
from app.errors import BadInputError
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import load
from world.scoring import Score, score_rule

_LARGE = 20_000
"""Sales of a world in which every scheme has room to plant its cases."""

Row = dict[str, Any]


def try_in_world(
    settings: Settings,
    named: str,
    moved: dict[str, str],
    *,
    orders: int,
    seed: int,
    kind: world.WorldKind = "standard",
    tell: Tell = lambda *_: None,
) -> Row:
    """Make a world, run what a rule needs over it and ask it; `named` and `moved` as for `rules_with`.

    Precision is null where nothing was found, recall where nothing had to be. Raises BadInputError for a
    world that cannot be made, and for a rule for which none plants anything: nothing could be said of it.
    """
    identity, rules, _ = rules_with(named, moved)
    with scratch(settings) as own:
        begun = time.perf_counter()
        tell("making the world")
        files = own.data / "world"
        truth = world.make(files, orders=orders, seed=seed, format="csv", kind=kind)
        standard = truth if kind == "standard" else _standard(own, orders, seed)
        if not _plants(standard, identity):
            raise BadInputError(_why_not(own, identity, orders, seed))
        ledger = Ledger.open(own.ledger_folder)
        load(ledger, Keys.open(own.key_file), [files], at=datetime.now(UTC))
        made = round(time.perf_counter() - begun, 1)
        with trial(own, ledger, _nothing, tell) as tried:
            answer = tried.ask(rules, identity, tell)
            seconds, megabytes = {"making the world": made, **tried.seconds}, tried.megabytes
    scored = score_rule(truth, identity, [one.as_dict() for one in answer.findings])
    return {
        "rule": identity,
        "version": answer.rule.front.version,
        "world": {"orders": orders, "seed": seed, "kind": kind},
        "looked_at": answer.report.looked_at,
        "judgeable": answer.report.judgeable,
        **_told(scored),
        "seconds": seconds,
        "megabytes": megabytes,
    }


def _told(scored: Score) -> Row:
    return {
        "planted": scored.planted,
        "found": scored.found,
        "findings": scored.findings,
        "right": scored.right,
        "precision": scored.precision if scored.findings else None,
        "recall": scored.recall if scored.planted else None,
        "missed": scored.missed,
        "wrong": scored.wrong,
        "look_alikes": scored.hit,
    }


def _nothing(_casebook: Casebook) -> None:
    """A world has no protections, and no communities that were known before."""


def _plants(truth: world.Truth, identity: str) -> bool:
    return any(one["rule"] == identity for one in truth.planted)


def _standard(own: Settings, orders: int, seed: int) -> world.Truth:
    folder: Path = own.data / f"standard-{orders}"
    return world.make(folder, orders=orders, seed=seed, format="csv", kind="standard")


def _why_not(own: Settings, identity: str, orders: int, seed: int) -> str:
    if orders < _LARGE and _plants(_standard(own, _LARGE, seed), identity):
        return (
            f"A world of {orders:,} sales is too small to plant anything for {identity!r}: one of {_LARGE:,} "
            "does; give more --orders."
        )
    return (
        f"No world plants anything for {identity!r}, so that a test could say nothing of it: try it on "
        "documents of your own with `cluegraph rules backtest`."
    )
