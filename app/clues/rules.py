"""Rules as people look at them: what each asks, how far it is trusted, and what its last run looked at."""

from typing import Any

from app.casebook.store import Casebook
from app.detection.catalogue import STEPS
from app.detection.rule import Rule
from app.detection.rulebook import load_rules
from app.errors import NotFoundError
from loaders.ledger.ledger import Ledger

_RUN = (
    "ledger_version",
    "loads_behind",
    "loaded",
    "as_of",
    "rule_version",
    "looked_at",
    "judgeable",
    "found",
)


def rule_list(casebook: Casebook | None, ledger: Ledger | None = None) -> list[dict[str, Any]]:
    """Every rule by id, with the numbers of its last run; null where it never ran or no casebook is given.

    With the `ledger` how fresh that is: loads that it has not seen, and when the last was made that it has.
    """
    runs = _runs(casebook, ledger)
    return [_head(rule, runs) for _, rule in sorted(_rules(casebook).items())]


def one_rule(identity: str, casebook: Casebook | None, ledger: Ledger | None = None) -> dict[str, Any]:
    """All of one rule: the same, and its reason, parameters, needs, statements. Raises NotFoundError."""
    rules = _rules(casebook)
    if identity not in rules:
        raise NotFoundError(f"There is no rule {identity!r}: the rules are {', '.join(sorted(rules))}.")
    rule = rules[identity]
    front = rule.front.model_dump(mode="json", exclude={"id", "subject"})
    return {**_head(rule, _runs(casebook, ledger)), **front, "query": rule.cypher}


def _rules(casebook: Casebook | None) -> dict[str, Rule]:
    return load_rules(STEPS, moved=None if casebook is None else casebook.maturities())


def _runs(casebook: Casebook | None, ledger: Ledger | None) -> dict[str, dict[str, Any]]:
    loads = {} if ledger is None else ledger.loads()
    return {
        run["rule"]: run
        | {
            "loads_behind": None if ledger is None else sum(load > run["ledger_version"] for load in loads),
            "loaded": loads.get(run["ledger_version"]),
        }
        for run in ([] if casebook is None else casebook.runs())
    }


def _head(rule: Rule, runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    front, run = rule.front, runs.get(rule.id)
    return {
        "id": rule.id,
        "version": front.version,
        "title": front.title.model_dump(),
        "maturity": front.maturity,
        "scope": front.scope,
        "risk": front.risk,
        "base": front.base,
        "subjects": rule.subjects,
        "last_run": run and {name: run[name] for name in _RUN},
    }
