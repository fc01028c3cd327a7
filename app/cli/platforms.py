"""Commands of source control: platforms list, show, worklist, load-worklist."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, printable, say, settings_of
from app.cli.job import writing
from app.cli.look import AsJson
from app.errors import BadInputError
from app.local_time import today
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

platforms_app = typer.Typer(
    help="The register of platforms, and what to check next.", rich_markup_mode=None, no_args_is_help=True
)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError("--as-of takes a day like 2025-06-30.") from None


AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The day to look from; else that of the last sale or check.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for name, command in (
        ("list", platforms_list),
        ("show", platforms_show),
        ("worklist", platforms_worklist),
        ("load-worklist", platforms_load_worklist),
    ):
        platforms_app.command(name)(command)
    app.add_typer(platforms_app, name="platforms")


def platforms_list(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option(help="Only these: never (checked), failed (a check) or passed.")
    ] = None,
    older: Annotated[
        int | None,
        typer.Option(min=0, help="Only those whose last result is more days old, or that have none."),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List every platform with the state of its seven checks, its sales in the window and its findings."""
    from app.supervision.verification import CHECKS, STATES, register

    settings = settings_of(context)
    need_data(settings)
    if state is not None and state not in STATES:
        raise BadInputError(f"{state!r} is no state: give one of {', '.join(STATES)}.")
    known = register(
        Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address), _day(as_of)
    )
    found = known.where(state=state, older=older)
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    columns = ("code", "name", "state", *CHECKS, "last checked", "days", "sales", "findings")
    print_table(
        columns,
        (
            [one.code, one.name, one.state, *(_STATES.get(check.state, check.state) for check in one.checks),
             one.last_checked, one.age_days, one.window_sales, len(one.findings)]
            for one in found
        ),
    )  # fmt: skip
    say(f"{len(found)} of {len(known.platforms)} platforms as of {known.as_of}.")


_STATES = {"never": "-", "not_applicable": "n/a", "unknown": "?"}


def platforms_show(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of the platform.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show one platform: the state of each check, every check ever made, sales and findings."""
    from app.supervision.verification import one_platform

    settings = settings_of(context)
    need_data(settings)
    ledger, book = Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address)
    one = one_platform(ledger, book, code, _day(as_of))
    if as_json:
        print_json(one.as_dict(history=True))
        return
    checked = "never checked" if one.last_checked is None else f"{one.last_checked}, {one.age_days} days ago"
    say(printable(f"{one.code} {one.name or ''}: {one.state}; last result: {checked}"))
    say(printable(f"Site: {one.site or '-'}"))
    say(
        f"Sales in the window: {one.window_sales}; first {one.first_sale or '-'}, last {one.last_sale or '-'}"
    )
    names = ("check", "state", "checked_at", "age_days", "selection", "inspector", "observed", "expected")
    print_table(names, ([getattr(check, name) for name in names] for check in one.checks))
    say()
    past = (
        "checked_at",
        "checked",
        "result",
        "selection",
        "inspector",
        "observed",
        "expected",
        "verification",
    )
    print_table(("history", *past[1:]), ([row[name] for name in past] for row in one.history))
    say()
    told = ("severity", "rule", "role", "decision", "id")
    print_table(("finding", *told[1:]), ([row[name] for name in told] for row in one.findings))


def platforms_worklist(
    context: typer.Context,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; it must not be there yet, or be empty.")
    ],
    size: Annotated[int, typer.Option(min=1, help="How many platforms.")] = 20,
    random_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of them drawn at random, to stand for all.")
    ] = 0.2,
    as_of: AsOf = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same platforms.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write the list of platforms to check next, with goods to look for, as CSV and XLSX to be filled in."""
    from app.supervision.worklist import make_worklist
    from app.supervision.worklist_files import write_worklist

    settings = settings_of(context)
    need_data(settings)
    ledger, book = Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address)
    made = make_worklist(ledger, book, size=size, random_share=random_share, seed=seed, as_of=_day(as_of))
    written = write_worklist(out, made)
    if as_json:
        told: dict[str, Any] = {"id": made.id, "as_of": made.as_of, "seed": seed, "out": out}
        print_json({**told, "platforms": len(made.chosen), **made.counts, **written})
        return
    chosen = ", ".join(f"{count} {name}" for name, count in made.counts.items())
    say(f"{len(made.chosen)} platforms to check ({chosen}) written to {out}: list {made.id}.")
    say("Fill in worklist.csv or worklist.xlsx, then: cluegraph platforms load-worklist FILE")


def platforms_load_worklist(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in work list, CSV or XLSX.")],
    as_json: AsJson = False,
) -> None:
    """Load a filled-in work list into the ledger: all of it, or nothing where it has a mistake."""
    from app.cli.job import WAIT_FOR_EVER
    from app.supervision.checks_in import bring_in
    from app.supervision.worklist_reading import read_worklist

    settings = settings_of(context)
    need_data(settings)
    given = read_worklist(file)
    with writing(settings):
        ledger, keys = Ledger.open(settings.ledger_folder), Keys.open(settings.key_file)
        brought = bring_in(ledger, keys, given, today=today(), wait=WAIT_FOR_EVER)
    if as_json:
        print_json(vars(brought))
        return
    say(
        f"{brought.new} checks loaded, {brought.known} were known, {brought.left_out} rows without a result "
        f"left out; ledger version {brought.ledger_version}."
    )
    if brought.new:
        say("`cluegraph project` and `cluegraph detect` bring graph and findings up to them.")
