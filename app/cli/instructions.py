"""Commands of control instructions, and of what goes out."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import opened_casebook, print_json, print_table, say
from app.cli.look import AsJson
from app.errors import BadInputError
from app.local_time import LOCAL

instructions_app = typer.Typer(help="Control instructions, which act on clearance.", rich_markup_mode=None)
outbox_app = typer.Typer(help="What goes out: instructions and warnings.", rich_markup_mode=None)

Identity = Annotated[str, typer.Argument(metavar="ID", help="Id of the instruction (CI-2026-00001).")]
By = Annotated[str, typer.Option("--by", help="Who does it: the number of a member of staff.")]
Why = Annotated[str, typer.Option("--why", help="The reason, without any number of a person.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for name, command in (
        ("draft", draft),
        ("approve", approve),
        ("issue", issue),
        ("acknowledge", acknowledge),
        ("withdraw", withdraw),
        ("expire", expire),
        ("list", list_instructions),
        ("show", show),
    ):
        instructions_app.command(name)(command)
    outbox_app.command("deliver")(deliver)
    outbox_app.command("status")(status)
    app.add_typer(instructions_app, name="instructions")
    app.add_typer(outbox_app, name="outbox")


def draft(
    context: typer.Context,
    until: Annotated[
        str, typer.Option("--to", help="Until when: a day (its end), or a time like 2026-07-01T10:30.")
    ],
    by: By,
    action: Annotated[
        str | None,
        typer.Option(
            help="release, machine review, manual review, machine inspection, physical inspection or hold."
        ),
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="Share of the declarations that take the lane, 0 to 1; all.")
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(help="platform, merchant, agent, consumer, address or goods, a colon, and its key."),
    ] = None,
    finding: Annotated[
        str | None, typer.Option("--finding", help="From this finding: scope and reason are its own.")
    ] = None,
    by_class: Annotated[
        bool,
        typer.Option("--class", help="From the class of the enterprise: lane, rate and reason are its."),
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", help="From when: a day or a time; now where left out.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, without any number of a person.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draft an instruction. Nothing holds before another person has approved it and it was issued."""
    from app.supervision.instruction_drafts import Wanted
    from app.supervision.instruction_drafts import draft as keep

    at = datetime.now(UTC)
    kind, _, key = (scope or "").partition(":")
    if scope is not None and not key:
        raise BadInputError("--scope takes a kind and a key, such as platform:4401968001.")
    wanted = Wanted(
        starts=at if since is None else _time(since, "--from", time()),
        ends=_time(until, "--to", None),
        action=action,
        rate=rate,
        scope_kind=kind or None,
        scope_key=key or None,
        reason=reason,
    )
    with opened_casebook(context) as (settings, book):
        one = keep(book, wanted, by=by, at=at, finding=finding, by_class=by_class, measures=settings.measures)
        _tell(book, one.id, as_json)


def approve(context: typer.Context, identity: Identity, by: By, why: Why, as_json: AsJson = False) -> None:
    """Approve a draft of another person."""
    from app.supervision import instructions as orders

    with opened_casebook(context) as (_, book):
        _tell(book, orders.approve(book, identity, by=by, why=why, at=datetime.now(UTC)).id, as_json)


def issue(context: typer.Context, identity: Identity, by: By, why: Why, as_json: AsJson = False) -> None:
    """Issue what was approved: in force at once, and on its way to the clearance system."""
    from app.supervision import instructions as orders

    with opened_casebook(context) as (_, book):
        _tell(book, orders.issue(book, identity, by=by, why=why, at=datetime.now(UTC)).id, as_json)


