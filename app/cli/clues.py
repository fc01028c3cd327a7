"""Commands that hand out: clues, dossiers, accesses to personal values, and handovers with their outcomes."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of, steps
from app.cli.look import AsJson
from app.clues import export as clues
from app.clues.since import ledger_version_of
from app.clues.status import about_versions
from app.errors import BadInputError
from app.settings import Settings
from loaders.ledger.ledger import Ledger

LAST = "last"
_SCHEDULED = "scheduled job"
export_app = typer.Typer(help="Hand out what was found.", rich_markup_mode=None)
handovers_app = typer.Typer(help="What was handed over, to whom, and what came of it.", rich_markup_mode=None)
Batch = Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch, as `handovers list` lists it.")]
Out = Annotated[
    Path, typer.Argument(metavar="OUT", help="Folder to write; it must not be there yet, or be empty.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    export_app.command("clues")(export_clues)
    export_app.command("dossier")(export_dossier)
    export_app.command("accesses")(list_accesses)
    app.add_typer(export_app, name="export")
    handovers_app.command("list")(list_handovers)
    handovers_app.command("show")(show_handover)
    handovers_app.command("outcome")(tell_outcome)
    app.add_typer(handovers_app, name="handovers")


def export_clues(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Folder to write, new or empty; with --to the one in which each batch gets its own.",
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="Only what is new after this ledger version, or since a date (2024-06-30); with --to: last.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", help="Recipient: letters, digits, - and _; what they got is kept, with --since last."
        ),
    ] = None,
    severity: Annotated[
        str | None, typer.Option(help="Only of this severity or graver: info, low, medium, high, critical.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who hands over, with --to: kept with the batch.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write findings as JSON, CSV and XLSX with a manifest of versions, counts and SHA-256.

    With --since also those that are no longer shown by the data, so that a receiver can take them back. With
    --since last --to RECIPIENT as a scheduled job: each clue once, again when it materially changed.
    """
    settings = settings_of(context)
    need_data(settings)
    if (to is None) != (since != LAST):
        raise BadInputError("--since last and --to go together: the last handover is that to a recipient.")
    if to is not None:
        _hand_over(settings, out, to, severity, by or _SCHEDULED, as_json)
        return
    if by is not None:
        raise BadInputError("--by is for a handover (--since last --to RECIPIENT): an export keeps no name.")
    manifest = _export(settings, out, since, severity)
    if as_json:
        print_json(manifest)
    else:
        say(f"{manifest['counts']['findings']} findings written to {out} (manifest.json lists the files).")


def _export(settings: Settings, out: Path, since: str | None, severity: str | None) -> dict[str, Any]:
    ledger = Ledger.open(settings.ledger_folder)
    book = Casebook.open(settings.casebook_address)
    after = None if since is None else ledger_version_of(ledger, since)
    found = book.findings(severity=severity, since=after, present=True if since is None else None)
    about = about_versions(ledger, book) | {"since": since, "since_ledger_version": after}
    return clues.export_clues(out, found, orjson.loads(orjson.dumps(about)))


def _hand_over(
    settings: Settings, out: Path, recipient: str, severity: str | None, by: str, as_json: bool
) -> None:
    from app.clues.handover import hand_over

    ledger, book = Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address)
    batches = hand_over(
        ledger, book, recipient, out, severity=severity or SEVERITIES[0], by=by, at=datetime.now(UTC)
    )
    if as_json:
        print_json([asdict(batch) for batch in batches])
        return
    for batch in batches:
        told = ", ".join(f"{name} {count}" for name, count in batch.clues.items())
        cut_off = " (an earlier run was cut off; this one finished it)" if batch.mended else ""
        say(f"{batch.id}: {told} written to {batch.folder}{cut_off}.")
    if not batches:
        say(f"Nothing to hand over to {recipient}: they have every clue as it stands.")


