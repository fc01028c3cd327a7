"""Commands about consumers: statements, who is likely hit with a reported identity, protection."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.casebook.protections import ProtectionRecord
from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of
from app.cli.look import AsJson
from app.errors import BadInputError
from app.local_time import today
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

consumers_app = typer.Typer(
    help="What is declared in people's names. Identity numbers come on standard input, and are never shown.",
    rich_markup_mode=None,
)
IdType = Annotated[str, typer.Option("--id-type", help="Type of the identity (1: identity card).")]
Key = Annotated[
    str | None, typer.Option("--key", help="Key of the identity, instead of its number on standard input.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, without any number of a person.")]
By = Annotated[str, typer.Option("--by", help="Who does it.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for name, command in (
        ("statement", statement),
        ("likely-hit", likely_hit),
        ("protect", protect),
        ("extend", extend),
        ("lift", lift),
        ("protected", protected),
    ):
        consumers_app.command(name)(command)
    app.add_typer(consumers_app, name="consumers")


def statement(
    context: typer.Context,
    id_type: IdType = "1",
    year: Annotated[
        int | None, typer.Option(min=2000, max=9998, help="Only this calendar year (of the declarations).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write a printable HTML page; it must not be there yet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What was declared in one person's name, and what is left of their limit at most.

    The identity number is read from standard input.
    """
    # Imported here, like detection: it takes longer to import than most commands take to run.
    from app.supervision.statement import page
    from app.supervision.statement import statement as statement_of

    settings = settings_of(context)
    need_data(settings)
    told = statement_of(
        Ledger.open(settings.ledger_folder),
        Casebook.open(settings.casebook_address),
        Keys.open(settings.key_file, create=False),
        _number(),
        id_type=id_type,
        year=year,
    )
    if out is not None:
        _write_new(out, page(told))
    if as_json:
        print_json(told)
        return
    print_table(
        ("year", "limit", "used", "given back", "left at most"),
        (
            [row["year"], *(f"{row[name]:,.2f}" for name in ("limit", "used", "given_back", "left_at_most"))]
            for row in told["years"]
        ),
    )
    say(f"{len(told['sales'])} sales in the name of {told['person']['masked_number']}.")
    say(told["note"]["en"] if out is None else f"{told['note']['en']} The page is {out}.")


def likely_hit(
    context: typer.Context,
    report: Annotated[str, typer.Argument(metavar="REPORT", help="reportId of a consumer's report.")],
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most identities to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """From one report, the identities that were likely misused with it, and the odds."""
    from app.supervision.likely_hit import likely_hit as likely_hit_by

    settings = settings_of(context)
    need_data(settings)
    told = likely_hit_by(Ledger.open(settings.ledger_folder), report, limit=limit)
    if as_json:
        print_json(told)
        return
    print_table(
        ("key", "odds", "times as likely", "because", "sales"),
        (
            [
                row["key"],
                f"{row['odds']:g} : 1",
                f"{row['likelihood_ratio']:g}",
                "; ".join(one["what"]["en"] for one in row["factors"] if one["likelihood_ratio"] > 1),
                row["evidence"]["count"],
            ]
            for row in told["data"]
        ),
    )
    say(f"{told['count']} of {told['looked_at']} identities, {len(told['data'])} listed.")
    say(told["explanation"]["en"])


def protect(
    context: typer.Context,
    why: Why,
    by: By,
    level: Annotated[str, typer.Option(help="locked or watched.")] = "locked",
    since: Annotated[str | None, typer.Option(help="First day (2024-06-30); today where left out.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; without an end where left out.")] = None,
    key: Key = None,
    id_type: IdType = "1",
    as_json: AsJson = False,
) -> None:
    """Lock an identity, or put it under watch, by its owner's wish.

    What is declared in a locked name is a finding with the next detection.
    """
    from app.supervision import protection

    settings = settings_of(context)
    need_data(settings)
    one = protection.protect(
        Casebook.open(settings.casebook_address),
        _key(settings, key, id_type),
        level,
        since=_day(since, "--since") or today(),
        until=_day(until, "--until"),
        why=why,
        by=by,
        on=today(),
    )
    _tell(one, as_json)


def extend(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Number of the protection.")],
    why: Why,
    by: By,
    until: Annotated[str | None, typer.Option(help="New last day; without an end where left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a protection last longer."""
    from app.supervision import protection

    settings = settings_of(context)
    need_data(settings)
    book = Casebook.open(settings.casebook_address)
    last = _day(until, "--until")
    _tell(protection.extend(book, number, until=last, why=why, by=by, on=today()), as_json)


def lift(
    context: typer.Context,
    why: Why,
    by: By,
    number: Annotated[
        int | None,
        typer.Argument(metavar="[NUMBER]", help="Number of the protection; else the identity's own."),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", help="First day without it; today where left out.")
    ] = None,
    key: Key = None,
    id_type: IdType = "1",
    as_json: AsJson = False,
) -> None:
    """End a protection. It stays in the casebook, with its history."""
    from app.supervision import protection

    settings = settings_of(context)
    need_data(settings)
    book = Casebook.open(settings.casebook_address)
    first = _day(day, "--day") or today()
    if number is None:
        number = protection.running(book, _key(settings, key, id_type), first).number
    _tell(protection.lift(book, number, day=first, why=why, by=by, on=today()), as_json)


def protected(
    context: typer.Context,
    key: Annotated[str | None, typer.Option("--key", help="Only of the identity with this key.")] = None,
    on: Annotated[str | None, typer.Option(help="Only those that hold on this day.")] = None,
    level: Annotated[str | None, typer.Option(help="Only locked, or only watched.")] = None,
    as_json: AsJson = False,
) -> None:
    """List protections with their history, ended and lifted ones included."""
    from app.supervision import protection

    settings = settings_of(context)
    need_data(settings)
    found = protection.protections(
        Casebook.open(settings.casebook_address), consumer=key, on=_day(on, "--on"), level=level
    )
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    print_table(
        ("number", "key", "level", "since", "until", "lifted", "why", "by"),
        (
            (
                *(one.number, one.consumer, one.level, one.since, one.until or "open", one.lifted),
                *(one.history[-1][name] for name in ("why", "by")),
            )
            for one in found
        ),
    )
    say(f"{len(found)} protections.")


def _tell(one: ProtectionRecord, as_json: bool) -> None:
    if as_json:
        print_json(one.as_dict())
        return
    end = "without an end" if one.until is None else f"until {one.until}"
    lifted = "" if one.lifted is None else f", lifted on {one.lifted}"
    say(f"Protection {one.number}: {one.consumer} is {one.level} from {one.since} {end}{lifted}.")


def _key(settings: Settings, key: str | None, id_type: str) -> str:
    """The key that is given, or that of the identity number on standard input."""
    if key is not None:
        return key
    from app.supervision.protection import consumer_key

    return consumer_key(Keys.open(settings.key_file, create=False), _number(), id_type)


def _number() -> str:
    """The identity number on standard input: one line, no other."""
    lines = [line.strip() for line in sys.stdin if line.strip()]
    if len(lines) != 1:
        raise BadInputError(f"Standard input holds {len(lines)} lines: give exactly one identity number.")
    return lines[0]


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInputError(f"{option} takes a day like 2024-06-30.")


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, readable by its owner alone: it tells of a person."""
    if path.exists():
        raise BadInputError(f"{path} is there already: name a new file for the page.")
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
