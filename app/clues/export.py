"""Clues handed out: findings as JSON, CSV and XLSX with a manifest, in one folder, whole or not at all."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.casebook.findings import FindingRecord
from app.handout import Rows, Table, files_of, whole_folder, write_csv, write_json, write_xlsx

FORMAT_VERSION = 1


def export_clues(out: Path, findings: Sequence[FindingRecord], about: dict[str, Any]) -> dict[str, Any]:
    """Writes the folder `out` and returns its manifest.

    `about` goes into the manifest as it is (versions, since, application). The files hold keys and masked
    names only, as findings do. Raises BadInputError where `out` is there already and not an empty folder,
    UnavailableError where the disk refuses.
    """
    with whole_folder(out) as folder:
        return _write(folder, findings, about)


def _write(folder: Path, findings: Sequence[FindingRecord], about: dict[str, Any]) -> dict[str, Any]:
    tables = tables_of(findings)
    write_json(folder / "findings.json", [finding.as_dict() for finding in findings])
    for table in tables:
        write_csv(folder / f"{table.name}.csv", table)
    cut = write_xlsx(
        folder / "clues.xlsx", tables, max((finding.as_of for finding in findings), default=None)
    )
    manifest = {
        "format_version": FORMAT_VERSION,
        **about,
        "counts": {table.name: len(table.rows) for table in tables},
        "cut_in_xlsx": cut,
        "files": files_of(folder),
    }
    write_json(folder / "manifest.json", manifest)
    return manifest


def tables_of(findings: Iterable[FindingRecord]) -> tuple[Table, ...]:
    """The findings, their members, their numbers and their evidence as flat tables."""
    heads: Rows = []
    members: Rows = []
    numbers: Rows = []
    evidence: Rows = []
    for finding in findings:
        subject = finding.subject
        heads.append(
            [finding.id, finding.rule, finding.rule_version, finding.severity, finding.score]
            + [subject["kind"], subject["key"], subject.get("name")]
            + [finding.reason["en"], finding.reason["zh"], len(finding.members), finding.evidence["count"]]
            + [finding.denominator.get(name) for name in ("looked_at", "judgeable", "found")]
            + [finding.as_of.isoformat(), finding.ledger_version, finding.first_seen, finding.last_seen]
            + ["yes" if finding.present else "no", finding.decision, finding.query]
        )
        members += [[finding.id, part["kind"], part["key"], part.get("name")] for part in finding.members]
        numbers += [
            [finding.id, name, number["value"], number.get("unit")]
            for name, number in sorted(finding.numbers.items())
        ]
        evidence += [[finding.id, identity] for identity in finding.evidence["ids"]]
    head_columns = (
        "id rule rule_version severity score subject_kind subject_key subject_name reason_en reason_zh "
        "members evidence looked_at judgeable found as_of ledger_version first_seen last_seen present "
        "decision query"
    )
    return (
        Table("findings", tuple(head_columns.split()), heads),
        Table("members", ("finding", "kind", "key", "name"), members),
        Table("numbers", ("finding", "name", "value", "unit"), numbers),
        Table("evidence", ("finding", "id"), evidence),
    )
