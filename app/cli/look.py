"""Commands that look: rejects, findings, finding, status, key."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from app.casebook.findings import FindingRecord
from app.casebook.store import Casebook
from app.casework.outcomes import history, of_decision
from app.cli.console import need_data, print_json, print_table, printable, say, settings_of, terminal
from app.clues.rejects import rejects_of
from app.clues.since import ledger_version_of
from app.clues.status import graph_if_running, state
from app.detection.rulebook import rules_folder
from app.errors import BadInputError
from app.local_time import today
from loaders.contract.keys import Keys, normalise
from loaders.contract.normal import NORMAL_FORMS
from loaders.ledger.ledger import Ledger

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", help="Only what is new after this ledger version, or since this date (2024-06-30)."
    ),
]
SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_LISTED = 20
"""Documents that `finding` prints; `--json` gives all that a finding names."""


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (rejects, findings, finding, status, key):
        app.command()(command)


def rejects(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Most rows in the table; --json prints all.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List documents and files that were not accepted: file, message, position, field and reason."""
    settings = settings_of(context)
    need_data(settings)
    rows = rejects_of(Ledger.open(settings.ledger_folder))
    if as_json:
        print_json(rows)
        return
    columns = "file_name", "message_guid", "kind", "position", "field", "reason"
    print_table(columns, ([row[name] for name in columns] for row in rows[:limit]))
    say(f"{len(rows)} rejects" + (f", {limit} shown" if len(rows) > limit else "") + ".")


def findings(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    severity: Annotated[
        str | None, typer.Option(help="Only of this severity or graver: info, low, medium, high, critical.")
    ] = None,
    since: Since = None,
    gone: Annotated[bool, typer.Option("--gone", help="Also those that the data no longer shows.")] = False,
    decision: Annotated[
        str | None, typer.Option(help="Only of this decision; open: those that somebody should look at.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List findings, the gravest first, each with its reason."""
    settings = settings_of(context)
    need_data(settings)
    rules = sorted(path.stem for path in rules_folder().glob("*.cypher"))
    if rule is not None and rule not in rules:
        raise BadInputError(f"There is no rule {rule!r}: the rules are {', '.join(rules)}.")
    after = None if since is None else ledger_version_of(Ledger.open(settings.ledger_folder), since)
    book = Casebook.open(settings.casebook_address)
    found = book.findings(rule=rule, severity=severity, since=after, present=None if gone else True)
    if decision is not None:
        found = of_decision(found, decision, today())
    if as_json:
        print_json([row.as_dict() for row in found])
    else:
        print_findings(found)


def print_findings(found: list[FindingRecord]) -> None:
    """Findings for a person: one block each, the gravest first."""
    out = terminal()
    for rank, row in enumerate(found, 1):
        subject = row.subject.get("name") or row.subject["key"]
        out.print(
            Text(f"{rank:>3}. "),
            Text(row.severity, SEVERITY_STYLE[row.severity]),
            Text(printable(f" {row.rule} · {row.subject['kind']} {subject}")),
            Text(f"  {row.id}", "dim"),
            sep="",
            soft_wrap=True,
        )
        out.print(Text(printable(f"     {row.reason['en']}")), soft_wrap=True)
    counts = {name: sum(row.severity == name for row in found) for name in SEVERITY_STYLE}
    say(
        f"{len(found)} findings"
        + "".join(f", {count} {name}" for name, count in counts.items() if count)
        + "."
    )


def finding(
    context: typer.Context,
    identity: Annotated[str, typer.Argument(metavar="ID", help="Id of the finding, as `findings` lists it.")],
    as_json: AsJson = False,
) -> None:
    """Show one finding: reason, numbers, denominator, members, evidence, decisions, and the query to
    paste."""
    settings = settings_of(context)
    need_data(settings)
    book = Casebook.open(settings.casebook_address)
    found = book.finding(identity)
    if as_json:
        print_json(found.as_dict())
        return
    print_findings([found])
    say(f"\n{printable(found.reason['zh'])}\n")
    print_table(
        ("number", "value", "unit"), ((n, v["value"], v.get("unit")) for n, v in found.numbers.items())
    )
    looked = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in found.denominator.items())
    say(f"\nMeasured against: {looked}; ledger version {found.ledger_version}, as of {found.as_of}.")
    if found.members:
        say()
        print_table(("member", "key", "name"), ((m["kind"], m["key"], m.get("name")) for m in found.members))
    listed = found.evidence["ids"][:_LISTED]
    say(f"\nEvidence: {found.evidence['count']} in all, {len(listed)} listed" + (":" if listed else "."))
    for identity in listed:
        say(f"  {printable(identity)}")
    seen = f"First seen at ledger version {found.first_seen}, last at {found.last_seen}"
    say(f"\n{seen}; decision: {found.decision}.")
    for one in history(book, found.id):
        until = f" until {one['snoozed_until']}" if one["snoozed_until"] else ""
        say(
            printable(
                f"  {one['on']} {one['by']}: {one['decision']}{until}, was {one['former']}; {one['why']}"
            )
        )
    say(f"\nPaste into Neo4j Browser, to see the numbers:\n{found.query}")
    say(f"\n… and to see the picture:\n{found.picture}")


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Versions, watermarks, counts and freshness of ledger, graph and casebook."""
    settings = settings_of(context)
    need_data(settings)
    with graph_if_running(settings) as graph:
        now = state(Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address), graph)
    if as_json:
        print_json(now)
        return
    for part, values in now.items():
        for name, value in (values if isinstance(values, dict) else {"": values}).items():
            text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            say(f"{part + ' ' + name.replace('_', ' '):<32} {'-' if text is None else printable(str(text))}")


def key(
    context: typer.Context,
    kind: Annotated[
        str, typer.Option(help="What the values are: id, phone, address, name, account or bank.")
    ] = "id",
    id_type: Annotated[str, typer.Option(help="Type of the identity numbers (1: identity card).")] = "1",
    as_json: AsJson = False,
) -> None:
    """Turn values on standard input, one a line, into keys, one a line. Values are never shown or kept.

    An account is given as ebpCode|buyerRegNo.
    """
    settings = settings_of(context)
    if kind not in NORMAL_FORMS:
        raise BadInputError(f"{kind!r} is no kind of key: give one of {', '.join(NORMAL_FORMS)}.")
    keys = Keys.open(settings.key_file, create=False)
    made = []
    for number, line in enumerate(sys.stdin, 1):
        value = line.strip()
        if not value or not normalise(kind, value):
            raise BadInputError(f"Line {number} holds no {kind} that could be keyed.")
        made.append(keys.key_of(kind, f"{id_type}:{value}" if kind == "id" else value))
    if as_json:
        print_json({"kind": kind, "key_id": keys.key_id, "keys": made})
    else:
        sys.stdout.writelines(f"{one}\n" for one in made)
