"""Commands about referrals to the payment authority: draw, list, show, export, take, replies."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of
from app.cli.look import AsJson
from app.cli.make import load
from app.errors import BadInputError
from app.local_time import today
from app.settings import Settings
from loaders.contract.keys import Keys
from loaders.ledger.ledger import Ledger

referrals_app = typer.Typer(
    help="Payments that the payment authority is asked to verify, and what it replied.", rich_markup_mode=None
)
Reference = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="Reference of the referral, as `referrals list` lists it.")
]
By = Annotated[str, typer.Option("--by", help="Who does it: kept with the referral.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command, name in (
        (draw, "draw"),
        (list_referrals, "list"),
        (show, "show"),
        (export, "export"),
        (take, "take"),
        (replies, "replies"),
    ):
        referrals_app.command(name)(command)
    app.add_typer(referrals_app, name="referrals")


def draw(
    context: typer.Context,
    by: By,
    since: Annotated[str, typer.Option("--from", help="First day of payment (2024-06-01).")],
    until: Annotated[str, typer.Option("--to", help="Last day of payment.")],
    company: Annotated[
        str | None, typer.Argument(metavar="[COMPANY]", help="Code of the payment company.")
    ] = None,
    finding: Annotated[
        str | None, typer.Option("--finding", help="Id of a finding about the company, instead of its code.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every payment of the period, no sample.")
    ] = False,
    half_width: Annotated[
        float | None,
        typer.Option("--half-width", help="Half-width of the interval that the sample aims at (0.05: ±5 %)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a referral: a stratified sample of a company's payments, or all, under a reference of its own."""
    from app.supervision.referrals import draw as draw_referral
    from app.supervision.referrals import named_company, referral

    _, ledger, book = _stores(context)
    reference = draw_referral(
        ledger,
        book,
        named_company(book, company, finding),
        _day(since),
        _day(until),
        by=by,
        at=datetime.now(UTC),
        everything=everything,
        half_width=half_width,
        finding=finding,
    )
    head = referral(book, reference)
    if as_json:
        print_json(head)
        return
    say(
        f"{reference}: {head['asked']} of {head['population']} payments of {head['company']}, "
        f"due {head['due']}."
    )
    say(head["argument"])
    if head["without_number"]:
        say(f"{head['without_number']} payments have no number that could be asked about.")


def list_referrals(context: typer.Context, as_json: AsJson = False) -> None:
    """List referrals, the newest first: asked, answered, open, overdue, and the estimated refuted share."""
    from app.supervision.referral_answers import progress

    _, ledger, book = _stores(context)
    rows = progress(ledger, book, today())
    if as_json:
        print_json(rows)
        return
    names = ("id", "company", "since", "until", "due", "status", "asked", "answered", "open", "overdue")
    print_table((*names, "refuted"), ([*(row[name] for name in names), _share(row)] for row in rows))
    say(f"{len(rows)} referrals.")


def show(context: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Show one referral: why so many, strata, exports, answers, and every payment with its state."""
    from app.supervision.referral_answers import items_with_answers, progress

    _, ledger, book = _stores(context)
    (head,) = progress(ledger, book, today(), reference)
    items = items_with_answers(ledger, book, reference)
    if as_json:
        print_json({**head, "items": items})
        return
    say(
        f"{head['id']}: payments of {head['company']} from {head['since']} to {head['until']}, "
        f"{head['status']}."
    )
    say(head["argument"])
    say(f"Drawn by {head['drawn_by']} at {head['drawn_at']}, due {head['due']}.")
    for one in head["exports"]:
        say(f"Exported by {one['by']} at {one['at']} (SHA-256 {one['sha256']}).")
    results = ", ".join(f"{name} {count}" for name, count in head["results"].items())
    say(
        f"Answered {head['answered']} ({results or 'nothing'}), open {head['open']}, "
        f"overdue {head['overdue']}."
    )
    say(f"Refuted share of all {head['population']} payments: {_share(head) or 'not known yet'}.")
    columns = ("number", "sale", "pay_number", "clearing_number", "ver_dept", "stratum", "state")
    print_table(columns, ([item[name] for name in columns] for item in items))


def export(
    context: typer.Context,
    reference: Reference,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; it must not be there yet, or be empty.")
    ],
    by: By,
    again: Annotated[
        bool, typer.Option("--again", help="A second copy, where the first was lost; it is noted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a referral as CSV, XLSX and JSON for the payment authority, once."""
    from app.supervision.referral_export import export_referral

    _, ledger, book = _stores(context)
    manifest = export_referral(ledger, book, reference, out, by=by, at=datetime.now(UTC), again=again)
    if as_json:
        print_json(manifest)
    else:
        say(
            f"{manifest['asked']} payments written to {out}: accounts of payees are in it, "
            "for the payment authority alone."
        )


def take(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File of replies (payment_verifications).")],
    as_json: AsJson = False,
) -> None:
    """Check a file of replies against the referrals and load it: as a whole, or not at all."""
    from app.supervision.referral_file import check_replies

    settings, ledger, book = _stores(context)
    if not path.is_file():
        raise BadInputError(f"There is no file {path}.")
    check_replies(path, ledger, book, Keys.open(settings.key_file, create=False), today=today())
    load(context, [path], as_json)


def replies(
    context: typer.Context,
    unmatched: Annotated[
        bool,
        typer.Option("--unmatched", help="Only those that answer no referral, or about an unknown payment."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the authority's replies: what each answers, and those about payments that are not known yet."""
    from app.supervision.referral_answers import answers

    _, ledger, book = _stores(context)
    rows = answers(ledger, book).replies
    if unmatched:
        rows = [row for row in rows if not row["answers"] or row["payment"] != "known"]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "company", "result", "replied_at", "payment", "names")
    told = [", ".join(f"{one['referral']}/{one['number']}" for one in row["answers"]) for row in rows]
    cells = ([*(row[name] for name in columns), text] for row, text in zip(rows, told, strict=True))
    print_table((*columns, "answers"), cells)
    waiting = sum(row["payment"] != "known" for row in rows)
    say(f"{len(rows)} replies, {waiting} about payments that are not known yet.")


def _stores(context: typer.Context) -> tuple[Settings, Ledger, Casebook]:
    settings = settings_of(context)
    need_data(settings)
    return settings, Ledger.open(settings.ledger_folder), Casebook.open(settings.casebook_address)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{text!r} is no day: give one like 2024-06-30.") from None


def _share(row: dict[str, Any]) -> str:
    sure = row["estimate"]
    if sure["share"] is None:
        return ""
    part = "" if sure["covered"] == 1 else f", for {sure['covered']:.0%} of them"
    return f"{sure['share']:.1%} ({sure['low']:.1%} to {sure['high']:.1%}{part})"