def acknowledge(
    context: typer.Context,
    identity: Identity,
    by: By,
    of: Annotated[str, typer.Option(help="What is answered: issue or withdrawal.")] = "issue",
    refused: Annotated[bool, typer.Option("--refused", help="The receiver refuses; say why.")] = False,
    why: Annotated[str, typer.Option("--why", help="The receiver's reason.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep what the receiver answered, where it came another way than over the API or as a file."""
    from app.supervision import instructions as orders

    with opened_casebook(context) as (_, book):
        at = datetime.now(UTC)
        one = orders.answer(book, identity, of, accepted=not refused, by=by, why=why, at=at)
        _tell(book, one.id, as_json)


def withdraw(
    context: typer.Context,
    identity: Identity,
    by: By,
    why: Why,
    expected: Annotated[
        str, typer.Option("--expected", help="The state that it is in: another one by now is refused.")
    ],
    as_json: AsJson = False,
) -> None:
    """Withdraw an instruction; the clearance system is told where it was issued."""
    from app.supervision import instructions as orders

    with opened_casebook(context) as (_, book):
        at = datetime.now(UTC)
        one = orders.withdraw(book, identity, expected=expected, by=by, why=why, at=at)
        _tell(book, one.id, as_json)


def expire(context: typer.Context, as_json: AsJson = False) -> None:
    """Expire what has ended. `outbox deliver` and the service do it, too."""
    from app.supervision import instructions as orders

    with opened_casebook(context) as (_, book):
        ids = orders.expire(book, datetime.now(UTC))
    print_json(ids) if as_json else say(f"{len(ids)} instructions expired.")


def list_instructions(
    context: typer.Context,
    state: Annotated[
        str | None,
        typer.Option(help="drafted, approved, issued, acknowledged, refused, withdrawn or expired."),
    ] = None,
    in_force: Annotated[bool, typer.Option("--in-force", help="Only those in force now.")] = False,
    as_json: AsJson = False,
) -> None:
    """List instructions, the newest first."""
    from app.supervision import instructions as orders

    now = datetime.now(UTC)
    with opened_casebook(context) as (_, book):
        rows = [one for one in orders.instructions(book, state=state) if not in_force or one.holds(now)]
    if as_json:
        print_json([one.as_dict() for one in rows])
        return
    print_table(
        ("id", "state", "about", "action", "rate", "from", "to", "reason"),
        (
            (
                *(one.id, one.state, one.subject, one.action, one.rate),
                *(_local(one.starts), _local(one.ends), one.reason),
            )
            for one in rows
        ),
    )
    say(f"{len(rows)} instructions.")


def show(context: typer.Context, identity: Identity, as_json: AsJson = False) -> None:
    """Show one instruction with everything that was done with it."""
    with opened_casebook(context) as (_, book):
        _tell(book, identity, as_json)


def deliver(context: typer.Context, as_json: AsJson = False) -> None:
    """Deliver once what waits: expire instructions, put in new warnings, send, take what came back."""
    from app.clues.outgoing import run_once

    with opened_casebook(context) as (settings, book):
        told = run_once(settings, book, lambda: datetime.now(UTC)).as_dict()
    if as_json:
        print_json(told)
        return
    say(
        f"{told['delivered']} messages delivered, {told['refused']} refused, "
        f"{told['failed']} attempts failed; {told['warnings']} warnings put in, "
        f"{told['answers']} answers taken, {told['unusable']} of no use, "
        f"{told['expired']} instructions expired."
    )


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """How many messages wait, were delivered, refused or dropped, by channel, and which channels fail."""
    from app.clues.outgoing import outbox_status

    with opened_casebook(context) as (settings, book):
        rows = outbox_status(settings, book)
    if as_json:
        print_json(rows)
        return
    names = ("channel", "configured", "waiting", "delivered", "refused", "dropped", "oldest", "failing_since")
    print_table((*names, "last_error"), ([row[name] for name in (*names, "last_error")] for row in rows))


def _tell(book: Casebook, identity: str, as_json: bool) -> None:
    from app.supervision import instructions as orders

    one, history = orders.instruction(book, identity)
    if as_json:
        print_json({**one.as_dict(), "history": history})
        return
    say(
        f"{one.id} is {one.state}: {one.action} for {one.rate:%} of {one.subject} "
        f"from {_local(one.starts)} to {_local(one.ends)}."
    )
    say(one.reason)
    rows: list[list[Any]] = [[row[name] for name in ("at", "change", "by", "why")] for row in history]
    print_table(("at", "change", "by", "why"), rows)


def _local(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _time(text: str, option: str, at: time | None) -> datetime:
    """A time, in Shanghai where no zone is given; of a day `at`, or where that is None its end."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return datetime.combine(day if at is not None else day + timedelta(1), time(), LOCAL)
        given = datetime.fromisoformat(text)
        return given if given.tzinfo is not None else given.replace(tzinfo=LOCAL)
    except (ValueError, OverflowError):
        raise BadInputError(f"{option} takes a day, or a time like 2026-07-01T10:30.") from None
