"""Commands of classified supervision: portraits, the scorecard, classes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of
from app.cli.job import writing
from app.cli.look import AsJson
from app.clues.status import graph_if_running
from app.errors import BadInputError
from app.local_time import today
from app.settings import Settings
from loaders.ledger.ledger import Ledger

if TYPE_CHECKING:
    from app.supervision.portraits import Portraits

portraits_app = typer.Typer(help="Portraits of enterprises.", rich_markup_mode=None)
scorecard_app = typer.Typer(help="The scorecard that portraits are scored by.", rich_markup_mode=None)
classes_app = typer.Typer(help="Classes of enterprises, A to D.", rich_markup_mode=None)

Code = Annotated[str, typer.Argument(metavar="CODE", help="Code of the enterprise, 10 or 18 characters.")]
From = Annotated[
    str | None, typer.Option("--from", help="First day of the period; twelve months before its last day.")
]
To = Annotated[str | None, typer.Option("--to", help="Last day of the period; that of the last sale.")]
On = Annotated[str | None, typer.Option("--on", help="The day (2025-06-30); today.")]
Card = Annotated[
    Path | None,
    typer.Option("--scorecard", help="A scorecard of your own, for trying; see `scorecard show`."),
]
Role = Annotated[str | None, typer.Option(help="platform, merchant, payment, logistics, agent or warehouse.")]
By = Annotated[str, typer.Option("--by", help="Who decides: the number of a member of staff.")]
Limit = Annotated[int, typer.Option(min=1, help="Most rows; --json prints as many.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for group, name, commands in (
        (portraits_app, "portraits", (list_portraits, show, facts, page, export)),
        (scorecard_app, "scorecard", (check, show_scorecard)),
        (classes_app, "classes", (rate, list_classes, show_class, adjust, end, events)),
    ):
        for command in commands:
            group.command(_name(command))(command)
        app.add_typer(group, name=name)


def _name(command: Callable[..., None]) -> str:
    return command.__name__.partition("_")[0]


def _day(text: str | None, what: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{what}: {text!r} is no day; write it as 2025-06-30.") from None


def _on(text: str | None) -> date:
    """The day that was given, or today."""
    return _day(text, "--on") or today()


def _decided(text: str | None) -> date:
    """The day of a decision: the one that was given, or today, and none after it."""
    from app.supervision.class_history import decision_day

    return decision_day(_on(text), today())


@contextmanager
def _stores(context: typer.Context) -> Iterator[tuple[Settings, Ledger, Casebook]]:
    settings = settings_of(context)
    need_data(settings)
    casebook = Casebook.open(settings.casebook_address)
    try:
        yield settings, Ledger.open(settings.ledger_folder), casebook
    finally:
        casebook.close()


@contextmanager
def _deciding(context: typer.Context) -> Iterator[tuple[Ledger, Casebook]]:
    """The stores for a decision; afterwards a graph that runs is brought up to the casebook."""
    with _stores(context) as (settings, ledger, casebook), writing(settings):
        yield ledger, casebook
        with graph_if_running(settings) as graph:
            if graph is not None and graph.meta() is not None:
                from app.projection import Publisher

                Publisher(casebook, graph)()


def _portraits(
    ledger: Ledger, casebook: Casebook, first: str | None, last: str | None, card: Path | None
) -> "Portraits":
    # Imported here, like detection: the statistics take longer to import than most commands take to run.
    from app.supervision.portraits import portray, usual_period
    from app.supervision.scorecard import scorecard_on

    begins, ends = usual_period(ledger, _day(first, "--from"), _day(last, "--to"))
    return portray(ledger, casebook, scorecard_on(ends, card), begins, ends)


def list_portraits(
    context: typer.Context,
    first: From = None,
    last: To = None,
    role: Role = None,
    scorecard: Card = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List enterprises with score and points of each group, the lowest score first."""
    from app.supervision.portraits import ranked

    with _stores(context) as (_, ledger, casebook):
        portraits = _portraits(ledger, casebook, first, last, scorecard)
        rows, count = ranked(portraits, role)
    if as_json:
        print_json({"data": rows[:limit], "count": count})
        return
    columns = "code", "name", "role", "score", "sales"
    print_table(columns, ([row[name] for name in columns] for row in rows[:limit]))
    say(f"{count} enterprises, {min(limit, count)} shown.")


