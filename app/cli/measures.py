"""Commands of measures: the table in force, its effect, changes of rates, and the day's selection."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of
from app.cli.look import AsJson
from app.errors import BadInputError
from app.local_time import LOCAL, today
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

if TYPE_CHECKING:
    from app.supervision.effect import Effect

measures_app = typer.Typer(help="Measures that follow from classes.", rich_markup_mode=None)
selection_app = typer.Typer(help="The day's selection for inspection.", rich_markup_mode=None)

On = Annotated[str | None, typer.Option("--on", help="The day (2025-06-30); today.")]
From = Annotated[
    str | None, typer.Option("--from", help="First day of the inspections; a year before the last.")
]
To = Annotated[str | None, typer.Option("--to", help="Last day of the inspections; today.")]
By = Annotated[str, typer.Option("--by", help="Who asks or decides: the number of a member of staff.")]
Limit = Annotated[int, typer.Option(min=1, help="Most rows of the table; --json prints as many.")]
Selection = Annotated[
    str, typer.Argument(metavar="SELECTION", help="Id of a selection; see `selection list`.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for group, name, commands in (
        (measures_app, "measures", (show, check, required, effect, propose, proposals, decide)),
        (selection_app, "selection", (make, list_selections, show_selection, export)),
    ):
        for command in commands:
            group.command(command.__name__.partition("_")[0])(command)
        app.add_typer(group, name=name)


@contextmanager
def _stores(context: typer.Context) -> Iterator[tuple[Settings, Ledger, Casebook]]:
    settings = settings_of(context)
    need_data(settings)
    casebook = Casebook.open(settings.casebook_address)
    try:
        yield settings, Ledger.open(settings.ledger_folder), casebook
    finally:
        casebook.close()


def _day(text: str | None, what: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{what}: {text!r} is no day; write it as 2025-06-30.") from None


def _now() -> datetime:
    return datetime.now(LOCAL)


def show(
    context: typer.Context,
    on: On = None,
    table: Annotated[Path | None, typer.Option("--table", help="A table of your own, for trying.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the measures in force on a day: rates and required checks of each class, and accepted changes."""
    from app.supervision.measure_changes import in_force_on
    from app.supervision.measure_table import MEASURES
    from app.supervision.scorecard import CLASSES

    day = _day(on, "--on") or today()
    with _stores(context) as (settings, _, casebook), casebook.read() as connection:
        measures = in_force_on(connection, day, table or settings.measures)
    held = measures.table
    if as_json:
        print_json({**held.model_dump(mode="json"), "changes": measures.changes})
        return
    changes = ", ".join(measures.changes) or "none"
    say(f"Measures {held.version}, from {held.holds_from}; accepted changes: {changes}.\n")
    rows: list[list[Any]] = [["random", *(held.random.rate(name) for name in MEASURES), ""]]
    for letter in CLASSES:
        one = held.of(letter)
        rows.append([letter, *(one.rate(name) for name in MEASURES), ", ".join(one.checks)])
    print_table(("class", *MEASURES, "checks required"), rows)


def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="A table of measures.")]) -> None:
    """Check a table of measures: refused as a whole with line, column and reason, or fine."""
    from app.supervision.measure_table import read_measures

    told = ", ".join(f"{one.version} from {one.holds_from}" for one in read_measures(file).versions)
    say(f"{file} is a table of measures: {told}.")


