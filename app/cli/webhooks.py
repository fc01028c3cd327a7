"""Commands about subscriptions to warnings."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from app.cli.console import opened_casebook, print_json, print_table, say
from app.cli.instructions import By, Why
from app.cli.look import AsJson
from app.errors import UnavailableError

webhooks_app = typer.Typer(help="Subscriptions to warnings, told by signed POSTs.", rich_markup_mode=None)

Identity = Annotated[str, typer.Argument(metavar="ID", help="Id of the subscription.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for name, command in (
        ("add", add),
        ("list", list_webhooks),
        ("show", show),
        ("remove", remove),
        ("resume", resume),
        ("test", try_webhook),
    ):
        webhooks_app.command(name)(command)
    app.add_typer(webhooks_app, name="webhooks")


def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="http or https address of the receiver.")],
    by: By,
    severity: Annotated[
        str | None, typer.Option(help="info, low, medium, high or critical: this one or graver.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only warnings of this rule.")] = None,
    as_json: AsJson = False,
) -> None:
    """Subscribe an address to the warnings to come. Its secret is printed this once."""
    from app.clues import webhooks

    with opened_casebook(context) as (settings, book):
        at = datetime.now(UTC)
        row, secret = webhooks.add(settings, book, address, severity=severity, rule=rule, by=by, at=at)
    if as_json:
        print_json({**row, "secret": secret})
        return
    say(f"{row['id']} is told of warnings from now on. Its secret, which is not shown again:")
    say(secret)


def list_webhooks(context: typer.Context, as_json: AsJson = False) -> None:
    """List subscriptions, and how they fare."""
    from app.clues import webhooks

    with opened_casebook(context) as (_, book):
        rows = webhooks.webhooks(book)
    if as_json:
        print_json(rows)
        return
    names = ("id", "state", "address", "severity", "rule", "waiting", "failing_since", "last_error")
    print_table(names, ([row[name] for name in names] for row in rows))
    say(f"{len(rows)} webhooks.")


def show(context: typer.Context, identity: Identity, as_json: AsJson = False) -> None:
    """Show one subscription with what was done with it."""
    from app.clues import webhooks

    with opened_casebook(context) as (_, book):
        _tell(webhooks.webhook(book, identity), as_json)


def remove(context: typer.Context, identity: Identity, by: By, why: Why) -> None:
    """End a subscription: what waits for it is dropped, its secret deleted."""
    from app.clues import webhooks

    with opened_casebook(context) as (settings, book):
        webhooks.remove(settings, book, identity, by=by, why=why, at=datetime.now(UTC))
    say(f"{identity} is removed.")


def resume(context: typer.Context, identity: Identity, by: By, why: Why, as_json: AsJson = False) -> None:
    """Go on with a subscription that was given up, from where it stood."""
    from app.clues import webhooks

    with opened_casebook(context) as (_, book):
        _tell(webhooks.resume(book, identity, by=by, why=why, at=datetime.now(UTC)), as_json)


def try_webhook(context: typer.Context, identity: Identity, by: By) -> None:
    """Send one signed message of the type `test` at once."""
    from app.clues.outgoing import try_webhook as attempt

    with opened_casebook(context) as (settings, book):
        outcome = attempt(settings, book, identity, by=by, at=datetime.now(UTC))
    if outcome.kind != "delivered":
        raise UnavailableError(f"The receiver of {identity} did not take it: {outcome.error}.")
    say(f"The receiver of {identity} took it.")


def _tell(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    wanted = f"{row['severity'] or 'any severity'}, {row['rule'] or 'every rule'}"
    say(f"{row['id']} ({row['state']}): {row['address']}, {wanted}; {row['waiting']} warnings wait.")
    if row["failing_since"]:
        say(f"It fails since {row['failing_since']}: {row['last_error']}.")
    print_table(
        ("at", "change", "by", "why"),
        ([step[name] for name in ("at", "change", "by", "why")] for step in row["history"]),
    )
