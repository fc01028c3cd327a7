"""The dossier as one printable page of HTML: no script, nothing loaded from elsewhere, readable by itself."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from app.casebook.findings import FindingRecord
from app.clues.dossier.material import Material
from app.clues.dossier.words import glossary, plain_text, word
from app.detection.catalogue import STEPS
from app.detection.rule import Rule
from app.detection.rulebook import load_rules
from app.handout import Rows, Table

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+")
ROWS_SHOWN = 60
"""Rows of a table on the page; the files hold all."""
_SALES = (
    "sale", "paid_at", "declared_on", "merchant", "payment_company", "order_paid", "tax_declared",
    "receipt_status", "missing_documents", "differences",
)  # fmt: skip


def dossier_page(
    material: Material, manifest: Mapping[str, Any], pictures: Mapping[str, str], timeline: str
) -> str:
    """The page of a dossier; `pictures` (by finding) and `timeline` are SVG."""
    rules = load_rules(STEPS)
    return _environment().get_template("dossier.html").render(
        material=material,
        manifest=manifest,
        findings=[_told(material, finding, rules.get(finding.rule)) for finding in material.findings],
        # Our own SVG: every text in it is escaped where it is drawn.
        pictures={name: Markup(svg) for name, svg in pictures.items()},  # noqa: S704
        timeline=Markup(timeline),  # noqa: S704
        tax=material.tax,
        sales=_part(material.sales, _SALES),
        persons=_part(material.persons, [name for name in material.persons.columns if "key" not in name]),
        documents=Counter(row[1] for row in material.documents.rows),
        shown=ROWS_SHOWN,
        glossary=glossary(),
    )  # fmt: skip


def _told(material: Material, finding: FindingRecord, rule: Rule | None) -> dict[str, Any]:
    """A finding with the words of its rule, where the rule still has the version that found it."""
    same = rule is not None and rule.front.version == finding.rule_version
    meanings = {one.name: one for one in rule.front.parameters} if rule is not None and same else {}
    evidence = next(part for part in material.evidence if part.finding == finding.id)
    return {
        "record": finding,
        "title": rule.front.title if rule is not None else None,
        "silent_on": rule.front.silent_on if rule is not None and same else [],
        "subject": word("kinds", finding.subject["kind"]),
        "severity": word("severities", finding.severity),
        "members": [(word("kinds", part["kind"]), part) for part in finding.members[:ROWS_SHOWN]],
        "parameters": [
            (name, value, meanings[name].unit if name in meanings else "", meanings.get(name))
            for name, value in sorted(finding.parameters.items())
            if name != "evidence_limit"  # of what a finding lists; here all of it is
        ],
        "evidence": evidence,
        "acted": material.acted[finding.id],
        "events": [one for one in material.times.events if one.finding == finding.id],
    }


def _part(table: Table, columns: Sequence[str]) -> Table:
    places = [table.columns.index(name) for name in columns]
    rows: Rows = [[_told_cell(row[at]) for at in places] for row in table.rows[:ROWS_SHOWN]]
    return Table(table.name, tuple(columns), rows)


def _told_cell(cell: Any) -> Any:
    """A time as people write it: day, blank, time."""
    return cell.replace("T", " ") if isinstance(cell, str) and _TIME.fullmatch(cell) else cell


def _number(value: Any) -> str:
    """A number for a reader: whole ones with thousands apart, others at four significant digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _code(text: str) -> Markup:
    """A statement with its lines."""
    return Markup("\n").join(escape(plain_text(line)) for line in text.strip().splitlines())


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("app.clues.dossier"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: plain_text(value) if isinstance(value, str) and type(value) is str else value,
    )
    environment.filters["number"] = _number
    environment.filters["money"] = _money
    environment.filters["code"] = _code
    environment.globals["word"] = word
    return environment
