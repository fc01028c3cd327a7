"""Commands about assessments: assess, list, show, replay, release, refresh."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import need_data, print_json, print_table, say, settings_of
from app.cli.look import AsJson
from app.errors import NotFoundError

assessments_app = typer.Typer(
    help="Declarations before their release: which lane, why, and the quota that they reserve.",
    rich_markup_mode=None,
)
Identity = Annotated[str, typer.Argument(metavar="ID", help="Id of the assessment, as `list` lists it.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command, name in (
        (assess, "assess"),
        (list_assessments, "list"),
        (show, "show"),
        (replay, "replay"),
        (release, "release"),
        (refresh, "refresh"),
    ):
        assessments_app.command(name)(command)
    app.add_typer(assessments_app, name="assessments")


def assess(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The declaration, as POST /v1/assessments takes it; - is standard input."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Assess one declaration: its lane, the rules and facts that decided it, and the quota after it."""
    from app.assessment.declaration import read_declaration
    from app.assessment.desk import Desk
    from loaders.contract.keys import Keys

    settings = settings_of(context)
    need_data(settings)
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFoundError(f"There is no file {file}.") from error
    declaration = read_declaration(body, Keys.open(settings.key_file))
    desk = Desk(settings, lambda: datetime.now(UTC))
    try:
        answer = desk.assess(declaration, datetime.now(UTC))
    finally:
        desk.close()
    _tell(answer, as_json)


def list_assessments(
    context: typer.Context,
    sale: Annotated[str | None, typer.Option("--sale", help="Only of this sale (ebpCode|orderNo).")] = None,
    lane: Annotated[str | None, typer.Option("--lane", help="Only in this lane.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Most rows to list.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List assessments, the newest first."""
    from app.assessment.kept import assessments

    rows, count = assessments(_casebook(context), sale=sale, lane=lane, limit=limit)
    if as_json:
        print_json({"data": rows, "count": count})
        return
    names = ("id", "sale_id", "number", "at", "lane", "ledger_version")
    print_table(names, ([row[name] for name in names] for row in rows))
    say(f"{count} assessments.")


def show(context: typer.Context, identity: Identity, as_json: AsJson = False) -> None:
    """Show one assessment: what was answered, why, and what became of the quota that it reserved."""
    from app.assessment.kept import assessment

    _tell(assessment(_casebook(context), identity), as_json)


def replay(context: typer.Context, identity: Identity, as_json: AsJson = False) -> None:
    """Work an assessment out once more from what it was made from, and tell every difference."""
    from app.assessment.kept import replay as work_again

    settings = settings_of(context)
    told = work_again(_casebook(context), identity, settings.data / "work")
    if as_json:
        print_json(told)
        return
    if told["same"]:
        say(f"{identity}: the same, {told['lane']}.")
        return
    say(f"{identity}: {told['lane']} was answered, {told['replayed_lane']} comes out now.")
    names = ("where", "answered", "replayed")
    print_table(names, ([str(row[name]) for name in names] for row in told["differences"]))


def release(
    context: typer.Context,
    identity: Identity,
    by: Annotated[str, typer.Option("--by", help="Who gives it free: kept with the assessment.")],
    why: Annotated[str, typer.Option("--why", help="Why: kept with the assessment.")],
    as_json: AsJson = False,
) -> None:
    """Give the quota free that an assessment reserves, before its time."""
    from app.assessment.kept import release as give_free

    told = give_free(_casebook(context), identity, by=by, why=why, at=datetime.now(UTC))
    if as_json:
        print_json(told)
        return
    say(f"{identity}: {told['reservation']['amount']} CNY are free.")


def refresh(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring what assessments look up to the ledger and the casebook, and drop reservations that fell away."""
    from app.assessment.upkeep import run_once
    from loaders.ledger.ledger import Ledger

    settings = settings_of(context)
    need_data(settings)
    report = run_once(settings, Ledger.open(settings.ledger_folder), datetime.now(UTC))
    if as_json:
        print_json(asdict(report))
        return
    say(
        f"Assessments see ledger version {report.ledger_version} ({report.sales} sales written) and casebook "
        f"{report.casebook_seq}; {report.fallen} reservations fell away, {report.replayed} answers of the "
        "journal were handed over."
    )


def _casebook(context: typer.Context) -> Casebook:
    settings = settings_of(context)
    need_data(settings)
    return Casebook.open(settings.casebook_address)


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    say(f"{answer['id']}: {answer['sale_id']} → {answer['lane']}.")
    for row in answer["reasons"]:
        say(f"  {row['lane']}: {row['reason']['en']}")
    quota = answer["quota"]
    if quota is not None:
        say(
            f"Quota of {quota['year']}: {quota['used']} of {quota['limit']} CNY used with this sale, "
            f"{quota['left_at_most']} left at most; {quota['reserved']} reserved for it."
        )
    if answer["fallback"]:
        say(f"Without {', '.join(answer['fallback'])}: this is a fallback.")