def show(
    context: typer.Context,
    code: Code,
    first: From = None,
    last: To = None,
    scorecard: Card = None,
    as_json: AsJson = False,
) -> None:
    """Show the portrait of an enterprise: every indicator of every role, and its score."""
    with _stores(context) as (_, ledger, casebook):
        portrait = _portraits(ledger, casebook, first, last, scorecard).one(code)
    if as_json:
        print_json(portrait)
        return
    say(f"{portrait['code']} {portrait['name'] or ''}, {portrait['from']} to {portrait['to']}")
    for row in portrait["roles"]:
        say(f"\nAs {row['role']}: {row['score']:.2f} of 100, among {row['peers']} peers.")
        columns = (
            "indicator",
            "value",
            "counted",
            "denominator",
            "low",
            "high",
            "percentile",
            "weight",
            "points",
        )
        print_table(
            (*columns, ""),
            (
                [*(one[name] for name in columns), "" if one["enough"] else "too little data"]
                for one in row["indicators"]
            ),
        )


def facts(
    context: typer.Context,
    code: Code,
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="An indicator, as `show` lists it.")],
    first: From = None,
    last: To = None,
    role: Role = None,
    scorecard: Card = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Take an indicator apart: the documents that it is counted from, those that count first."""
    from app.supervision.facts import facts_of

    with _stores(context) as (_, ledger, casebook):
        portraits = _portraits(ledger, casebook, first, last, scorecard)
        told = facts_of(ledger, portraits, code, indicator, role=role, limit=limit)
    if as_json:
        print_json(told)
        return
    columns = "kind", "id", "day", "counts", "detail"
    print_table(columns, ([row[name] for name in columns] for row in told["data"]))
    say(f"{told['counted']} of {told['total']} count, {len(told['data'])} shown; as {told['role']}.")


def page(
    context: typer.Context,
    code: Code,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The page to write, an .html file.")],
    first: From = None,
    last: To = None,
    on: On = None,
    scorecard: Card = None,
) -> None:
    """Write the portrait of an enterprise as a page to print, with its radar and its history."""
    from app.supervision.pages import portrait_page

    with _stores(context) as (_, ledger, casebook):
        portraits = _portraits(ledger, casebook, first, last, scorecard)
        text = portrait_page(portraits, casebook, code, _on(on))
    out.write_text(text, "utf-8")
    say(f"The portrait of {code} is in {out}.")


def export(
    context: typer.Context,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; it must not be there yet, or be empty.")
    ],
    first: From = None,
    last: To = None,
    on: On = None,
    scorecard: Card = None,
) -> None:
    """Write a page for every enterprise: CODE.html."""
    from app.supervision.pages import export_pages

    with _stores(context) as (_, ledger, casebook):
        portraits = _portraits(ledger, casebook, first, last, scorecard)
        count = export_pages(portraits, casebook, out, _on(on))
    say(f"{count} portraits written to {out}.")


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of scorecards.")],
) -> None:
    """Check a scorecard: refused as a whole with line, column and reason, or fine."""
    from app.supervision.scorecard import read_scorecards

    versions = read_scorecards(file).versions
    told = ", ".join(f"{card.version} from {card.holds_from}" for card in versions)
    say(f"{file} is a scorecard: {told}.")


def show_scorecard(on: On = None, scorecard: Card = None, as_json: AsJson = False) -> None:
    """Show the scorecard that holds on a day: bands, points and weights."""
    from app.supervision.indicators import ROLES
    from app.supervision.scorecard import scorecard_on

    card = scorecard_on(_on(on), scorecard)
    if as_json:
        print_json(card.model_dump(mode="json", by_alias=True))
        return
    bands = ", ".join(f"{band.letter} {band.lower:g} to {band.upper:g}" for band in card.bands)
    say(f"Scorecard {card.version}, from {card.holds_from}. {bands}; hysteresis {card.hysteresis:g}.\n")
    rows = []
    for name, one in card.indicators.items():
        scale = " ".join(f"{at:g}→{points:g}" for at, points in one.scale)
        weights = [card.weights[role].get(name, "") for role in ROLES]
        rows.append([name, one.direction, one.by, one.minimum, scale, *weights])
    print_table(("indicator", "direction", "by", "minimum", "scale", *ROLES), rows)


def rate(
    context: typer.Context,
    by: By,
    first: Annotated[str, typer.Option("--from", help="First day of the period.")],
    last: Annotated[str, typer.Option("--to", help="Last day of the period.")],
    on: On = None,
    scorecard: Card = None,
    as_json: AsJson = False,
) -> None:
    """Rate every enterprise: same inputs, same classes. Ends the emergency adjustments made before."""
    from app.supervision import classes

    begins, ends = _day(first, "--from"), _day(last, "--to")
    assert begins is not None
    assert ends is not None
    with _deciding(context) as (ledger, casebook):
        report = classes.rate(
            ledger, casebook, on=_decided(on), first=begins, last=ends, by=by, scorecard=scorecard
        )
    if as_json:
        print_json(asdict(report))
        return
    counts = ", ".join(f"{count} {letter}" for letter, count in report.classes.items())
    say(
        f"Rated {report.enterprises} enterprises on {report.on}: {counts}; {len(report.raised)} raised, "
        f"{len(report.lowered)} lowered{'; this rating was there already' if report.known else ''}."
    )


def list_classes(
    context: typer.Context,
    on: On = None,
    letter: Annotated[str | None, typer.Option("--class", help="Only of this class: A, B, C or D.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the class that each enterprise has on a day, and where it comes from."""
    from app.supervision.class_history import classes_on, letter_of

    with _stores(context) as (_, _ledger, casebook):
        rows = classes_on(casebook, _on(on), None if letter is None else letter_of(letter))
    if as_json:
        print_json({"data": rows[:limit], "count": len(rows)})
        return
    columns = "code", "class", "source", "score", "since", "until"
    print_table(columns, ([row[name] for name in columns] for row in rows[:limit]))
    say(f"{len(rows)} enterprises, {min(limit, len(rows))} shown.")


