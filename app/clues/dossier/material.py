"""Everything that goes into a dossier, gathered from the three stores before a file is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.casework.outcomes import history
from app.clues.dossier import behind
from app.clues.dossier.access import Asker, keep_access
from app.clues.dossier.behind import Evidence, Wanted
from app.clues.dossier.tax import TaxAtStake, tax_at_stake
from app.clues.dossier.timeline import Timeline, days_of_loads, timeline
from app.clues.dossier.words import note
from app.clues.picture import draw
from app.errors import BadInputError
from app.graph.driver import Graph
from app.handout import Table
from app.supervision.instructions import instructions
from loaders.ledger.ledger import Ledger

MOST_FINDINGS = 50
MOST_SALES = 50_000
"""Sales that the tables of a dossier list; what is beyond is counted and said."""
MOST_AROUND = 2_000
"""Nodes of the graph around one finding."""


@dataclass(frozen=True)
class Acted:
    """What people did about a finding, the earliest first: decisions on it, instructions drafted from it."""

    decisions: list[dict[str, Any]]
    instructions: list[dict[str, Any]]


@dataclass(frozen=True)
class Material:
    """What a dossier tells. `access` is the number of the kept line where personal values are in it; `notes`
    are sentences, zh and en, on what was cut or has changed since."""

    findings: list[FindingRecord]
    evidence: list[Evidence]
    pictures: list[dict[str, Any]]
    sales: Table
    goods: Table
    documents: Table
    persons: Table
    tax: TaxAtStake
    times: Timeline
    acted: dict[str, Acted]
    ledger_version: int
    asker: Asker | None
    access: int | None
    notes: list[dict[str, str]]

    @property
    def identities(self) -> int:
        """How many different identities are named."""
        return _identities(self.persons)


def named_findings(casebook: Casebook, identities: Sequence[str]) -> list[FindingRecord]:
    """The findings of some ids, each once; NotFoundError for an unknown one, BadInputError for too many."""
    distinct = list(dict.fromkeys(identities))
    if not 0 < len(distinct) <= MOST_FINDINGS:
        raise BadInputError(f"A dossier is about 1 to {MOST_FINDINGS} findings; {len(distinct)} are named.")
    return [casebook.finding(identity) for identity in distinct]


def gather(
    ledger: Ledger,
    casebook: Casebook,
    graph: Graph,
    findings: list[FindingRecord],
    *,
    asker: Asker | None,
    at: datetime,
) -> Material:
    """All that stands behind findings, as ledger and graph hold it now.

    Personal values are masked, unless an `asker` (checked before) is given: then a line of it is kept in the
    casebook before any value is read. Raises UnavailableError where the graph cannot answer.
    """
    evidence = [behind.evidence_behind(graph, finding) for finding in findings]
    version = ledger.version
    with ledger.connect(version) as connection:
        asked = behind.wanted(connection, graph, findings, evidence, MOST_SALES)
        behind.show(connection, asked)
        sales = behind.table(connection, "sales")
        persons, access = _persons(connection, casebook, findings, asker, at)
        goods = behind.table(connection, "goods")
        documents = behind.documents(connection, asked)
        loads = days_of_loads(connection)
    pictures = [draw(graph, finding, MOST_AROUND) for finding in findings]
    return Material(
        findings=findings,
        evidence=evidence,
        pictures=pictures,
        sales=sales,
        goods=goods,
        documents=documents,
        persons=persons,
        tax=tax_at_stake(findings, sales),
        times=timeline(findings, sales, loads),
        acted=_acted(casebook, findings),
        ledger_version=version,
        asker=asker,
        access=access,
        notes=_notes(findings, evidence, pictures, asked, version, graph.meta()),
    )


def _acted(casebook: Casebook, findings: Sequence[FindingRecord]) -> dict[str, Acted]:
    drafted = instructions(casebook)[::-1]
    return {
        one.id: Acted(
            history(casebook, one.id), [order.as_dict() for order in drafted if order.finding == one.id]
        )
        for one in findings
    }


def _persons(
    connection: duckdb.DuckDBPyConnection,
    casebook: Casebook,
    findings: Sequence[FindingRecord],
    asker: Asker | None,
    at: datetime,
) -> tuple[Table, int | None]:
    masked = behind.table(connection, "persons", unmasked=False)
    if asker is None:
        return masked, None
    number = keep_access(casebook, asker, [finding.id for finding in findings], _identities(masked), at)
    return behind.table(connection, "persons", unmasked=True), number


def _identities(persons: Table) -> int:
    place = persons.columns.index("id_key")
    return len({row[place] for row in persons.rows} - {None})


def _notes(
    findings: Sequence[FindingRecord],
    evidence: Sequence[Evidence],
    pictures: Sequence[dict[str, Any]],
    asked: Wanted,
    version: int,
    meta: dict[str, Any] | None,
) -> list[dict[str, str]]:
    notes = []
    for finding, part, picture in zip(findings, evidence, pictures, strict=True):
        told: dict[str, Any] = {
            "finding": finding.id,
            "listed": len(part.ids),
            "counted": part.counted,
            "cut": part.cut,
            "then": finding.ledger_version,
            "now": version,
            "nodes": len(picture["nodes"]),
            "edges": len(picture["edges"]),
        }
        holds = {
            "gone": not finding.present,
            "evidence_cut": part.cut > 0,
            "evidence_moved": part.cut == 0 and len(part.ids) != part.counted,
            "ledger_moved": finding.ledger_version != version,
            "around_cut": picture["cut"],
        }
        notes += [note(name, **told) for name, true in holds.items() if true]
    if asked.all_sales > len(asked.sales):
        notes.append(note("sales_cut", all=asked.all_sales, listed=len(asked.sales)))
    if meta is None or meta["load_seq"] != version:
        notes.append(note("graph_behind", then="—" if meta is None else meta["load_seq"], now=version))
    return notes
