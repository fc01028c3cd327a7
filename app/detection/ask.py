"""Asking a rule: of every subject or of some, and the findings that its rows make."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

from neo4j.exceptions import ClientError

from app.casebook.canonical import canonical
from app.detection.results import (
    canonical_result,
    evidence_query,
    finding_id,
    result_of,
    statements,
    subject_of,
)
from app.detection.rule import GIVEN, Rule
from app.detection.strata import since
from app.errors import BadInputError
from app.graph.driver import Graph

EVIDENCE_LIMIT = 50
"""How many documents a finding names; how to get the others stands beside them."""

Row = dict[str, Any]


@dataclass
class Asked:
    """What a rule answered."""

    rule: Rule
    values: Row
    rows: list[Row]
    denominator: dict[str, int]


def ask(graph: Graph, rule: Rule, as_of: date, subjects: Iterable[str] | None = None) -> Asked:
    """What a rule answers on a day, about every subject or about these keys alone.

    A local rule answers about some subjects what it answers about all of them, except that `found` of the
    denominator counts these alone. A global rule's numbers are those of the last run of its steps.
    """
    values = _values(rule, as_of, subjects)
    rows = _read(graph, rule.cypher, values)
    rows.sort(key=lambda row: subject_of(rule, row))
    denominator = {
        "looked_at": _count(graph, rule.front.population, values),
        "judgeable": _count(graph, rule.front.judgeable, values),
        "found": len(rows),
    }
    return Asked(rule, values, rows, denominator)


def explain(graph: Graph, rule: Rule) -> None:
    """Have Neo4j read each statement of a rule without running it; raises BadInputError where it cannot."""
    values = {**_values(rule, date.today()), "subject": ""}
    front = rule.front
    for name, statement in (
        ("the query", rule.cypher),
        ("population", front.population),
        ("judgeable", front.judgeable),
        ("picture", front.picture),
    ):
        try:
            _read(graph, "EXPLAIN " + statement, values)
        except ClientError as error:
            raise BadInputError(f"{rule.path.name}: Neo4j cannot read {name}: {error.message}") from None


def _values(rule: Rule, as_of: date, subjects: Iterable[str] | None = None) -> Row:
    first = since(as_of, rule.front.window)
    return {
        **rule.parameters,
        "subjects": None if subjects is None else sorted(subjects),
        "since": first.isoformat() if first else None,
        "as_of": as_of.isoformat(),
        "evidence_limit": EVIDENCE_LIMIT,
    }


def _read(graph: Graph, statement: str, values: Mapping[str, Any]) -> list[Row]:
    # A rule's statement ships with the package, and was checked when it was loaded.
    return graph.read(statement, **values)


def _count(graph: Graph, statement: str, values: Mapping[str, Any]) -> int:
    (row,) = _read(graph, statement, values)
    return int(next(iter(row.values())))


def findings_of(
    answer: Asked,
    names: Callable[[str, str], str],
    as_of: date,
    version: int,
    graph_version: Mapping[str, Any],
) -> dict[str, Row]:
    """Id → columns of the findings table that the machine owns, one a row of the answer."""
    rule = answer.rule
    shown = {name: value for name, value in answer.values.items() if name not in GIVEN - {"evidence_limit"}}
    findings: dict[str, Row] = {}
    for row in answer.rows:
        kind, key = subject_of(rule, row)
        evidence = {**row["evidence"], "query": evidence_query(row["evidence"], key, answer.values)}
        result = result_of(rule, {**row, "evidence": evidence}, answer.denominator, names)
        query, picture = statements(rule, key, answer.values)
        findings[finding_id(rule.id, kind, key)] = {
            "rule": rule.id,
            "rule_version": rule.front.version,
            "maturity": rule.front.maturity,
            "parameters": canonical(shown),
            "window_months": rule.front.window,
            "as_of": as_of,
            "ledger_version": version,
            "graph_version": canonical(dict(graph_version)),
            "subject_kind": kind,
            "subject_key": key,
            "severity": result["severity"],
            "score": result["score"],
            "result": canonical_result(result),
            "query": query,
            "picture": picture,
        }
    return findings


def names_of(graph: Graph, asked: list[Asked]) -> Callable[[str, str], str]:
    """Names of all subjects and members; the key itself where the graph has no name."""
    wanted: set[str] = set()
    for answer in asked:
        for row in answer.rows:
            wanted |= {subject_of(answer.rule, row)[1], *(part["key"] for part in row["members"])}
    query: LiteralString = (
        "MATCH (e:Enterprise|BusinessSite) WHERE e.code IN $codes RETURN e.code AS code, e.name AS name"
    )
    known = {row["code"]: row["name"] for row in graph.read(query, codes=sorted(wanted)) if row["name"]}
    return lambda _kind, key: known.get(key, key)