def export_dossier(
    context: typer.Context,
    findings: Annotated[list[str], typer.Argument(metavar="FINDING...", help="Ids of findings.")],
    out: Out,
    unmasked: Annotated[
        bool,
        typer.Option(
            "--unmasked", help="With personal values as declared: needs --role, --purpose and --by."
        ),
    ] = False,
    role: Annotated[
        str | None,
        typer.Option(help="Role in which they are asked for; CLUEGRAPH_UNMASKED_ROLES lists them."),
    ] = None,
    purpose: Annotated[str | None, typer.Option(help="What they are needed for: kept.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who asks for them: kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a dossier of findings: a page to print, tables, pictures, the graph around, the tax at stake.

    Persons are masked. With --unmasked personal values are in it, and a line of who asked for them is kept
    first; there are no accounts yet, so the role is what the caller states.
    """
    from app.clues.dossier.access import checked_asker
    from app.clues.dossier.write import export_dossier as write_dossier
    from app.graph.open import open_graph

    settings = settings_of(context)
    need_data(settings)
    if not unmasked and (role, purpose, by) != (None, None, None):
        raise BadInputError(
            "--role, --purpose and --by are for --unmasked alone: a masked dossier needs none."
        )
    asker = checked_asker(by, role, purpose, settings.roles_unmasked) if unmasked else None
    ledger, book = Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address)
    for identity in findings:
        book.finding(identity)  # an unknown one is told before a graph is started
    with open_graph(settings) as graph, steps() as tell:
        manifest = write_dossier(
            ledger, book, graph, findings, out, at=datetime.now(UTC), asker=asker, tell=tell
        )
    if as_json:
        print_json(manifest)
        return
    counts = manifest["counts"]
    say(
        f"Dossier written to {out} (findings: {counts['findings']}, sales: {counts['sales']}, documents: "
        f"{counts['documents']}); read dossier.html."
    )
    for note in manifest["notes"]:
        say(note)
    if asker is not None:
        say(
            f"It holds personal values: access {manifest['personal_values']['access']} by {asker.by} as "
            f"{asker.role} is kept (`cluegraph export accesses`)."
        )


def list_accesses(context: typer.Context, as_json: AsJson = False) -> None:
    """List who asked for personal values: when, in which role, what for, of how many identities."""
    from app.clues.dossier.access import accesses

    rows = accesses(_casebook(context))
    if as_json:
        print_json(rows)
        return
    names = ("number", "at", "by", "role", "purpose", "persons")
    print_table(
        (*names, "findings"), ([*(row[name] for name in names), len(row["findings"])] for row in rows)
    )
    say(f"{len(rows)} accesses.")


def list_handovers(
    context: typer.Context,
    to: Annotated[str | None, typer.Option("--to", help="Only to this recipient.")] = None,
    as_json: AsJson = False,
) -> None:
    """List batches of clues, the newest first: to whom, when, how many, and what came of them."""
    from app.clues.handover_record import handovers

    rows = handovers(_casebook(context), to)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "state", "handed_at", "by", "clues", "outcomes", "folder")
    print_table(columns, ([_cell(row[name]) for name in columns] for row in rows))
    say(f"{len(rows)} handovers.")


def show_handover(context: typer.Context, batch: Batch, as_json: AsJson = False) -> None:
    """Show one batch: each clue, why it was in it, and what the recipient told of it."""
    from app.clues.handover_record import handover

    _print_handover(handover(_casebook(context), batch), as_json)


def tell_outcome(
    context: typer.Context,
    batch: Batch,
    outcome: Annotated[
        str,
        typer.Argument(
            metavar="OUTCOME",
            help="taken up, case opened, not pursued or returned (the latter with --reason).",
        ),
    ],
    by: Annotated[str, typer.Option("--by", help="Who tells it: kept.")],
    finding: Annotated[
        list[str] | None, typer.Option("--finding", help="Only of this clue; may be repeated.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; needed for not pursued and returned.")] = "",
    expected: Annotated[
        str | None,
        typer.Option(
            help="The outcome that you saw ('' for none): where it is another by now, nothing changes."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep what the recipient did with the clues of a batch; earlier outcomes stay in the record."""
    from app.clues.handover_record import tell_outcome as tell

    told = tell(
        _casebook(context),
        batch,
        outcome,
        findings=finding or (),
        reason=reason,
        by=by,
        at=datetime.now(UTC),
        expected=expected,
    )
    _print_handover(told, as_json)


def _print_handover(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    say(f"{row['id']}, {row['state']}: {_cell(row['clues'])}; by {row['by']}, prepared {row['prepared_at']}.")
    if row["handed_at"] is not None:
        say(
            f"Handed over at {row['handed_at']} in {row['folder']} (SHA-256 of the manifest {row['sha256']})."
        )
    print_table(
        ("finding", "change", "severity", "rule", "subject", "outcomes"),
        (
            [
                *(item[name] for name in ("finding", "change", "severity", "rule")),
                item["subject"].get("name") or item["subject"]["key"],
                "; ".join(_outcome(one) for one in item["outcomes"]),
            ]
            for item in row["items"]
        ),
    )


def _outcome(one: dict[str, str]) -> str:
    return f"{one['outcome']} ({one['by']}, {one['at']}{', ' + one['reason'] if one['reason'] else ''})"


def _cell(value: Any) -> Any:
    return ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else value


def _casebook(context: typer.Context) -> Casebook:
    settings = settings_of(context)
    need_data(settings)
    return Casebook.open(settings.casebook_address)
