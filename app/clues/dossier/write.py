"""A dossier as a folder that appears whole or not at all, and as one ZIP file."""

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from app.casebook.store import Casebook
from app.clues.dossier.access import Asker
from app.clues.dossier.bars import timeline_svg
from app.clues.dossier.drawing import picture_svg
from app.clues.dossier.graphs import graph_around, write_graphs
from app.clues.dossier.material import Material, gather, named_findings
from app.clues.dossier.page import dossier_page
from app.clues.dossier.words import note
from app.clues.export import tables_of
from app.clues.status import about_versions
from app.graph.driver import Graph
from app.handout import Table, files_of, whole_folder, write_csv, write_json, write_xlsx
from loaders.ledger.ledger import Ledger

FORMAT_VERSION = 1
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows: equal dossiers are equal files


def export_dossier(
    ledger: Ledger,
    casebook: Casebook,
    graph: Graph,
    identities: Sequence[str],
    out: Path,
    *,
    at: datetime,
    asker: Asker | None = None,
    tell: Callable[[str], None] = lambda _step: None,
) -> dict[str, Any]:
    """Writes the folder `out` about some findings (ids) and returns its manifest.

    Persons are keys and masked text, unless an `asker` is given (see access.checked_asker), whose line is
    kept first. `tell` is told each step as it begins. Raises NotFoundError for an unknown finding,
    BadInputError where none or too many are named or `out` is there already and not an empty folder,
    UnavailableError where graph or disk refuse.
    """
    findings = named_findings(casebook, identities)
    about = orjson.loads(orjson.dumps(about_versions(ledger, casebook)))
    # With personal values it stays its owner's, who hands it on.
    with whole_folder(out, "dossier", mode=0o750 if asker is None else 0o700) as folder:
        tell("gather")
        material = gather(ledger, casebook, graph, findings, asker=asker, at=at)
        return _write(folder, material, about, at, tell)


def dossier_zip(
    ledger: Ledger, casebook: Casebook, graph: Graph, identities: Sequence[str], *, at: datetime
) -> bytes:
    """The same as one ZIP file with a folder `dossier`, always masked; raises what `export_dossier` does."""
    with tempfile.TemporaryDirectory(prefix="cluegraph-") as scratch:
        folder = Path(scratch) / "dossier"
        export_dossier(ledger, casebook, graph, identities, folder, at=at)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                entry = zipfile.ZipInfo(f"dossier/{path.name}", _ZIP_TIME)
                entry.external_attr = 0o640 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
        return packed.getvalue()


def _write(
    folder: Path, material: Material, about: dict[str, Any], at: datetime, tell: Callable[[str], None]
) -> dict[str, Any]:
    day = max(finding.as_of for finding in material.findings)
    tables = _tables(material)
    tell("tables")
    for table in tables:
        write_csv(folder / f"{table.name}.csv", table)
    tell("workbook")
    cut_in_xlsx = write_xlsx(folder / "dossier.xlsx", tables, day)
    if cut_in_xlsx:
        material.notes.append(note("xlsx_cut", cut=cut_in_xlsx))
    tell("graph and pictures")
    write_graphs(folder, graph_around(material.findings, material.pictures), day)
    pictures = {
        finding.id: picture_svg(picture, finding.subject["key"], [part["key"] for part in finding.members])
        for finding, picture in zip(material.findings, material.pictures, strict=True)
    }
    for identity, picture in pictures.items():
        (folder / f"picture-{identity}.svg").write_text(picture, "utf-8")
    bars = timeline_svg(material.times)
    (folder / "timeline.svg").write_text(bars, "utf-8")
    write_json(
        folder / "dossier.json",
        {
            "findings": [
                {**finding.as_dict(), **vars(material.acted[finding.id])} for finding in material.findings
            ],
            "tax_at_stake": material.tax.as_dict(),
            "timeline": material.times.as_dict(),
            "notes": material.notes,
        },
    )
    manifest = {
        "format_version": FORMAT_VERSION,
        **about,
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "findings": {
            finding.id: {"rule": finding.rule, "rule_version": finding.rule_version}
            | {"ledger_version": finding.ledger_version, "graph_version": finding.graph_version}
            for finding in material.findings
        },
        "documents_of_ledger_version": material.ledger_version,
        "personal_values": _personal(material),
        "counts": {table.name: len(table.rows) for table in tables},
        "cut_in_xlsx": cut_in_xlsx,
        "notes": [one["en"] for one in material.notes],
        "files": files_of(folder),
    }
    tell("page")
    # The page tells the fingerprints of the other files; its own stands in the manifest.
    (folder / "dossier.html").write_text(dossier_page(material, manifest, pictures, bars), "utf-8")
    manifest["files"] = files_of(folder)
    write_json(folder / "manifest.json", manifest)
    return manifest


def _tables(material: Material) -> tuple[Table, ...]:
    """Every table of the dossier; the evidence is all of it, not only what the findings list."""
    evidence = Table(
        "evidence", ("finding", "id"), [[part.finding, one] for part in material.evidence for one in part.ids]
    )
    own = [table for table in tables_of(material.findings) if table.name != evidence.name]
    times = Table(
        "timeline",
        ("from", "unit", "sales", "paid_cny"),
        [
            [one.first.isoformat(), material.times.unit, one.sales, str(one.paid)]
            for one in material.times.spans
        ],
    )
    return *own, evidence, material.sales, material.goods, material.documents, material.persons, times


def _personal(material: Material) -> dict[str, Any]:
    if material.asker is None:
        return {"masked": True}
    return {
        "masked": False,
        "access": material.access,
        "by": material.asker.by,
        "role": material.asker.role,
        "purpose": material.asker.purpose,
        "note": "The role is what was stated: there are no accounts yet that could prove it.",
    }
