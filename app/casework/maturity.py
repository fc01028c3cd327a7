"""Draft, shadow, live: moves of rules by people, kept in the casebook and honoured by every detection.

The files of rules stay as they are. What a rule found is folded under its new maturity by the next detection;
decisions on its findings stay with them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from app.casebook.maturities import read_maturities
from app.casebook.models import MATURITIES
from app.casebook.rule_life_models import RuleMove
from app.casebook.store import Casebook, Change
from app.casework.said import checked, plain_day
from app.detection.catalogue import STEPS
from app.detection.rule import Rule
from app.detection.rulebook import load_rules, matured, together
from app.errors import BadInputError, NotFoundError

Row = dict[str, Any]


def move(casebook: Casebook, rule: str, to: str, *, expected: str, why: str, by: str, on: date) -> Row:
    """Move a rule to another maturity from the next detection on; gives the move, the change of the
    casebook that it is, and what follows from it.

    `expected` is the maturity that whoever decides has before him. Up it goes one at a time: what acts has
    run as a shadow. Raises NotFoundError for an unknown rule; BadInputError for an unknown maturity, another
    state than expected, a rule that others need, and as `checked` does.
    """
    with casebook.change(shown=False) as change:
        return record(change, rule, to, expected=expected, why=why, by=by, on=on)


def record(
    change: Change,
    rule: str,
    to: str,
    *,
    expected: str,
    why: str,
    by: str,
    on: date,
    proposal: int | None = None,
) -> Row:
    """The same within a change of the casebook that is open; `proposal` is one that is accepted by it."""
    told = checked(by, why)
    for one in (to, expected):
        if one not in MATURITIES:
            raise BadInputError(f"{one!r} is no maturity: give one of {', '.join(MATURITIES)}.")
    moved = read_maturities(change.connection)
    rules = matured(load_rules(STEPS), moved)
    if rule not in rules:
        raise NotFoundError(f"There is no rule {rule!r}: `cluegraph rules list` lists them.")
    now = rules[rule].front.maturity
    if now != expected:
        raise BadInputError(f"The rule {rule!r} is {now} by now, not {expected}: look at it again.")
    rises = MATURITIES.index(to) - MATURITIES.index(now)
    if not rises:
        raise BadInputError(f"The rule {rule!r} is {to} already.")
    if rises > 1:
        raise BadInputError(f"The rule {rule!r} is a {now}: move it to shadow first.")
    follows = _follows(rules, rule, to)
    newest = change.connection.execute(select(func.max(RuleMove.number))).scalar_one()
    entry = {
        "number": int(newest or 0) + 1,
        "rule": rule,
        "rule_version": rules[rule].front.version,
        "former": now,
        "maturity": to,
        "proposal": proposal,
        "on": on,
        **told,
    }
    change.put(RuleMove, [entry], rule=rule)
    return {**_plain(entry), "casebook_seq": change.seq, "follows": follows}


def moves(casebook: Casebook, rule: str | None = None) -> list[Row]:
    """Every move of all rules, or of one, the earliest first."""
    with casebook.read() as connection:
        return _moves(connection, rule)


def _moves(connection: Connection, rule: str | None) -> list[Row]:
    query = select(RuleMove.__table__).order_by(RuleMove.number)
    if rule is not None:
        query = query.where(RuleMove.rule == rule)
    return [_plain(dict(row)) for row in connection.execute(query).mappings()]


def _follows(rules: Mapping[str, Rule], rule: str, to: str) -> list[str]:
    """Rules that hear another number of base flags from then on; BadInputError where others need the rule."""
    try:
        together(matured(rules, {rule: to}), STEPS)
    except BadInputError:
        needing = sorted(name for name, one in rules.items() if rule in one.front.needs)
        raise BadInputError(
            f"The rule {rule!r} cannot be {to} beside {', '.join(needing) or 'what it needs'}: a rule acts "
            "on what is as mature as itself; move those that need it first."
        ) from None
    if not rules[rule].front.base or "live" not in (to, rules[rule].front.maturity):
        return []
    return sorted(name for name, one in rules.items() if hears_flags(one) and name != rule)


def hears_flags(rule: Rule) -> bool:
    """Whether a step before a rule reads base flags."""
    waiting, seen = [need for need in rule.front.needs if need in STEPS], set[str]()
    while waiting:
        name = waiting.pop()
        if STEPS[name].flags:
            return True
        seen.add(name)
        waiting += STEPS[name].needs - seen
    return False


def _plain(entry: Row) -> Row:
    return {**entry, "on": plain_day(entry["on"])}
