"""Scores of all rules over a world, and the recall of differences between documents."""

from collections.abc import Iterable, Mapping

from app.detection.catalogue import STEPS
from app.detection.rulebook import load_rules
from world import Truth
from world.scoring import Finding, Score, score_rule

RULES = tuple(sorted(load_rules(STEPS)))


def score(truth: Truth, findings: Iterable[Finding]) -> list[Score]:
    """Score every rule; findings that the data no longer shows do not count."""
    every = list(findings)
    return [score_rule(truth, rule, [one for one in every if one["rule"] == rule]) for rule in RULES]


def difference_recall(truth: Truth, seen: Mapping[str, set[str]]) -> dict[str, tuple[int, int, int]]:
    """For each difference: (sales that the truth names, those of them seen, seen beyond them)."""
    out = {}
    for name, ways in truth.differences.items():
        told = {sale for sales in ways.values() for sale in sales}
        found = seen.get(name, set())
        out[name] = (len(told), len(told & found), len(found - told))
    return out