def show_class(context: typer.Context, code: Code, on: On = None, as_json: AsJson = False) -> None:
    """Show the class of an enterprise on a day, and all that was ever decided about it."""
    from app.supervision.class_history import history_of
    from app.supervision.emergency import firm

    with _stores(context) as (_, ledger, casebook):
        told = history_of(casebook, firm(ledger, code), _on(on))
    if as_json:
        print_json(told)
        return
    state = told["state"]
    say(
        f"{told['code']} on {told['on']}: "
        + (f"{state['class']} by {state['source']}" if state else "no class")
    )
    columns = "on_day", "class", "score", "why", "rated_by"
    print_table(columns, ([row[name] for name in columns] for row in told["ratings"]))
    columns_of = "since", "until", "class", "event", "reason", "by", "in_force", "ended_on", "ended_why"
    say()
    print_table(columns_of, ([row[name] for name in columns_of] for row in told["adjustments"]))


def adjust(
    context: typer.Context,
    code: Code,
    by: By,
    to: Annotated[str, typer.Option("--to", help="The class: A, B, C or D.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    evidence: Annotated[
        list[str], typer.Option("--evidence", help="Id of a finding, sale or external row; may be repeated.")
    ],
    until: Annotated[str, typer.Option("--until", help="Last day on which it holds.")],
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Set the class of an enterprise at once; it ends on its expiry or with the next regular rating."""
    from app.supervision import emergency

    ends = _day(until, "--until")
    assert ends is not None
    with _deciding(context) as (ledger, casebook):
        row = emergency.adjust(
            ledger, casebook, code, to, on=_decided(on), until=ends, reason=reason, evidence=evidence, by=by
        )
    if as_json:
        print_json({name: row[name] for name in ("id", "code", "since", "until")} | {"class": row["letter"]})
    else:
        say(f"{row['code']} is {row['letter']} from {row['since']} until {row['until']} ({row['id']}).")


def end(
    context: typer.Context,
    code: Code,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """End the emergency adjustments of an enterprise that hold on a day."""
    from app.supervision import emergency

    with _deciding(context) as (ledger, casebook):
        code = emergency.firm(ledger, code)
        ended = emergency.end(casebook, code, on=_decided(on), by=by, reason=reason)
    if as_json:
        print_json({"code": code, "ended": ended})
    else:
        say(f"{len(ended)} adjustments of {code} ended.")


def events(
    context: typer.Context,
    on: On = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="A table of events of your own, for trying.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Adjust whoever an event of the table happened to by a day; repeating it changes nothing."""
    from app.supervision import emergency

    with _deciding(context) as (ledger, casebook):
        told = emergency.apply_events(ledger, casebook, on=_decided(on), table=table)
    if as_json:
        print_json(told)
        return
    columns = "code", "class", "event", "until", "reason"
    print_table(columns, ([row[name] for name in columns] for row in told["applied"]))
    say(f"{len(told['applied'])} enterprises adjusted, by table {told['version']}.")