def required(
    context: typer.Context,
    on: On = None,
    outstanding: Annotated[
        bool, typer.Option("--outstanding", help="Only platforms of which a check is outstanding.")
    ] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List platforms that sell with the checks that their class requires, and those outstanding."""
    from app.supervision.measure_changes import in_force_on
    from app.supervision.required_checks import required_checks

    day = _day(on, "--on") or today()
    with _stores(context) as (settings, ledger, casebook):
        with casebook.read() as connection:
            table = in_force_on(connection, day, settings.measures).table
        rows = required_checks(ledger, casebook, day, table)
    rows = [row for row in rows if row.outstanding or not outstanding]
    if as_json:
        print_json({"data": [row.as_dict() for row in rows[:limit]], "count": len(rows)})
        return
    print_table(
        ("code", "name", "class", "sales", "required", "outstanding"),
        (
            [row.code, row.name, row.letter, row.sales, len(row.required),
             ", ".join(f"{name} ({state})" for name, state in row.outstanding.items())]
            for row in rows[:limit]
        ),
    )  # fmt: skip
    say(f"{len(rows)} platforms, {min(limit, len(rows))} shown.")


def _effect(
    settings: Settings, ledger: Ledger, casebook: Casebook, first: str | None, last: str | None
) -> "Effect":
    from app.supervision.effect import effect
    from app.supervision.measure_changes import in_force_on

    ends = _day(last, "--to") or today()
    with casebook.read() as connection:
        table = in_force_on(connection, ends, settings.measures).table
    begins = _day(first, "--from") or ends - timedelta(days=364)
    return effect(ledger, casebook, first=begins, last=ends, table=table)


def effect(context: typer.Context, first: From = None, last: To = None, as_json: AsJson = False) -> None:
    """Show what inspections found, by class and measure: the random sample, and apart from it all others."""
    with _stores(context) as (settings, ledger, casebook):
        told = _effect(settings, ledger, casebook, first, last)
    if as_json:
        print_json(told.as_dict())
        return
    rows = []
    for row in told.rows:
        for reason, one in {"random": row.random, **row.others}.items():
            if one.inspections:
                rows.append(
                    [
                        row.letter,
                        row.measure,
                        reason,
                        one.inspections,
                        one.found,
                        f"{one.share:.1%}",
                        f"{one.low:.1%} to {one.high:.1%}",
                    ]
                )
    print_table(("class", "measure", "reason", "inspections", "found", "share", "interval"), rows)
    say(
        f"{told.first} to {told.last}. Only the random rows are a base rate. {told.without_sale} inspections "
        f"of no known sale; {told.otherwise} whose reason our selections tell otherwise."
    )


def propose(
    context: typer.Context, by: By, first: From = None, last: To = None, as_json: AsJson = False
) -> None:
    """Propose to raise or lower rates by what random inspections found; nothing is proposed twice."""
    from app.supervision import proposals as proposing

    with _stores(context) as (settings, ledger, casebook):
        told = _effect(settings, ledger, casebook, first, last)
        rows = proposing.propose(casebook, told, by=by, at=_now(), file=settings.measures)
    _print_proposals(rows, as_json)


def proposals(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", help="proposed, accepted, rejected or superseded.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every proposal there ever was, the newest first, with what a person decided."""
    from app.supervision import proposals as proposing

    with _stores(context) as (_, _ledger, casebook):
        rows = proposing.proposals(casebook, state)
    _print_proposals(rows, as_json)


def decide(
    context: typer.Context,
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="Id of an open proposal.")],
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="accept or reject.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why.")],
    since: Annotated[
        str | None, typer.Option("--from", help="First day of the accepted rate; today, or later.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Accept a proposal, which holds from a day on, or reject it; both are kept."""
    from app.supervision import proposals as proposing

    with _stores(context) as (settings, _, casebook):
        row = proposing.decide(
            casebook,
            proposal,
            decision,
            by=by,
            why=why,
            at=_now(),
            holds_from=_day(since, "--from"),
            file=settings.measures,
        )
    _print_proposals([row], as_json)


def _print_proposals(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = "id", "class", "measure", "rate_before", "rate_after", "state", "holds_from", "decided_by"
    print_table(columns, ([row[name] for name in columns] for row in rows))
    for row in rows:
        told = row["effect"]
        say(
            f"{row['id']}: {row['why']} In {told['days']} days {told['inspections']:+.1f} inspections "
            f"({told['inspections_low']:+.1f} to {told['inspections_high']:+.1f}), "
            f"{told['finds']:+.1f} finds ({told['finds_low']:+.1f} to {told['finds_high']:+.1f})."
        )


def make(
    context: typer.Context,
    by: By,
    on: Annotated[
        str | None, typer.Option("--on", help="Day of the declarations (2025-06-30); today.")
    ] = None,
    version: Annotated[int | None, typer.Option("--version", help="Ledger version; the latest.")] = None,
    seed: Annotated[
        str | None, typer.Option("--seed", help="Seed of the draw; that of the office, made from its key.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Select what is looked at of a day's declarations; once for each day, ledger version and seed."""
    from app.supervision.class_history import decision_day
    from app.supervision.drawing import office_seed
    from app.supervision.selections import make_selection, selection

    day = decision_day(_day(on, "--on") or today(), today())
    with _stores(context) as (settings, ledger, casebook):
        drawn = seed or office_seed(Keys.open(settings.key_file, create=False))
        made = make_selection(
            ledger,
            casebook,
            day=day,
            seed=drawn,
            by=by,
            at=_now(),
            version=version,
            table=settings.measures,
        )
        told = selection(casebook, made.id)
    if as_json:
        print_json({**asdict(made), **told})
        return
    known = " It was made before." if made.known else ""
    say(f"Selection {made.id}: {_counts(told)}{known}")


def _counts(told: dict[str, Any]) -> str:
    lanes = ", ".join(f"{count} {lane}" for lane, count in told["by_lane"].items())
    reasons = ", ".join(f"{count} {reason}" for reason, count in told["by_reason"].items())
    left = f"a ceiling left out {told['left_out']} ({told['risk_taken']:.1f} finds expected)"
    return (
        f"of {told['declared']} sales declared on {told['day']}: {lanes or 'none'} "
        f"({reasons or 'no reason'}), {told['expected']:.1f} finds expected; {left}."
    )


def list_selections(
    context: typer.Context,
    on: Annotated[str | None, typer.Option("--on", help="Only of this day; all.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the selections that were made, the newest day first."""
    from app.supervision.selections import selections

    with _stores(context) as (_, _ledger, casebook):
        rows, count = selections(casebook, _day(on, "--on"), limit=limit)
    if as_json:
        print_json({"data": rows, "count": count})
        return
    columns = "id", "day", "ledger_version", "declared", "selected", "left_out", "at", "made_by"
    print_table(columns, ([row[name] for name in columns] for row in rows))
    say(f"{count} selections, {len(rows)} shown.")


def show_selection(
    context: typer.Context,
    identity: Selection,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Only for this reason: random, instruction, clue or class_rate."),
    ] = None,
    left_out: Annotated[
        bool | None, typer.Option("--left-out/--selected", help="Only what a ceiling left out, or did not.")
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Show a selection: each sale with its lane, reason, class and risk, and what the risk is made of."""
    from app.supervision.selections import sales_of, selection

    with _stores(context) as (_, _ledger, casebook):
        told = selection(casebook, identity)
        rows, count = sales_of(casebook, identity, reason=reason, left_out=left_out, limit=limit)
    if as_json:
        print_json({**told, "data": rows, "count": count})
        return
    say(f"Selection {identity}: {_counts(told)}\n")
    columns = "number", "sale", "lane", "reason", "letter", "site", "chance", "left_out"
    table = ([row[name] for name in columns[:-2]] + [f"{row['chance']:.3f}", _why(row)] for row in rows)
    print_table((*columns[:-2], "chance", "why"), table)
    say(f"{count} rows, {len(rows)} shown.")


def _why(row: dict[str, Any]) -> str:
    """The three weightiest parts of a risk, and whether a ceiling left the sale out."""
    weighty = sorted(row["parts"], key=lambda part: -part["points"])[:3]
    told = ", ".join(f"{part['what']} {part['points']:+.1f}" for part in weighty if part["points"] > 0)
    return f"LEFT OUT; {told}" if row["left_out"] else told


def export(
    context: typer.Context,
    identity: Selection,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The CSV file to write, a new one.")],
) -> None:
    """Write what was selected as a CSV file for the clearance system, named as in `inspections`."""
    from app.supervision.selections import export_selection

    with _stores(context) as (_, _ledger, casebook):
        count = export_selection(casebook, identity, out)
    say(f"{count} rows of the selection are in {out}.")
