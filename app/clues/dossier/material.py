"""Everything that goes into a dossier, gathered from the three stores before a file is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.clues.dossier import behind
from app.clues.dossier.access import Asker, keep_access
from app.clues.dossier.behind import Evidence
from app.clues.dossier.tax import TaxAtStake, tax_at_stake
from app.clues.dossier.timeline import Timeline, days_of_loads, timeline
from app.clues.picture import draw
from app.errors import BadInputError
from app.graph.driver import Graph
from app.handout import Table
from loaders.ledger.ledger import Ledger

MOST_FINDINGS = 50
MOST_SALES = 200_000
MOST_AROUND = 2_000
"""Nodes of the graph around one finding."""


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
    ledger_version: int
    asker: Asker | None
    access: int | None
    notes: list[dict[str, str]]

    @property
    def identities(self) -> int:
        """How many different identities are named."""
        return _identities(self.persons)


def named_findings(casebook: Casebook, identities: Sequence[str]) -> list[FindingRecord]:
    """The findings of some ids, each once; NotFoundError for an unknown one, BadInputError for none or too many."""
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
    casebook before any value is read. Raises UnavailableError where the graph cannot answer, BadInputError
    where more sales stand behind them than a dossier can hold.
    """
    evidence = [behind.evidence_behind(graph, finding) for finding in findings]
    asked = behind.wanted(graph, findings, evidence)
    if len(asked.sales) > MOST_SALES:
        raise BadInputError(
            f"{len(asked.sales)} sales stand behind these findings, a dossier holds {MOST_SALES}: name fewer."
        )
    version = ledger.version
    with ledger.connect(version) as connection:
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
        ledger_version=version,
        asker=asker,
        access=access,
        notes=_notes(findings, evidence, pictures, version, graph.meta()),
    )


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
    version: int,
    meta: dict[str, Any] | None,
) -> list[dict[str, str]]:
    notes = []
    for finding, part, picture in zip(findings, evidence, pictures, strict=True):
        if not finding.present:
            notes.append(
                {
                    "zh": f"数据已不再显示线索 {finding.id}；所列为最后一次显示时的内容。",
                    "en": f"The data no longer shows {finding.id}; it is told as it was shown last.",
                }
            )
        if part.cut:
            notes.append(
                {
                    "zh": f"线索 {finding.id} 的证据编号过多，列出 {len(part.ids)} 个，另有 {part.cut} 个未列。",
                    "en": f"Of the evidence of {finding.id} {len(part.ids)} ids are listed, {part.cut} are left out.",
                }
            )
        elif len(part.ids) != part.counted:
            notes.append(
                {
                    "zh": f"线索 {finding.id} 发现时计 {part.counted} 项证据，按当前图谱列出 {len(part.ids)} 项。",
                    "en": f"{finding.id} counted {part.counted} pieces of evidence when it was found; "
                    f"{len(part.ids)} are listed as the graph stands now.",
                }
            )
        if finding.ledger_version != version:
            notes.append(
                {
                    "zh": f"线索 {finding.id} 依据账册版本 {finding.ledger_version}，单证取自版本 {version}。",
                    "en": f"{finding.id} holds for ledger version {finding.ledger_version}; documents are those of "
                    f"version {version}.",
                }
            )
        if picture["cut"]:
            notes.append(
                {
                    "zh": f"线索 {finding.id} 周围的图谱只取出 {len(picture['nodes'])} 个节点、{len(picture['edges'])} 条关系。",
                    "en": f"Of the graph around {finding.id} {len(picture['nodes'])} nodes and "
                    f"{len(picture['edges'])} relations are given; there are more.",
                }
            )
    if meta is None or meta["load_seq"] != version:
        at = "—" if meta is None else meta["load_seq"]
        notes.append(
            {
                "zh": f"图谱停留在装载 {at}，账册已到版本 {version}：图和证据编号可能不全。",
                "en": f"The graph is at load {at}, the ledger at {version}: pictures and evidence may lack the newest.",
            }
        )
    return notes
