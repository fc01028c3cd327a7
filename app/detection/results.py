"""From rows of a rule to findings: the result part, canonical, and the record that the casebook keeps."""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from app.casebook.canonical import canonical
from app.detection.cypher_text import parameters_used, write_in
from app.detection.rule import Rule
from app.errors import BadInputError

Names = Callable[[str, str], str]
"""Name of a node by (label, key)."""

_NOT_NUMBERS = ("subject", "kind", "members", "evidence", "score")


def finding_id(rule: str, kind: str, key: str) -> str:
    """The id of a suspicion, for ever: 26 characters of rule id and subject."""
    digest = hashlib.blake2b("\x1f".join((rule, kind, key)).encode(), digest_size=16, person=b"cg:finding")
    return b32encode(digest.digest()).decode().rstrip("=").lower()


def subject_of(rule: Rule, row: Mapping[str, Any]) -> tuple[str, str]:
    """(label, key) of the subject of a row; raises BadInputError where the row does not say it."""
    kind = row.get("kind") if len(rule.subjects) > 1 else rule.subjects[0]
    if kind not in rule.subjects or not isinstance(row.get("subject"), str):
        raise BadInputError(
            f"{rule.path.name}: a row does not say its subject, or one that is none of {rule.subjects}."
        )
    return str(kind), str(row["subject"])


def result_of(
    rule: Rule, row: Mapping[str, Any], denominator: Mapping[str, int], names: Names
) -> dict[str, Any]:
    """The result part of a finding. Raises BadInputError for a row that lacks what the rule promises."""
    kind, key = subject_of(rule, row)
    numbers = {name: value for name, value in row.items() if name not in _NOT_NUMBERS}
    lacking = (rule.placeholders - {"name"} - numbers.keys()) | (
        {"score", "evidence", "members"} - row.keys()
    )
    if lacking:
        raise BadInputError(f"{rule.path.name}: a row returns no {min(lacking)!r}.")
    evidence = dict(row["evidence"])
    evidence["ids"] = sorted(evidence["ids"])
    return {
        "subject": {"kind": kind, "key": key, "name": names(kind, key)},
        "members": [
            {"kind": part["kind"], "key": part["key"], "name": names(part["kind"], part["key"])}
            for part in row["members"]
        ],
        "severity": rule.severity_of(numbers),
        "score": float(row["score"]),
        "reason": {
            "en": rule.front.reason.en.strip().format(name=names(kind, key), **numbers),
            "zh": rule.front.reason.zh.strip().format(name=names(kind, key), **numbers),
        },
        "numbers": {name: {"value": value, "unit": unit_of(rule, name)} for name, value in numbers.items()},
        "denominator": dict(denominator),
        "evidence": evidence,
    }


@cache
def _units() -> dict[str, str]:
    text = files("cypher").joinpath("rules", "numbers.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def unit_of(rule: Rule, name: str) -> str:
    """Unit of a number that rules return; raises BadInputError for one that numbers.yaml does not list."""
    if name not in _units():
        raise BadInputError(f"{rule.path.name}: numbers.yaml gives no unit for the returned number {name!r}.")
    return _units()[name]


def statements(rule: Rule, key: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The rule and its picture for one subject, parameters written in, to be pasted into Neo4j Browser."""
    rule_values = {**values, "subjects": [key]}
    return write_in(rule.cypher, rule_values), write_in(rule.front.picture, {**values, "subject": key})


def evidence_query(evidence: Mapping[str, Any], key: str, values: Mapping[str, Any]) -> str:
    """The query that lists all documents of an evidence, with parameters written in."""
    query = str(evidence["query"])
    known = {**values, "subject": key}
    return write_in(query, {name: known[name] for name in parameters_used(query)})


def canonical_result(result: Mapping[str, Any]) -> str:
    """The result part as canonical JSON: equal results are equal texts."""
    return canonical(dict(result))
